package tool

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"astromesh/runtime/model"
	"astromesh/runtime/tool/outside"
)

//go:embed http_request.md
var httpRequestWords string

// httpRequest asks an address that the model chooses, among those that the owner
// has listed and never in the local network.
type httpRequest struct {
	spec    model.ToolSpec
	client  *outside.Client
	methods []string
	header  http.Header
	secrets []string
}

func newHTTPRequest(d Declared, src Sources) (Made, error) {
	s, err := settingsOf(d)
	if err != nil {
		return Made{}, err
	}
	lines, err := s.list("allow")
	if err != nil {
		return Made{}, err
	}
	allow, err := outside.ParseList(lines)
	if err != nil {
		return Made{}, err
	}
	if allow.Empty() {
		return Made{}, errors.New("config.allow names no host that it may ask")
	}
	h := &httpRequest{}
	if h.methods, err = methodsOf(s); err != nil {
		return Made{}, err
	}
	if h.header, err = s.headers(); err != nil {
		return Made{}, err
	}
	if len(h.header) > 0 && allow.Everywhere() {
		return Made{}, errors.New(`config.headers would be sent to every host, since config.allow has "*"`)
	}
	limit, err := s.limit()
	if err != nil {
		return Made{}, err
	}
	h.secrets = secretsOf(h.header)
	h.client = outside.New(outside.Options{List: allow, Dial: src.Dial})
	h.spec = h.describe(lines)
	return Made{Tools: []Tool{h}, Close: h.client.Close, Limit: limit}, nil
}

// methodsOf are the methods that a model may use: GET, unless the file says more.
func methodsOf(s settings) ([]string, error) {
	list, err := s.list("methods")
	if err != nil || len(list) == 0 {
		return []string{http.MethodGet}, err
	}
	for i, m := range list {
		list[i] = strings.ToUpper(strings.TrimSpace(m))
		if !slices.Contains(methods(), list[i]) {
			return nil, fmt.Errorf("%q is not a method: it is %s", clip(m, 20), strings.Join(methods(), ", "))
		}
	}
	return list, nil
}

func methods() []string {
	return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead}
}

// describe offers only what is allowed: a small model tries what it reads.
func (h *httpRequest) describe(allow []string) model.ToolSpec {
	properties := map[string]any{
		"url":   map[string]any{"type": "string", "description": "Full address, beginning with https://. Allowed: " + clip(strings.Join(allow, ", "), 600)},
		"query": map[string]any{"type": "object", "description": "Names and values to add to the address after the question mark."},
	}
	if len(h.methods) > 1 || h.methods[0] != http.MethodGet {
		properties["method"] = map[string]any{"type": "string", "enum": h.methods}
	}
	if slices.ContainsFunc(h.methods, hasBody) {
		properties["body"] = map[string]any{"description": "What to send: text, or an object that is sent as JSON."}
	}
	schema, _ := json.Marshal(map[string]any{"type": "object", "properties": properties, "required": []string{"url"}}) // of texts: it cannot fail
	return model.ToolSpec{Name: "http_request", Description: strings.TrimSpace(httpRequestWords), Parameters: schema}
}

func hasBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

func (h *httpRequest) Spec() model.ToolSpec { return h.spec }

func (h *httpRequest) Call(ctx context.Context, c Call) (string, error) {
	u, err := outside.Address(text(c.Arguments, "url"))
	if err != nil {
		return "", err
	}
	method := strings.ToUpper(text(c.Arguments, "method"))
	if method == "" {
		method = h.methods[0]
	}
	if !slices.Contains(h.methods, method) {
		return "", fmt.Errorf("%s is not allowed, only %s", clip(method, 20), strings.Join(h.methods, ", "))
	}
	addQuery(u, c.Arguments["query"])
	r := outside.Request{Method: method, URL: u, Header: h.header.Clone()}
	if hasBody(method) {
		var kind string
		r.Body, kind = bodyOf(c.Arguments["body"])
		setDefault(r.Header, "Content-Type", kind)
	}
	if method != http.MethodGet && method != http.MethodHead {
		r.Header.Set("Idempotency-Key", c.Key)
	}
	setDefault(r.Header, "Accept", "application/json, text/*;q=0.9, */*;q=0.1")
	res, err := h.client.Do(ctx, r)
	if err != nil {
		return "", h.fault(err)
	}
	return hidden(res.String(), h.secrets), noText(h.spec.Name, res)
}

// fault tells the owner of an address that could not be asked. One that the list
// does not allow is the model's mistake alone. The sentence names no host: a model
// may put a customer's words into one.
func (h *httpRequest) fault(err error) error {
	if !outside.Failed(err) {
		return err
	}
	return &FaultError{Model: err.Error(), Owner: unasked(h.spec.Name)}
}

// addQuery puts names and values behind an address, and leaves what stands there.
func addQuery(u *url.URL, given any) {
	q := u.Query()
	switch x := given.(type) {
	case map[string]any:
		for name, value := range x {
			q.Set(name, written(value))
		}
	case string: // "a=1&b=2", as small models write it
		if more, err := url.ParseQuery(strings.TrimPrefix(strings.TrimSpace(x), "?")); err == nil {
			for name := range more {
				q.Set(name, more.Get(name))
			}
		}
	}
	if len(q) > 0 {
		u.RawQuery = q.Encode()
	}
}

// written is a value as text: of lists and maps their JSON.
func written(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	if s := scalar(v); s != "" || v == nil {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// bodyOf is what is sent, and its content type.
func bodyOf(v any) (body []byte, kind string) {
	const asJSON = "application/json"
	if s, ok := v.(string); ok {
		if s != "" && !json.Valid([]byte(s)) {
			return []byte(s), "text/plain; charset=utf-8"
		}
		return []byte(s), asJSON
	}
	if v == nil {
		return nil, asJSON
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, asJSON
	}
	return b, asJSON
}

func setDefault(h http.Header, name, value string) {
	if h.Get(name) == "" {
		h.Set(name, value)
	}
}
