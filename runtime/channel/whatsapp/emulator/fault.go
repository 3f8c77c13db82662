package emulator

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// Fault is something that goes wrong with a call. The fields may be combined;
// the constructors make the usual ones.
type Fault struct {
	HTTP, Code, Subcode int    // answer with this error; Code alone takes its usual HTTP status
	Details             string // error_data.details
	RetryAfter          string
	Transient           bool
	HTML                bool // answer HTTP (502 if zero) with a web page

	Reset  bool // cut the connection; nothing is accepted
	Accept bool // accept the send first, then answer as above
	Lost   bool // accept the send, then cut the connection without an answer

	Slow time.Duration // headers and half of the body, this pause, the rest

	StatusFirst bool // the first status is answered before the response leaves
	NoStatuses  bool // no status ever comes
	FailLater   int  // accepted; then a failed status with this code
}

// FaultError answers with a Graph error; status 0 takes the usual one.
func FaultError(status, code int) Fault { return Fault{HTTP: status, Code: code} }

// FaultExpiredToken is 401, 190/463.
func FaultExpiredToken() Fault { return Fault{HTTP: http.StatusUnauthorized, Code: 190, Subcode: 463} }

// FaultHTML answers with a web page, as a broken proxy in between does.
func FaultHTML(status int) Fault { return Fault{HTTP: status, HTML: true} }

// FaultReset cuts the connection before the request is taken.
func FaultReset() Fault { return Fault{Reset: true} }

// FaultLost accepts the send, statuses included, and cuts the connection.
func FaultLost() Fault { return Fault{Lost: true} }

// FaultAcceptedError accepts the send and answers with an error all the same.
func FaultAcceptedError(status, code int) Fault { return Fault{HTTP: status, Code: code, Accept: true} }

// FaultSlow stretches the answer by a pause on the emulator's clock. Of a send,
// the statuses come after it, and Settle waits for it.
func FaultSlow(pause time.Duration) Fault { return Fault{Slow: pause} }

// FaultStatusFirst tells the first status before the send is answered.
func FaultStatusFirst() Fault { return Fault{StatusFirst: true} }

// FaultNoStatuses accepts and then keeps silent.
func FaultNoStatuses() Fault { return Fault{NoStatuses: true} }

// FaultLater accepts, and fails the message by a status.
func FaultLater(code int) Fault { return Fault{FailLater: code} }

// Match says which calls a fault hits. All set fields must fit.
type Match struct {
	Call     Call
	To       string // send: number in any writing, or user id
	Contains string // send: part of the text
	Skip     int    // fitting calls to leave alone first
	Times    int    // calls to hit; 0: one, negative: all
}

// Next matches the next n sends.
func Next(n int) Match { return Match{Call: CallSend, Times: n} }

type armedFault struct {
	Match
	Fault
}

// Fail arms a fault. Of several that fit, the oldest is taken. cancel disarms
// it.
func (e *Emulator) Fail(m Match, f Fault) (cancel func()) {
	if m.Times == 0 {
		m.Times = 1
	}
	armed := &armedFault{Match: m, Fault: f}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, armed)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		armed.Times = 0
	}
}

// takeFault uses up the oldest fault that fits the call.
func (e *Emulator) takeFault(call Call, to, text string) (Fault, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range e.faults {
		if a.Times == 0 || !a.fits(call, to, text) {
			continue
		}
		if a.Skip > 0 {
			a.Skip--
			continue
		}
		if a.Times > 0 {
			a.Times--
		}
		return a.Fault, true
	}
	return Fault{}, false
}

func (m Match) fits(call Call, to, text string) bool {
	if m.Call != CallAny && m.Call != call || !strings.Contains(text, m.Contains) {
		return false
	}
	return m.To == "" || m.To == to || User{Phone: phoneDigits(to)}.is(m.To)
}

// broken answers the call with f if f is a refusal, and says whether it did.
func (e *Emulator) broken(q *request, f Fault) bool {
	switch {
	case f.Reset || f.Lost && q.call != CallSend:
		e.refused(q, 0, 0)
		cut(q.w)
	case f.Accept || f.HTTP == 0 && f.Code == 0 && !f.HTML:
		e.slowDown(q, f)
		return false
	default:
		status := e.answerFault(q, f)
		e.refused(q, status, f.Code)
	}
	return true
}

// answerFault writes the error or the web page of f.
func (e *Emulator) answerFault(q *request, f Fault) (status int) {
	if f.HTML {
		status = f.HTTP
		setDefault(&status, http.StatusBadGateway)
		q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		q.w.WriteHeader(status)
		_, _ = q.w.Write([]byte("<!DOCTYPE html>\n<html><head><title>Facebook | Error</title></head>" +
			"<body><h1>Sorry, something went wrong.</h1></body></html>\n"))
		return status
	}
	ge := refusal(f.Code, f.Details)
	ge.subcode, ge.transient, ge.retryAfter = f.Subcode, f.Transient, f.RetryAfter
	if f.HTTP != 0 {
		ge.http = f.HTTP
	}
	if ge.details == "" {
		ge.details = detailsOf(f.Code)
	}
	e.answerError(q, ge)
	return ge.http
}

// cut ends the connection without an answer: by a reset where there is a
// socket.
func cut(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
		return
	}
	panic(http.ErrAbortHandler)
}
