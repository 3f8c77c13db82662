package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
	"astromesh/web/static"
	"astromesh/web/view"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// exportCustomer hands out what is kept of one customer as a page to read: one
// file, which the owner passes on and the customer opens. What only a program
// reads is in exportCustomerData.
func (s *Server) exportCustomer(c echo.Context) error {
	id, all, err := s.customer(c)
	if err != nil {
		return err
	}
	style := templ.Raw("<style>" + static.Text("customer.css") + "</style>")
	var b bytes.Buffer
	if err := view.Customer(s.customerFile(c.Request().Context(), id, all), style).Render(c.Request().Context(), &b); err != nil {
		return fmt.Errorf("export customer: %w", err)
	}
	return s.exported(c, id, "html", echo.MIMETextHTMLCharsetUTF8, b.Bytes())
}

// exportCustomerData hands out all of it as JSON, with ids and traces.
func (s *Server) exportCustomerData(c echo.Context) error {
	id, all, err := s.customer(c)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("export customer: %w", err)
	}
	return s.exported(c, id, "json", "application/json; charset=utf-8", b)
}

func (s *Server) customer(c echo.Context) (int64, store.Customer, error) {
	id, err := chatID(c)
	if err != nil {
		return 0, store.Customer{}, err
	}
	all, err := s.Store.Customer(c.Request().Context(), id)
	return id, all, err
}

// exported sends a file. That it was asked for is recorded first.
func (s *Server) exported(c echo.Context, id int64, ext, kind string, b []byte) error {
	if err := s.audit(c, "customer exported", id); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", exportName(id, ext)))
	h.Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusOK, kind, b)
}

func exportName(id int64, ext string) string {
	return "customer-" + strconv.FormatInt(id, 10) + "." + ext
}

// customerFile puts everything in words. Ids and traces stay in the data.
func (s *Server) customerFile(ctx context.Context, id int64, all store.Customer) view.CustomerFile {
	k := store.Contact{Phone: all.Contact.Phone, UserID: all.Contact.UserID, Name: all.Contact.Name, Username: all.Contact.Username}
	who := customerOf(k)
	f := view.CustomerFile{
		Name: nameOf(k), Phone: who.Phone, UserID: who.UserID, Username: who.Username, Since: all.Contact.CreatedAt.Time(),
		Made: time.Now(), Data: exportName(id, "json"), Answers: len(all.Turns),
		Lines: exportedLines(all), Deliveries: exportedDeliveries(all),
	}
	for _, t := range all.Conversations {
		f.Threads = append(f.Threads, view.CustomerThread{
			Since: t.CreatedAt.Time(), LastIn: t.LastInboundAt.Time(), LastOut: t.LastOutboundAt.Time(), Agent: s.shownName(t.Agent),
			Received: t.InboundCount, Needs: t.NeedsPerson,
		})
	}
	for _, m := range all.Memory {
		f.Memory = append(f.Memory, view.CustomerMemory{At: m.At.Time(), Agent: s.shownName(m.Agent), Role: m.Role, Text: m.Content})
	}
	for _, k := range all.Kept {
		f.Memory = append(f.Memory, view.CustomerMemory{At: k.At.Time(), Agent: s.shownName(k.Agent), Role: "tool", Text: k.Name + ": " + k.Value})
	}
	for _, n := range all.Notes {
		f.Notes = append(f.Notes, view.ChatNote{By: n.User, Text: n.Text, At: n.At.Time()})
	}
	for _, h := range all.Guardrails {
		text := view.T(ctx, "log.hit_"+hitWord(h.Action), view.Entity(ctx, h.Entity), view.T(ctx, "guardrail.in_"+h.Direction))
		f.Hits = append(f.Hits, view.CustomerEntry{At: h.At.Time(), Text: text})
	}
	for _, e := range all.Events {
		f.Log = append(f.Log, view.CustomerEntry{At: e.At.Time(), Text: eventWords(ctx, e)})
	}
	return f
}

// exportedLines are the transcript, as the conversation's page shows it.
func exportedLines(all store.Customer) []view.ChatLine {
	out := map[string]store.OutRecord{}
	for _, o := range all.Deliveries {
		out[o.ID] = o
	}
	lines := make([]view.ChatLine, 0, len(all.Messages))
	for _, m := range all.Messages {
		l := store.Line{Message: store.Message{Author: m.Author, Kind: m.Kind, Text: m.Text, At: m.At}}
		if o, sent := out[m.OutboxID]; sent {
			l.OutboxID, l.State, l.Delivery = o.ID, o.State, o.Delivery
		}
		lines = append(lines, chatLine(l))
	}
	return lines
}

func exportedDeliveries(all store.Customer) []view.CustomerDelivery {
	steps := map[string][]view.CustomerStep{}
	for _, r := range all.Reports {
		tick := tickOf(store.Line{Delivery: r.Delivery})
		if channel.Delivery(r.Delivery) == channel.DeliveryFailed {
			tick = view.TickFailed
		}
		steps[r.MessageID] = append(steps[r.MessageID], view.CustomerStep{At: r.At.Time(), Tick: tick})
	}
	var list []view.CustomerDelivery
	for _, o := range all.Deliveries {
		d := view.CustomerDelivery{At: o.CreatedAt.Time(), Text: o.Text, Tick: tickOf(store.Line{State: o.State, Delivery: o.Delivery}), Why: o.Error}
		if o.MessageID != "" {
			d.Steps = steps[o.MessageID]
		}
		list = append(list, d)
	}
	return list
}
