package whatsapp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"astromesh/runtime/channel"
)

// maxRetryAfter bounds what a header can make us wait.
const maxRetryAfter = 24 * time.Hour

// graphAnswer is Meta's error object as it came, before it is judged.
type graphAnswer struct {
	code      int
	hasCode   bool
	subcode   int
	transient bool
	words     string
}

// graphError judges an answer that is not a success. Meta's code decides; the
// HTTP status only where there is no code, or none that is known: the pages on
// statuses are old and contradict each other.
func graphError(status int, header http.Header, body []byte, token string) *channel.SendError {
	answer, isGraph := readGraphError(body)
	e := &channel.SendError{Status: status, Code: answer.code, Subcode: answer.subcode, RetryAfter: retryAfter(header)}
	rule, known := ruleOf(answer.code)
	switch {
	case answer.hasCode && known && rule.outcome == channel.Refused && answer.transient:
		e.Outcome = channel.Rejected // Meta's word that the same request may pass later
	case answer.hasCode && known:
		e.Outcome = rule.outcome
	case status == http.StatusUnauthorized && !answer.hasCode:
		e.Outcome = channel.TokenRefused
	case status == http.StatusTooManyRequests && !answer.hasCode:
		e.Outcome = channel.Rejected
	case answer.transient:
		e.Outcome = channel.Rejected
	case status >= 500 || !isGraph:
		e.Outcome = channel.Unknown
	default:
		e.Outcome = channel.Refused
	}
	if e.RetryAfter == 0 {
		e.RetryAfter = rule.wait
	}
	e.Reason = reasonOf(e.Outcome, answer.code, answer.hasCode, answer.subcode)
	e.Detail = scrub(withoutToken(answer.words, token))
	if !isGraph {
		e.Detail = "HTTP " + strconv.Itoa(status) + " with a body that is not Graph's"
	}
	return e
}

// readGraphError reads {"error":{…}}. isGraph is false for a proxy's HTML, an
// empty body and any JSON without an error object.
func readGraphError(body []byte) (answer graphAnswer, isGraph bool) {
	document, ok := readNode(body)
	object := document.get("error")
	if !ok || !object.isObject() {
		return answer, false
	}
	if code, ok := object.get("code").whole(); ok {
		answer.code, answer.hasCode = int(code), true
	}
	subcode, _ := object.get("error_subcode").whole()
	answer.subcode = int(subcode)
	answer.transient = object.get("is_transient").truth()
	data := object.get("error_data") // an object, or the text itself
	details := data.text()
	if data.isObject() {
		details = data.get("details").text()
	}
	answer.words = object.get("message").text()
	if details != "" && details != answer.words {
		answer.words = strings.TrimSuffix(answer.words, ".") + ": " + details
	}
	return answer, true
}

// hasGraphError recognises an error object inside a 200.
func hasGraphError(body []byte) bool {
	answer, ok := readGraphError(body)
	return ok && answer.hasCode
}

// transportError judges a call without an answer. What was surely not written
// may be sent again; what may have gone out may have been accepted.
func transportError(err error, written bool) *channel.SendError {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // its text repeats the address
	}
	e := &channel.SendError{Outcome: channel.Rejected, Detail: "graph was not reached", Reason: reasonUnreachable, Err: err}
	if written {
		e.Outcome, e.Detail, e.Reason = channel.Unknown, "connection lost before graph answered", reasonUnknown
	}
	var lookup *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		e.Detail = "call was cancelled"
	case errors.Is(err, context.DeadlineExceeded) && written:
		e.Detail = "graph did not answer in time"
	case errors.As(err, &lookup) && !written:
		e.Reason = "The name of Meta's server could not be resolved. Check this machine's internet connection and DNS; the message is tried again."
	}
	return e
}

func withoutToken(s, token string) string {
	if token == "" {
		return s
	}
	return strings.ReplaceAll(s, token, "[secret]")
}

// retryAfter reads the header, which Graph rarely sends: seconds or a date.
func retryAfter(header http.Header) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(max(time.Duration(seconds), 0), maxRetryAfter/time.Second) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(header.Get("Date")) // the server's clock, if it tells
	if err != nil {
		from = time.Now()
	}
	return min(max(at.Sub(from), 0), maxRetryAfter)
}
