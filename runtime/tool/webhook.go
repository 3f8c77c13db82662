package tool

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/tool/outside"
)

//go:embed webhook.md
var webhookWords string

const (
	// signatureHeader holds "sha256=" and the HMAC-SHA256 of the body, or of the
	// query where there is no body, in hex: the form that Meta and GitHub use.
	signatureHeader = "X-Astromesh-Signature-256"
	// pause is how long a service is left alone before the one other try.
	pause = 500 * time.Millisecond
)

// webhook sends the model's arguments to an address that the owner wrote.
type webhook struct {
	spec    model.ToolSpec
	client  *outside.Client
	url     *url.URL
	method  string
	header  http.Header
	secret  []byte
	secrets []string
}

func makeWebhook(d Declared, src Sources) (Made, error) {
	if d.Name == "" {
		return Made{}, errNoName
	}
	s, err := settingsOf(d)
	if err != nil {
		return Made{}, err
	}
	w := &webhook{}
	if err := w.read(s); err != nil {
		return Made{}, err
	}
	limit, err := s.limit()
	if err != nil {
		return Made{}, err
	}
	schema, err := Schema(d.Parameters)
	if err != nil {
		return Made{}, err
	}
	words := d.Description
	if words == "" {
		words = strings.TrimSpace(webhookWords)
	}
	w.spec = model.ToolSpec{Name: d.Name, Description: words, Parameters: schema}
	// The owner wrote the address, so it may be in the local network. Redirects
	// stay where it is.
	only, err := outside.ParseList([]string{w.url.Scheme + "://" + w.url.Host})
	if err != nil {
		return Made{}, err
	}
	w.client = outside.New(outside.Options{List: only, Local: true, Dial: src.Dial})
	return Made{Tools: []Tool{w}, Close: w.client.Close, Limit: limit}, nil
}

func (w *webhook) read(s settings) error {
	address, err := s.text("url")
	if err != nil {
		return err
	}
	if address == "" {
		return errNoURL
	}
	if w.url, err = outside.Address(address); err != nil {
		return fmt.Errorf("its url cannot be used: %w", err)
	}
	allow, err := s.list("allow")
	if err != nil {
		return err
	}
	if len(allow) > 0 {
		list, err := outside.ParseList(allow)
		if err == nil {
			err = list.Check(w.url)
		}
		if err != nil {
			return fmt.Errorf("its url is not in its list allow: %w", err)
		}
	}
	if w.method, err = s.text("method"); err != nil {
		return err
	}
	if w.method = strings.ToUpper(w.method); w.method == "" {
		w.method = http.MethodPost
	}
	if !slices.Contains(methods(), w.method) {
		return fmt.Errorf("%q is not a method: it is %s", clip(w.method, 20), strings.Join(methods(), ", "))
	}
	if w.header, err = s.headers(); err != nil {
		return err
	}
	secret, err := s.text("secret")
	w.secret = []byte(secret)
	w.secrets = append(secretsOf(w.header), secret)
	return err
}

func (w *webhook) Spec() model.ToolSpec { return w.spec }

func (w *webhook) Call(ctx context.Context, c Call) (string, error) {
	r, err := w.request(c)
	if err != nil {
		return "", err
	}
	res, err := w.client.Do(ctx, r)
	if again(res, err) && waited(ctx, pause) { // with the same key: a service that knows it does nothing twice
		res, err = w.client.Do(ctx, r)
	}
	switch {
	case err != nil:
		return "", &FaultError{Model: err.Error(), Owner: webhookFailed(w.spec.Name, hidden(err.Error(), w.secrets))}
	case res.Status < 400 && res.Text == "":
		return fmt.Sprintf("The service answered %d %s.", res.Status, http.StatusText(res.Status)), nil
	case res.Status < 400:
		return hidden(res.Text, w.secrets), noText(w.spec.Name, res)
	}
	said := fmt.Sprintf("the service answered %d %s. %s", res.Status, http.StatusText(res.Status), clip(hidden(res.Text, w.secrets), 1000))
	switch res.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusUnprocessableEntity:
		return "", errors.New(strings.TrimSpace(said)) // a service's way to say no
	}
	return "", &FaultError{Model: strings.TrimSpace(said), Owner: webhookRefused(w.spec.Name, res.Status)}
}

// request is the same whenever it is made of the same call.
func (w *webhook) request(c Call) (outside.Request, error) {
	u := *w.url
	r := outside.Request{Method: w.method, URL: &u, Header: w.header.Clone()}
	var signed []byte
	if hasBody(w.method) {
		arguments := c.Arguments
		if arguments == nil {
			arguments = map[string]any{}
		}
		b, err := json.Marshal(arguments)
		if err != nil {
			return r, errors.New("the arguments could not be read")
		}
		r.Body, signed = b, b
		setDefault(r.Header, "Content-Type", "application/json")
	} else {
		addQuery(&u, c.Arguments)
		signed = []byte(u.RawQuery)
	}
	if len(w.secret) > 0 {
		mac := hmac.New(sha256.New, w.secret)
		mac.Write(signed)
		r.Header.Set(signatureHeader, "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	r.Header.Set("Idempotency-Key", c.Key)
	setDefault(r.Header, "Accept", "application/json, text/*;q=0.9, */*;q=0.1")
	return r, nil
}

// again tells whether one more try is safe and of use: the request was not sent,
// or a service says itself that it could not deal with it now.
func again(res outside.Response, err error) bool {
	if err != nil {
		return outside.NotSent(err)
	}
	return res.Status == http.StatusBadGateway || res.Status == http.StatusServiceUnavailable || res.Status == http.StatusGatewayTimeout
}

// waited waits, unless the call ends before.
func waited(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
