package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/store"

	"github.com/labstack/echo/v4"
)

const (
	// maxWebhook is Meta's own bound for a payload.
	maxWebhook = 3 << 20
	// usualWebhook holds nearly every payload: one message is a kilobyte.
	usualWebhook = 16 << 10
)

// challenge answers Meta's handshake. The request is unsigned by design.
func (s *Server) challenge(c echo.Context) error {
	answer, ok := whatsapp.VerifyChallenge(c.QueryParams(), s.Webhook().VerifyToken)
	if s.isOwnCheck(c) {
		return ownChallenge(c, answer, ok)
	}
	s.Doorman.Handshake(ok)
	if !ok {
		s.Log.Warn("handshake refused: the verify token in Meta's dashboard is not the one configured here", "stage", "webhook")
		return c.NoContent(http.StatusForbidden)
	}
	s.Log.Info("handshake accepted", "stage", "webhook")
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(answer))
}

// webhook takes one POST of Meta: verify, parse, put on disk, say 200, wake.
// There is no model, no call to Graph and no lock on the way.
func (s *Server) webhook(c echo.Context) error {
	body, status := readBody(c)
	if status != 0 {
		return c.NoContent(status)
	}
	set := s.Webhook()
	own := s.isOwnCheck(c)
	if len(set.AppSecrets) > 0 && !whatsapp.VerifySignature(set.AppSecrets, body, c.Request().Header.Get("X-Hub-Signature-256")) {
		if !own {
			s.Doorman.Refused()
		}
		return c.NoContent(http.StatusForbidden)
	}
	batch, err := whatsapp.Parse(body, set.PhoneNumberID)
	if err != nil {
		return c.NoContent(http.StatusBadRequest)
	}
	if !own {
		s.Doorman.Accepted(len(set.AppSecrets) > 0)
	}
	if err := s.accept(batch); err != nil {
		s.Log.Error("webhook could not be stored; Meta will send it again", "stage", "inbox", "error", err)
		return c.NoContent(http.StatusServiceUnavailable)
	}
	return c.JSONBlob(http.StatusOK, []byte(`{"status":"ok"}`))
}

// readBody reads the raw bytes, which alone the signature holds for. status is
// not 0 if the request ends here.
func readBody(c echo.Context) (body []byte, status int) {
	r := c.Request()
	if r.ContentLength > maxWebhook {
		c.Response().Header().Set("Connection", "close") // the rest is not read
		return nil, http.StatusRequestEntityTooLarge
	}
	// Room for what most webhooks are, and more as it comes: an announced length
	// alone, from anybody, takes no memory.
	var buffer bytes.Buffer
	buffer.Grow(int(min(max(r.ContentLength, 0), usualWebhook)) + bytes.MinRead)
	_, err := buffer.ReadFrom(http.MaxBytesReader(c.Response(), r.Body, maxWebhook))
	body = buffer.Bytes()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest // the caller hung up
	default:
		return body, 0
	}
}

// accept puts a batch on disk in one commit.
func (s *Server) accept(batch channel.Batch) error {
	events, err := inboxRows(batch.Messages, time.Now())
	if err != nil {
		return err
	}
	reports := reportsOf(batch.Statuses)
	if len(events) > 0 || len(reports) > 0 {
		fresh, err := s.Store.Accept(events, reports)
		if err != nil {
			return err
		}
		if fresh > 0 {
			s.Arrived()
			s.Log.Info("messages accepted", "stage", "inbox", "new", fresh, "received", len(events))
		} else if len(events) > 0 {
			s.Log.Info("messages were here before", "stage", "inbox", "received", len(events))
		}
		if len(reports) > 0 {
			s.Reported()
		}
	}
	s.recordOdd(batch)
	return nil
}

// inboxRows gives a message without a time, or with one to come, that of its
// arrival: the 24-hour window counts from it.
func inboxRows(messages []channel.Inbound, now time.Time) ([]store.Inbox, error) {
	rows := make([]store.Inbox, 0, len(messages))
	for _, m := range messages {
		if m.At.IsZero() || m.At.After(now) {
			m.At = now.UTC()
		}
		payload, err := json.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("keep message: %w", err)
		}
		rows = append(rows, store.Inbox{MessageID: m.ID, Kind: string(m.Kind), Treatment: string(m.Treatment), Payload: payload, At: store.At(m.At)})
	}
	return rows, nil
}

func reportsOf(statuses []channel.Status) []store.Report {
	reports := make([]store.Report, 0, len(statuses))
	for _, st := range statuses {
		r := store.Report{MessageID: st.MessageID, OutboxID: st.OutboxID, Delivery: string(st.Delivery), Rank: st.Delivery.Rank(), At: store.At(st.At)}
		if st.Pricing != nil {
			if b, err := json.Marshal(st.Pricing); err == nil {
				r.Pricing = string(b)
			}
		}
		if st.Delivery == channel.DeliveryFailed {
			r.Error = "WhatsApp did not deliver the message and did not say why."
			if len(st.Errors) > 0 {
				r.ErrorCode, r.Error = st.Errors[0].Code, whatsapp.ReasonFor(st.Errors[0])
				r.Again = whatsapp.Retryable(st.Errors[0].Code)
			}
		}
		reports = append(reports, r)
	}
	return reports
}

// recordOdd names what was not acted on, so that it is not lost silently.
func (s *Server) recordOdd(batch channel.Batch) {
	for _, o := range batch.Oddities {
		s.Store.Log(store.Event{Kind: store.EventSystem, Level: "warn", Stage: "webhook", Text: "not acted on: " + o.What}.With(o))
	}
	for _, e := range batch.Errors {
		s.Store.Log(store.Event{Kind: store.EventSystem, Level: "error", Stage: "webhook", Text: whatsapp.ReasonFor(e)}.With(e))
	}
}
