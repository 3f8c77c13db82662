package health

import "time"

// quietFor is how long a business may be without any webhook before it is worth
// a look: a long weekend.
const quietFor = 4 * 24 * time.Hour

// Why nothing arrives though the address was verified, the likeliest first.
const (
	fieldCause   = "1. The field is not subscribed: developers.facebook.com, My Apps, your app, WhatsApp, Configuration, Webhook fields, messages: switch on Subscribe."
	accountCause = "2. The app is not subscribed to your business account, which Meta's pages do not show: " + subscribeApp
	addressCause = "3. The address at Meta is not this machine's any more, or is not reachable: open your public https address followed by /healthz in a phone's browser without Wi-Fi; it must say ok."
	liveCause    = "4. The app is in development: switch App Mode to Live at the top of the app's page."
)

// subscribeApp is the call that most people miss.
const subscribeApp = "open developers.facebook.com/tools/explorer, choose your app, choose POST, enter the id of your WhatsApp business account followed by /subscribed_apps, and press Submit."

// webhook says when Meta last came, and why it may stay away.
func webhook(in Inputs) []Check {
	const name = "webhook"
	at := in.Door.AcceptedAt
	causes := sentences(fieldCause, accountCause, addressCause, liveCause)
	if in.Outside {
		causes = "Astromesh must be running to hear Meta (astromesh serve). If it is: " + causes
	}
	switch {
	case at.IsZero() && in.Door.RefusedCount > 0:
		return warn(name, "No webhook was taken yet: those that came had a wrong signature.", "See signature.")
	case at.IsZero():
		return warn(name, "No webhook has come yet.", "Write a WhatsApp message to your business number. If it does not show up here: "+causes)
	case in.Now.Sub(at) > quietFor:
		return warn(name, "The last webhook came "+ago(in.Now, at)+".", "Write a WhatsApp message to your business number. If it does not show up here: "+causes)
	default:
		return ok(name, "The last webhook came "+ago(in.Now, at)+".")
	}
}
