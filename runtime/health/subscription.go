package health

import (
	"cmp"
	"net/url"
	"slices"

	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
)

// subscription says whether our app gets the webhooks of the business account.
// It needs waba_id in channels.yaml; without it nothing is said.
func subscription(in Inputs) []Check {
	const name = "subscription"
	g := in.Graph
	if in.WhatsApp.WABAID == "" || in.WhatsApp.AccessToken == "" {
		return nil
	}
	if e := sendError(g.AppsErr); e != nil {
		if e.Outcome == channel.TokenRefused || e.Status == 0 {
			return warn(name, "It is not known whether the app is subscribed to the business account: Meta could not be asked.", "See graph.")
		}
		return warn(name, "It is not known whether the app is subscribed to the business account. "+inWords(e),
			"Compare waba_id with the WhatsApp Business Account ID at developers.facebook.com, My Apps, your app, WhatsApp, API Setup; the access token needs "+accountScope+".")
	}
	mend := "Subscribe it: " + subscribeApp
	own := cmp.Or(in.WhatsApp.AppID, g.Token.AppID)
	at := slices.IndexFunc(g.Apps, func(a whatsapp.SubscribedApp) bool { return a.ID == own })
	switch {
	case len(g.Apps) == 0:
		return fail(name, "No app is subscribed to your business account, so no customer's message comes here. Meta's pages do not show this.", mend)
	case own == "":
		return warn(name, "An app is subscribed to your business account; whether it is yours is not known.", "Set app_id in channels.yaml: developers.facebook.com, My Apps, your app, App ID at the top of the page.")
	case at < 0:
		return fail(name, "Another app is subscribed to your business account and yours is not, so no customer's message comes here.", mend)
	}
	if host := hostOf(g.Apps[at].Override); host != "" {
		return ok(name, "Your app is subscribed to the business account; its messages go to "+host+".")
	}
	return ok(name, "Your app is subscribed to the business account.")
}

// hostOf leaves out what may be a key in an address.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
