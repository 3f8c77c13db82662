package whatsapp

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"astromesh/runtime/channel"
)

const (
	// questionTimeout bounds one question about the account: somebody waits for
	// the answer on a page.
	questionTimeout = 5 * time.Second
	// maxListing bounds what is taken of a list in an answer.
	maxListing = 100
)

// TokenInfo is what Meta says of the access token.
type TokenInfo struct {
	Valid     bool
	Type      string // SYSTEM_USER, USER, PAGE or APP
	AppID     string // the app that the token was made for
	ExpiresAt time.Time
	Scopes    []string // the permissions, "whatsapp_business_messaging" among them
	Subcode   int      // why it is not valid: 463 expired, 467 withdrawn
	Reason    string   // the same as one sentence for the owner; empty if it is valid
}

// NumberInfo is what Meta says of the business's phone number.
type NumberInfo struct {
	ID           string
	VerifiedName string
	Display      string // the telephone number as Meta writes it: "+1 555-078-3881"
	Quality      string // GREEN, YELLOW, RED, NA or UNKNOWN
	Status       string // CONNECTED where all is well
	// ServerTime is Meta's clock when it answered, to the second; zero if it did
	// not say.
	ServerTime time.Time
}

// SubscribedApp is one app that gets the webhooks of a business account.
type SubscribedApp struct {
	ID, Name string
	Override string // the address that this account's webhooks go to in place of the app's
}

// DebugToken asks what the access token is good for. Meta wants the token under
// inspection as a parameter, and a parameter of a GET stands in the address,
// which proxies write down. So it goes as a form with method=get, the way
// Meta's own SDKs make their reads. An error is always a *channel.SendError.
func (c *Client) DebugToken(ctx context.Context) (TokenInfo, error) {
	token, failed := c.ready()
	if failed != nil {
		return TokenInfo{}, failed
	}
	form := url.Values{"input_token": {token}, "method": {"get"}}
	answer, _, failed := c.question(ctx, c.endpoint("debug_token"), token, form)
	if failed != nil {
		return TokenInfo{}, failed
	}
	data := answer.get("data")
	if !data.isObject() {
		return TokenInfo{}, noAnswer("answer without a description of the token")
	}
	info := TokenInfo{
		Valid: data.get("is_valid").truth(), Type: data.get("type").text(), AppID: data.get("app_id").text(),
	}
	if at, ok := data.get("expires_at").whole(); ok && at > 0 {
		info.ExpiresAt = time.Unix(at, 0)
	}
	for i, scope := range data.get("scopes").elements() {
		if i < maxListing {
			info.Scopes = append(info.Scopes, scope.text())
		}
	}
	if !info.Valid {
		subcode, _ := data.get("error").get("subcode").whole()
		info.Subcode, info.Reason = int(subcode), tokenReason(int(subcode))
	}
	return info, nil
}

// PhoneNumber asks about one of the account's numbers by its id. An error is
// always a *channel.SendError; 100 with subcode 33 means that the id is unknown,
// or that the token may not see it.
func (c *Client) PhoneNumber(ctx context.Context, id string) (NumberInfo, error) {
	token, failed := c.ready(id)
	if failed != nil {
		return NumberInfo{}, failed
	}
	answer, header, failed := c.question(ctx, c.endpoint(id)+"?fields=verified_name,display_phone_number,quality_rating,status", token, nil)
	if failed != nil {
		return NumberInfo{}, failed
	}
	info := NumberInfo{
		ID: answer.get("id").text(), VerifiedName: scrub(answer.get("verified_name").text()),
		Display: answer.get("display_phone_number").text(),
		Quality: answer.get("quality_rating").text(), Status: answer.get("status").text(),
	}
	if info.ID == "" {
		return info, noAnswer("answer without the number's id")
	}
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		info.ServerTime = at
	}
	return info, nil
}

// SubscribedApps asks which apps get the webhooks of a business account (its
// id is the waba_id of channels.yaml). It needs whatsapp_business_management.
// An error is always a *channel.SendError.
func (c *Client) SubscribedApps(ctx context.Context, waba string) ([]SubscribedApp, error) {
	token, failed := c.ready(waba)
	if failed != nil {
		return nil, failed
	}
	answer, _, failed := c.question(ctx, c.endpoint(waba, "subscribed_apps"), token, nil)
	if failed != nil {
		return nil, failed
	}
	list := answer.get("data")
	if !list.isArray() {
		return nil, noAnswer("answer without a list of apps")
	}
	apps := []SubscribedApp{}
	for i, entry := range list.elements() {
		app := entry.get("whatsapp_business_api_data")
		if i < maxListing && app.isObject() {
			apps = append(apps, SubscribedApp{ID: app.get("id").text(), Name: scrub(app.get("name").text()), Override: entry.get("override_callback_uri").text()})
		}
	}
	return apps, nil
}

// question reads from Graph: by GET, or by a form where parameters must not
// stand in the address.
func (c *Client) question(ctx context.Context, address, token string, form url.Values) (node, http.Header, *channel.SendError) {
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := c.request(ctx, method, address, token)
	if err != nil {
		return nil, nil, unanswered(transportError(err, false))
	}
	if form != nil {
		text := form.Encode()
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, unanswered(transportError(err, false))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, nil, unanswered(transportError(err, false))
	}
	if resp.StatusCode != http.StatusOK || hasGraphError(body) {
		return nil, nil, unanswered(graphError(resp.StatusCode, resp.Header, body, token))
	}
	answer, ok := readNode(body)
	if !ok {
		return nil, nil, noAnswer("HTTP 200 with a body that is not JSON")
	}
	return answer, resp.Header, nil
}

// unanswered takes the words about a message out of the reason: nothing was
// sent, and nothing waits.
func unanswered(e *channel.SendError) *channel.SendError {
	temporary := []channel.Outcome{channel.Rejected, channel.Unknown}
	switch {
	case !slices.Contains(temporary, e.Outcome):
	case e.Status == 0:
		e.Reason = "Meta's server could not be reached. Check this machine's internet connection, and whether a firewall or proxy stands in between."
	case e.Code != 0 && e.Outcome == channel.Rejected:
		e.Reason = "Meta's limit of questions for this account is reached for the moment. Look again in an hour."
	default:
		e.Reason = "Meta's server, or something that stands before it, did not give a usable answer. Look again in a few minutes, and at metastatus.com."
	}
	return e
}

func noAnswer(detail string) *channel.SendError {
	return unanswered(&channel.SendError{Outcome: channel.Unknown, Status: http.StatusOK, Detail: detail})
}
