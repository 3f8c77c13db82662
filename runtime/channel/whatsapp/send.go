package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"unicode/utf8"

	"astromesh/runtime/channel"
)

// Meta's limits of a text message.
const (
	maxTextCharacters = 4096
	maxCallbackData   = 512
	windowClosedCode  = 131047
)

// textMessage is the body of a send, in the order of Meta's pages.
type textMessage struct {
	Product       string `json:"messaging_product"`
	RecipientType string `json:"recipient_type"`
	To            string `json:"to,omitempty"`        // phone number, digits
	Recipient     string `json:"recipient,omitempty"` // user id; in "to" it would be accepted and never delivered
	Type          string `json:"type"`
	Text          struct {
		Body string `json:"body"`
	} `json:"text"`
	CallbackData string `json:"biz_opaque_callback_data,omitempty"`
}

// Send hands one text to Graph. An error is always a *channel.SendError. The
// 24-hour window is judged here and not earlier: a message may have waited.
func (c *Client) Send(ctx context.Context, out channel.Outbound) (channel.Receipt, error) {
	if !WindowOpen(out.LastInboundAt, c.config.Now()) {
		return channel.Receipt{}, &channel.SendError{
			Outcome: channel.WindowClosed, Code: windowClosedCode,
			Detail: "more than 24 hours since the customer last wrote", Reason: reasonForCode(windowClosedCode),
		}
	}
	body, failed := encodeText(out)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	answer, failed := c.post(ctx, out.Account, body)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	return readReceipt(answer)
}

func encodeText(out channel.Outbound) ([]byte, *channel.SendError) {
	length := utf8.RuneCountInString(out.Text)
	switch {
	case length == 0:
		return nil, refused("empty text", "The answer was empty, so nothing was sent.")
	case length > maxTextCharacters:
		return nil, refused("text longer than 4,096 characters", "The answer is longer than WhatsApp allows in one message, so it was not sent.")
	case out.To.Phone == "" && out.To.UserID == "":
		return nil, refused("no recipient", "It is not known where to send this: the customer has neither a number nor a user id.")
	case len(out.ID) > maxCallbackData:
		return nil, refused("outbox id longer than 512 characters", "The message has an unusable id. This is a fault of the program; please report it.")
	}
	message := textMessage{Product: "whatsapp", RecipientType: "individual", Type: "text", CallbackData: out.ID}
	if message.To = out.To.Phone; message.To == "" {
		message.Recipient = out.To.UserID
	}
	message.Text.Body = out.Text
	body, err := json.Marshal(message)
	if err != nil {
		return nil, refused(err.Error(), "The message could not be written as JSON. This is a fault of the program; please report it.")
	}
	return body, nil
}

// readReceipt reads the answer to an accepted message. Without a message id it
// is not certain that Graph, and not something in between, has answered.
func readReceipt(answer []byte) (channel.Receipt, error) {
	var receipt channel.Receipt
	if n, ok := readNode(answer); ok {
		for _, m := range n.get("messages").elements() {
			receipt.MessageID = firstOf(receipt.MessageID, m.get("id").text())
		}
		for _, contact := range n.get("contacts").elements() {
			receipt.Phone = firstOf(receipt.Phone, digitsOf(contact.get("wa_id").text()))
			receipt.UserID = firstOf(receipt.UserID, contact.get("user_id").text())
		}
	}
	if receipt.MessageID == "" {
		return receipt, &channel.SendError{Outcome: channel.Unknown, Status: http.StatusOK,
			Detail: "answer without a message id", Reason: reasonUnknown}
	}
	return receipt, nil
}

type readMessage struct {
	Product   string           `json:"messaging_product"`
	Status    string           `json:"status"`
	MessageID string           `json:"message_id"`
	Typing    *typingIndicator `json:"typing_indicator,omitempty"`
}

type typingIndicator struct {
	Type string `json:"type"`
}

// MarkRead shows the blue ticks for messageID and all before it and, if typing
// is set, the typing sign for 25 s. Meta has no way to show the sign alone. An
// error is always a *channel.SendError; an old or foreign id gives 131009, which
// is no reason to hold the answer back.
func (c *Client) MarkRead(ctx context.Context, account, messageID string, typing bool) error {
	message := readMessage{Product: "whatsapp", Status: "read", MessageID: messageID}
	if typing {
		message.Typing = &typingIndicator{Type: "text"}
	}
	body, err := json.Marshal(message)
	if err != nil {
		return refused(err.Error(), "The read receipt could not be written as JSON. This is a fault of the program; please report it.")
	}
	if _, failed := c.post(ctx, account, body); failed != nil {
		return failed
	}
	return nil
}

// post sends body to the number's messages endpoint and returns the answer of a
// 200; everything else is an error with its outcome.
func (c *Client) post(ctx context.Context, account string, body []byte) ([]byte, *channel.SendError) {
	token, failed := c.ready(account)
	if failed != nil {
		return nil, failed
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var written atomic.Bool
	req, err := c.request(traceWritten(ctx, &written), http.MethodPost, c.endpoint(account, "messages"), token)
	if err != nil {
		return nil, transportError(err, false)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, transportError(err, written.Load())
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode == http.StatusOK && err != nil {
		return nil, transportError(err, true)
	}
	if resp.StatusCode == http.StatusOK && !hasGraphError(answer) {
		return answer, nil
	}
	return nil, graphError(resp.StatusCode, resp.Header, answer, token)
}

// traceWritten notes whether any byte of the request may have gone out. It is
// set when the headers enter the connection's buffer, a moment before the wire:
// erring on that side costs a wait, erring on the other a doubled message.
//
// The transport itself repeats a request on a fresh connection only if nothing
// was written on the old one, so each connection attempt begins anew.
func traceWritten(ctx context.Context, written *atomic.Bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { written.Store(false) },
		WroteHeaderField: func(string, []string) { written.Store(true) },
		WroteHeaders:     func() { written.Store(true) },
		WroteRequest:     func(httptrace.WroteRequestInfo) { written.Store(true) },
	})
}
