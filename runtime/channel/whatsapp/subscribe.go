package whatsapp

import (
	"context"
	"net/url"

	"astromesh/runtime/channel"
)

// AppSubscription is where Meta sends an app's WhatsApp webhooks.
type AppSubscription struct {
	Callback string
	Active   bool
	Fields   []string // "messages" must be among them
}

// Subscribe makes Meta send the webhooks of a business account to the app that
// the access token was made for. Meta's pages neither do nor show it. It may be
// called again. An error is always a *channel.SendError.
func (c *Client) Subscribe(ctx context.Context, waba string) error {
	token, failed := c.ready(waba)
	if failed != nil {
		return failed
	}
	return c.order(ctx, c.endpoint(waba, "subscribed_apps"), token, url.Values{})
}

// AppSubscription asks where an app's webhooks go: the zero value where it has
// no subscription. App and secret together are the app's own token, so this
// also proves that the secret belongs to the app. An error is always a
// *channel.SendError.
func (c *Client) AppSubscription(ctx context.Context, app, secret string) (AppSubscription, error) {
	address, token, failed := c.asApp(app, secret)
	if failed != nil {
		return AppSubscription{}, failed
	}
	answer, _, failed := c.question(ctx, address, token, nil)
	if failed != nil {
		return AppSubscription{}, failed
	}
	list := answer.get("data")
	if !list.isArray() {
		return AppSubscription{}, noAnswer("answer without a list of subscriptions")
	}
	for i, entry := range list.elements() {
		if i >= maxListing || entry.get("object").text() != accountObject {
			continue
		}
		sub := AppSubscription{Callback: entry.get("callback_url").text(), Active: entry.get("active").truth()}
		for j, field := range entry.get("fields").elements() {
			if j < maxListing {
				sub.Fields = append(sub.Fields, field.get("name").text())
			}
		}
		return sub, nil
	}
	return AppSubscription{}, nil
}

// accountObject is what WhatsApp's webhooks are about.
const accountObject = "whatsapp_business_account"

// SubscribeApp makes Meta send an app's messages to callback. Meta asks there
// for the verify token before it answers; code 2200 means that this failed. An
// error is always a *channel.SendError.
func (c *Client) SubscribeApp(ctx context.Context, app, secret, callback, verifyToken string) error {
	address, token, failed := c.asApp(app, secret)
	if failed != nil {
		return failed
	}
	return c.order(ctx, address, token, url.Values{
		"object": {accountObject}, "callback_url": {callback}, "verify_token": {verifyToken},
		"fields": {"messages"}, "include_values": {"true"},
	})
}

// asApp gives the address of an app's subscriptions, and the app's own token.
func (c *Client) asApp(app, secret string) (address, token string, failed *channel.SendError) {
	switch {
	case c.graph == nil:
		_, failed = c.ready()
		return "", "", failed
	case !safeID(app):
		return "", "", refused("the app id has characters that no id of Meta's has", "The app id is missing or is not one of Meta's.")
	case !safeID(secret): // hexadecimal digits; anything else could not stand in a header
		return "", "", refused("the app secret has characters that none of Meta's has", "The app secret is missing or is not one of Meta's.")
	}
	return c.endpoint(app, "subscriptions"), app + "|" + secret, nil
}

// order changes something at Graph, which answers {"success":true}.
func (c *Client) order(ctx context.Context, address, token string, form url.Values) error {
	answer, _, failed := c.question(ctx, address, token, form)
	if failed != nil {
		return failed
	}
	if !answer.get("success").truth() {
		return noAnswer("answer without success")
	}
	return nil
}
