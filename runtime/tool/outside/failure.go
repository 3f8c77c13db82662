package outside

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
)

// failure is why nothing came back, in words, with what it came from.
type failure struct {
	words string
	cause error
}

func (f failure) Error() string { return f.words }
func (f failure) Unwrap() error { return f.cause }

// Failed tells a service that did not answer from an address that may not be asked,
// and from a call that was given up.
func Failed(err error) bool {
	var f failure
	return errors.As(err, &f) && !errors.Is(err, context.Canceled)
}

// NotSent tells whether the other side cannot have seen the request, so that
// sending it once more does nothing twice.
func NotSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial" && !errors.Is(err, errLocal)
}

// inWords says what went wrong without the addresses and the inner words that a
// Go error holds: a model repeats what it reads.
func inWords(err error, host string) error {
	host = clip(host)
	var redirected errRedirect
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	var timeout net.Error
	var words string
	switch {
	case errors.As(err, &redirected):
		return redirected.error
	case errors.Is(err, errLocal):
		words = errLocal.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		words = fmt.Sprintf("there is no host %s", host)
	case errors.Is(err, context.Canceled):
		words = "the call was given up"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		words = fmt.Sprintf("%s did not answer in time", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		words = fmt.Sprintf("nothing answers at %s", host)
	case errors.As(err, &cert):
		words = fmt.Sprintf("%s has no valid certificate", host)
	case errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		words = fmt.Sprintf("%s does not speak https there", host)
	default:
		words = fmt.Sprintf("%s could not be asked: the connection broke", host)
	}
	return failure{words, err}
}
