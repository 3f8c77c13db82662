package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/ollama/ollama/api"
)

// readStatus turns an answer other than 200 into an error. Only the beginning
// of the body is read: it may be a web page.
func readStatus(r *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 4096))
	e := api.StatusError{StatusCode: r.StatusCode}
	if json.Unmarshal(body, &e) != nil || e.ErrorMessage == "" {
		e.ErrorMessage = ""
		e.Status = fmt.Sprintf("status %d without Ollama's error message", r.StatusCode)
	}
	return e
}

// failure puts any error of a call into words for the owner.
func (o *Ollama) failure(ctx context.Context, err error) *Error {
	e := &Error{Candidate: o.name, Err: err}
	var already *Error
	var status api.StatusError
	var line serverError
	switch {
	case errors.As(err, &already):
		return already
	case errors.Is(err, ErrGaveWay):
		e.Reason = "Work ahead of time gave way to a customer."
	case errors.Is(err, errNoPulse):
		o.absent(e)
	case errors.Is(err, errSilent):
		e.Reason = fmt.Sprintf("The model %s has said nothing for a long time. If this computer is slow, raise timeout; otherwise restart Ollama.", o.model)
	case ctx.Err() != nil:
		e.Reason = "The turn ended before the model had answered."
	case errors.As(err, &status):
		o.explainStatus(e, status)
	case errors.As(err, &line):
		o.explainMessage(e, string(line))
	case errors.Is(err, errGarbage), isNotJSON(err):
		e.Reason = fmt.Sprintf("What answers at %s does not speak as Ollama does. Check the endpoint.", o.server.base)
	case errors.Is(err, errEndless):
		e.Reason = fmt.Sprintf("The model %s did not come to an end and was stopped. Set max_tokens, or choose another model.", o.model)
		e.ownFault = true
	default:
		o.explainTransport(ctx, e, err)
	}
	if e.Unreachable {
		o.state.forget()
	}
	return e
}

func (o *Ollama) explainStatus(e *Error, status api.StatusError) {
	switch code := status.StatusCode; {
	case code == http.StatusNotFound && strings.Contains(status.ErrorMessage, "not found"):
		e.Unreachable = true
		e.Reason = o.missing()
	case code == http.StatusNotFound, code >= 300 && code < 400:
		e.Reason = fmt.Sprintf("What answers at %s is not Ollama. Check the endpoint.", o.server.base)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		e.Reason = fmt.Sprintf("Ollama at %s refuses access. Sign in there (ollama signin), or check what stands before it.", o.server.base)
	case code == http.StatusBadGateway, code == http.StatusServiceUnavailable, code == http.StatusGatewayTimeout:
		e.Unreachable = true
		e.Reason = fmt.Sprintf("Ollama at %s is busy or not ready.", o.server.base)
	case code == http.StatusBadRequest:
		e.ownFault = true
		e.Reason = fmt.Sprintf("Ollama refused the request for %s: %s.", o.model, orStatus(status))
	default:
		o.explainMessage(e, orStatus(status))
	}
}

// missing says how to get a model that is not there.
func (o *Ollama) missing() string {
	if isLocal(o.server.base) {
		return fmt.Sprintf("The model %s is not on this computer. Open Health and press Download, or run: ollama pull %s.", o.model, o.model)
	}
	return fmt.Sprintf("The model %s is not on the server %s. Open Health and press Download, or run there: ollama pull %s.", o.model, o.server.base.Host, o.model)
}

// isNotJSON: api.Client hands on the decoder's error.
func isNotJSON(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &kind)
}

func orStatus(status api.StatusError) string {
	if status.ErrorMessage != "" {
		return status.ErrorMessage
	}
	return status.Status
}

// explainMessage is for a failure inside the server. Ollama reports a picture
// it cannot decode as one too.
func (o *Ollama) explainMessage(e *Error, message string) {
	switch {
	case strings.Contains(message, "system memory"), strings.Contains(message, "out of memory"):
		e.Passing = true
		e.Reason = fmt.Sprintf("The model %s needs more memory than is free: %s. Close other programs, or choose a smaller model.", o.model, message)
	case strings.Contains(message, "failed to process inputs"), strings.Contains(message, "image"):
		e.ownFault = true
		e.Reason = fmt.Sprintf("Ollama could not read a picture: %s.", message)
	default:
		e.Passing = true
		e.Reason = fmt.Sprintf("Ollama failed with %s: %s. Its log tells more.", o.model, message)
	}
}

// explainTransport is for connections that were refused or broke. One that
// broke in the middle of an answer is the sign of a server that stopped, or of
// a model that crashed in a server that goes on: asking it tells which.
func (o *Ollama) explainTransport(ctx context.Context, e *Error, err error) {
	var dial *net.OpError
	switch {
	case errors.As(err, &dial) && dial.Op == "dial", !o.server.alive(ctx):
		o.absent(e)
	default:
		e.Passing = true
		e.Reason = fmt.Sprintf("The model %s stopped in the middle of its answer. Ollama's log tells why.", o.model)
	}
}

// absent says that nobody answers at the server's address.
func (o *Ollama) absent(e *Error) {
	e.Unreachable = true
	e.Reason = fmt.Sprintf("Ollama does not answer at %s. Start it (open the Ollama app, or run: ollama serve), or correct the endpoint.", o.server.base)
}
