package emulator

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Call names a Graph call, for faults and the journal.
type Call string

// The calls. CallAny matches all of them.
const (
	CallAny           Call = ""
	CallSend          Call = "send"
	CallMark          Call = "mark" // read receipt, with or without typing
	CallUpload        Call = "upload"
	CallMediaInfo     Call = "media info"
	CallMediaDelete   Call = "media delete"
	CallMediaDownload Call = "media download"
	CallAccount       Call = "account"
)

// mediaPath is where the URLs of media point, on Meta's host as on ours.
const mediaPath = "/whatsapp_business/attachments/"

var versionSegment = regexp.MustCompile(`^v[0-9]+\.[0-9]+$`)

// request is one Graph call on its way through the handlers.
type request struct {
	w       http.ResponseWriter
	r       *http.Request
	version string
	object  string // first path segment: an id
	edge    string // second one, or ""
	call    Call
	to      string // of a send, for the journal
	text    string
}

// route finds the handler; the version segment is optional, as at Meta.
func (e *Emulator) route(w http.ResponseWriter, r *http.Request) {
	q := &request{w: w, r: r, version: "v25.0", call: CallAccount}
	if r.URL.Path == mediaPath {
		q.call = CallMediaDownload
		e.download(q)
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if versionSegment.MatchString(parts[0]) {
		q.version, parts = parts[0], parts[1:]
	}
	if len(parts) > 0 {
		q.object = parts[0]
	}
	if len(parts) > 1 {
		q.edge = parts[1]
	}
	if len(parts) == 0 || len(parts) > 2 || q.object == "" {
		e.refuse(q, graphError{http: 400, code: 2500, message: "Unknown path components: " + r.URL.Path})
		return
	}
	if q.edge == "" && q.object != "debug_token" && e.number(q.object) == nil {
		q.call = CallMediaInfo
		if r.Method == http.MethodDelete {
			q.call = CallMediaDelete
		}
	}
	e.dispatch(q)
}

func (e *Emulator) dispatch(q *request) {
	switch q.edge {
	case "messages":
		q.call = CallSend // its faults are matched once the body is read
	case "media":
		q.call = CallUpload
	}
	if q.call != CallSend {
		if fault, ok := e.takeFault(q.call, "", ""); ok && e.broken(q, fault) {
			return
		}
	}
	if refusal := e.authorize(q.r); refusal != nil && q.object != "debug_token" {
		e.refuse(q, *refusal)
		return
	}
	method := q.r.Method
	switch {
	case q.edge == "messages" && method == http.MethodPost:
		e.messages(q)
	case q.edge == "media" && method == http.MethodPost:
		e.upload(q)
	case q.object == "debug_token": // a GET, or a form with method=get
		e.debugToken(q)
	case q.edge == "subscriptions" && q.object == e.cfg.AppID:
		e.subscriptions(q)
	case q.edge == "subscribed_apps" && q.object == e.cfg.WABAID:
		e.subscribedApps(q)
	case q.edge == "phone_numbers" && q.object == e.cfg.WABAID && method == http.MethodGet:
		e.phoneNumbers(q)
	case q.edge == "" && method == http.MethodGet && e.number(q.object) != nil:
		e.phoneNumber(q)
	case q.edge == "" && method == http.MethodGet:
		e.mediaInfo(q)
	case q.edge == "" && method == http.MethodDelete:
		e.mediaDelete(q)
	default:
		e.refuse(q, noObject(q))
	}
}

func (e *Emulator) number(id string) *number {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.numbers[id]
}

// answer writes a JSON body as Graph does: ASCII only, with \/.
func (e *Emulator) answer(q *request, status int, body object) {
	raw, err := e.render(q, body)
	if err != nil {
		q.w.WriteHeader(http.StatusInternalServerError)
		return
	}
	q.w.WriteHeader(status)
	_, _ = q.w.Write(raw) // the client may be gone
}

// render sets Graph's headers and returns the bytes of body.
func (e *Emulator) render(q *request, body object) ([]byte, error) {
	raw, err := wireJSON(body)
	if err != nil {
		return nil, err
	}
	h := q.w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	h.Set("facebook-api-version", q.version)
	h.Set("x-fb-trace-id", e.randomText(11, alphanumeric))
	h.Set("x-fb-request-id", "A"+e.randomText(22, alphanumeric))
	h.Set("Cache-Control", "private, no-cache, no-store, must-revalidate")
	return raw, nil
}

func (e *Emulator) success(q *request) {
	e.answer(q, http.StatusOK, object{}.with("success", true))
}
