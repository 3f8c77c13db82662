package model

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	openai "github.com/sashabaranov/go-openai"
)

// statusOf takes an error of the library apart: 0 where no server answered.
func statusOf(err error) (status int, message, param string) {
	var named *openai.APIError
	var other *openai.RequestError
	switch {
	case errors.As(err, &named):
		if named.Param != nil {
			param = *named.Param
		}
		code, _ := named.Code.(string)
		if code != "" {
			param += " " + code
		}
		return named.HTTPStatusCode, named.Message, strings.TrimSpace(param)
	case errors.As(err, &other):
		return other.HTTPStatusCode, "", ""
	}
	return 0, "", ""
}

// clean is what may be read and logged of a server's words: one short line,
// without the key, which some servers repeat.
func (o *OpenAI) clean(text string) string {
	if key := o.key(); len(key) > 3 {
		text = strings.ReplaceAll(text, key, "***")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	const most = 200
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strings.TrimRight(strings.TrimSpace(text), ".")
}

// failure puts any error of a call into words for the owner. The library's own
// error is not handed on: it may hold all that the server wrote.
func (o *OpenAI) failure(ctx context.Context, err error) *Error {
	var already *Error
	var refused *refusal
	var wait *waitError
	status, message, param := statusOf(err)
	message = o.clean(message)
	e := &Error{Candidate: o.name}
	switch {
	case errors.As(err, &already):
		return already
	case errors.Is(err, ErrGaveWay):
		e.Err, e.Reason = ErrGaveWay, "Work ahead of time gave way to a customer."
	case errors.Is(err, errSilent):
		e.Err, e.Reason = errSilent, fmt.Sprintf("The model %s has said nothing for a long time. If its server is slow, raise timeout; otherwise look after the server.", o.model)
	case ctx.Err() != nil:
		e.Err, e.Reason = context.Cause(ctx), "The turn ended before the model had answered."
	case errors.As(err, &refused):
		e.ownFault = true
		e.lacks.vision, e.lacks.tools = refused.part == partImages, refused.part == partTools
		e.Reason = o.lacks(refused.part)
	case isTooLong(err):
		e.ownFault = true
		e.Reason = fmt.Sprintf("The conversation is longer than the model %s can read at once. Shorten the agent's prompt or memory, or choose another model.", o.model)
	case status == http.StatusTooManyRequests && !strings.Contains(param, "insufficient_quota"):
		after := 5 * time.Second
		if errors.As(err, &wait) {
			after = wait.after
		}
		o.state.pauseFor(after)
		return o.busy(after, nil)
	case status != 0:
		o.explainStatus(e, status, message, param)
	default:
		o.explainTransport(e, err)
	}
	if e.Err == nil && message != "" {
		e.Err = errors.New(message)
	}
	return e
}

// lacks says what a server does not take.
func (o *OpenAI) lacks(part string) string {
	if part == partTools {
		return fmt.Sprintf("The server of %s takes no tools for this model.", o.model)
	}
	return fmt.Sprintf("The server of %s takes no pictures for this model.", o.model)
}

// busy: the server asked to be left alone for a while.
func (o *OpenAI) busy(after time.Duration, err error) *Error {
	return &Error{Candidate: o.name, Unreachable: true, Err: err, Reason: fmt.Sprintf(
		"The server %s has had too many requests and is left alone for %d seconds. If that happens often, ask its provider for a higher limit, or add another model.", o.server.base.Host, int(after.Round(time.Second)/time.Second))}
}

func (o *OpenAI) explainStatus(e *Error, status int, message, param string) {
	host := o.server.base.Host
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusPaymentRequired:
		e.Reason = fmt.Sprintf("The account at %s has no credit left. Pay for more there, or choose another model.", host)
	case status == http.StatusUnauthorized && o.account == "" && o.keyName != "":
		e.Reason = fmt.Sprintf("The server %s wants a key, and the environment variable %s is not set. Set it, and restart the program.", host, o.keyName)
	case status == http.StatusUnauthorized && o.account == "":
		e.Reason = fmt.Sprintf("The server %s wants a key. Name the environment variable that holds it with api_key_env.", host)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		e.Reason = fmt.Sprintf("The server %s does not accept the key in %s. Put a valid one there, and restart the program.", host, o.keyName)
		if o.account == "" {
			e.Reason = fmt.Sprintf("The server %s refuses access. Look at what stands before it.", host)
		}
	case status == http.StatusNotFound && (strings.Contains(message, "model") || strings.Contains(param, "model")):
		e.Unreachable = true
		e.Reason = o.missing()
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		e.Reason = fmt.Sprintf("What answers at %s does not speak as OpenAI's chat API does. Check the endpoint.", o.server.base)
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		e.Unreachable = true
		e.Reason = fmt.Sprintf("The server %s is busy or not ready.", host)
	case status < 500:
		e.ownFault = true
		e.Reason = fmt.Sprintf("The server refused the request for %s: %s.", o.model, orNumber(message, status))
	default:
		e.Passing = true
		e.Reason = fmt.Sprintf("The server failed with %s: %s.", o.model, orNumber(message, status))
	}
}

func orNumber(message string, status int) string {
	if message == "" {
		return fmt.Sprintf("status %d without a reason", status)
	}
	return message
}

func (o *OpenAI) missing() string {
	return fmt.Sprintf("The server %s does not have the model %s. Correct its name in the agent's file, or see that the server offers it.", o.server.base.Host, o.model)
}

func isTooLong(err error) bool {
	_, message, param := statusOf(err)
	message = strings.ToLower(message)
	return strings.Contains(param, "context_length_exceeded") || strings.Contains(message, "context") &&
		(strings.Contains(message, "exceed") || strings.Contains(message, "maximum") || strings.Contains(message, "too long") || strings.Contains(message, "larger"))
}

// explainTransport is for connections that were refused or broke, and for what
// is no such server at all.
func (o *OpenAI) explainTransport(e *Error, err error) {
	var dial *net.OpError
	var name *net.DNSError
	switch {
	case errors.Is(err, errNoStream), errors.Is(err, errRedirect), errors.Is(err, errGarbage), isNotJSON(err), errors.Is(err, openai.ErrTooManyEmptyStreamMessages):
		e.Reason = fmt.Sprintf("What answers at %s does not speak as OpenAI's chat API does. Check the endpoint.", o.server.base)
	case errors.Is(err, errStubborn):
		e.ownFault = true
		e.Reason = fmt.Sprintf("The server refused the request for %s: %s.", o.model, errStubborn)
	case errors.Is(err, errEndless):
		e.ownFault = true
		e.Reason = fmt.Sprintf("The model %s did not come to an end and was stopped. Set max_tokens, or choose another model.", o.model)
	case errors.As(err, &dial) && dial.Op == "dial", errors.As(err, &name):
		e.Unreachable = true
		e.Reason = fmt.Sprintf("The server does not answer at %s. See that it runs and that this computer can reach it, or correct the endpoint.", o.server.base)
	case isMidStream(err):
		e.Passing = true
		e.Err = errors.New(o.clean(err.Error()))
		e.Reason = fmt.Sprintf("The server failed with %s in the middle of the answer.", o.model)
	default:
		e.Passing = true
		e.Err = errors.New(o.clean(err.Error()))
		e.Reason = fmt.Sprintf("The connection to %s broke before the answer was finished.", o.server.base.Host)
	}
}

// isMidStream: the server reported an error in a stream that it had begun.
func isMidStream(err error) bool {
	var named *openai.APIError
	return errors.As(err, &named)
}
