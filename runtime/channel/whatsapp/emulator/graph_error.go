package emulator

import (
	"fmt"
	"net/http"
)

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// graphError is an error answer of Graph.
type graphError struct {
	http, code, subcode int
	kind                string // "OAuthException" if empty
	message             string // title of the code if empty
	plain               bool   // without the (#code) prefix
	details             string
	transient           bool
	retryAfter          string
}

// title is what Meta calls a code, and the HTTP status its table gives it.
func title(code int) (status int, text string) {
	switch code {
	case 1:
		return 400, "An unknown error occurred"
	case 2:
		return 503, "Service temporarily unavailable"
	case 3:
		return 500, "Application does not have the capability to make this API call."
	case 4:
		return 429, "Application request limit reached"
	case 10:
		return 403, "Application does not have permission for this action"
	case 100:
		return 400, "Invalid parameter"
	case 190:
		return 401, "Invalid OAuth access token"
	case 368:
		return 403, "Temporarily blocked for policies violations"
	case 80007:
		return 429, "There have been too many calls to this WhatsApp Business account"
	case 130429:
		return 429, "Rate limit hit"
	case 131000:
		return 500, "Something went wrong"
	case 131005:
		return 403, "Access denied"
	case 131008:
		return 400, "Required parameter is missing"
	case 131009:
		return 400, "Parameter value is not valid"
	case 131016:
		return 500, "Service unavailable"
	case 131021:
		return 400, "Recipient cannot be sender"
	case 131026:
		return 400, "Message undeliverable"
	default:
		return laterTitle(code)
	}
}

func laterTitle(code int) (status int, text string) {
	switch code {
	case 131030:
		return 400, "Recipient phone number not in allowed list"
	case 131031:
		return 403, "Account has been locked"
	case 131042:
		return 400, "Business eligibility payment issue"
	case 131047:
		return 400, "Re-engagement message"
	case 131048:
		return 429, "Spam rate limit hit"
	case 131049:
		return 400, "This message was not delivered to maintain healthy ecosystem engagement."
	case 131051:
		return 400, "Message type unknown"
	case 131052:
		return 400, "Media download error"
	case 131053:
		return 400, "Media upload error"
	case 131056:
		return 429, "(Business Account, Consumer Account) pair rate limit hit"
	case 131057:
		return 500, "Account in maintenance mode"
	case 133004:
		return 503, "Server temporarily unavailable"
	case 133010:
		return 400, "Phone number not registered"
	default:
		return 400, "Generic error"
	}
}

// details is the sentence under the title that some codes carry.
func detailsOf(code int) string {
	switch code {
	case 131047:
		return "Message failed to send because more than 24 hours have passed since the customer last replied to this number."
	case 131053:
		return "Unsupported Audio mime type. Please use one of audio/ogg; codecs=opus, audio/mpeg, audio/amr, audio/mp4, audio/aac."
	case 130429:
		return "Message failed to send because there were too many messages sent from this phone number in a short period of time"
	case 131056:
		return "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time."
	default:
		return ""
	}
}

// refusal is the error of a code with its usual status and words.
func refusal(code int, details string) graphError {
	status, _ := title(code)
	return graphError{http: status, code: code, details: details}
}

// noObject is what Graph says to an id it does not know, without prefix.
func noObject(q *request) graphError {
	return graphError{http: http.StatusBadRequest, code: 100, subcode: 33, kind: "GraphMethodException", plain: true,
		message: fmt.Sprintf("Unsupported %s request. Object with ID '%s' does not exist, cannot be loaded due to "+
			"missing permissions, or does not support this operation. Please read the Graph API documentation at "+
			"https://developers.facebook.com/docs/graph-api", lowerMethod(q.r.Method), q.object)}
}

func lowerMethod(method string) string {
	return map[string]string{http.MethodGet: "get", http.MethodPost: "post", http.MethodDelete: "delete"}[method]
}

// refuse notes the call in the journal and answers it.
func (e *Emulator) refuse(q *request, ge graphError) {
	e.refused(q, ge.http, ge.code)
	e.answerError(q, ge)
}

func (e *Emulator) refused(q *request, status, code int) {
	now := e.clock.Now()
	e.journal.add(Event{At: now, Refused: &Refused{At: now, Call: q.call, Method: q.r.Method,
		Path: q.r.URL.Path, To: q.to, Text: q.text, HTTP: status, Code: code}})
}

func (e *Emulator) answerError(q *request, ge graphError) {
	if ge.retryAfter != "" {
		q.w.Header().Set("Retry-After", ge.retryAfter)
	}
	e.answer(q, ge.http, object{}.with("error", ge.object(e.randomText(22, alphanumeric))))
}

func (ge graphError) object(trace string) object {
	message := ge.message
	if message == "" {
		_, message = title(ge.code)
	}
	if !ge.plain {
		message = fmt.Sprintf("(#%d) %s", ge.code, message)
	}
	kind := ge.kind
	if kind == "" {
		kind = "OAuthException"
	}
	o := object{}.with("message", message).with("type", kind).with("code", ge.code)
	if ge.details != "" {
		o = o.with("error_data", object{}.with("messaging_product", "whatsapp").with("details", ge.details))
	}
	if ge.subcode != 0 {
		o = o.with("error_subcode", ge.subcode)
	}
	if ge.transient {
		o = o.with("is_transient", true)
	}
	return o.with("fbtrace_id", "A"+trace)
}

// errorObject is an error inside a webhook: title and message are the same.
func errorObject(code int, details string) object {
	_, text := title(code)
	o := object{}.with("code", code).with("title", text).with("message", text)
	if details == "" {
		details = detailsOf(code)
	}
	if details != "" {
		o = o.with("error_data", object{}.with("details", details))
	}
	return o.with("href", "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/")
}
