package health

import (
	"fmt"
	"regexp"
	"strings"
)

// refusedByMeta is how many refused webhooks in a row are more likely Meta's
// own, which come again and again, than a stranger's attempts.
const refusedByMeta = 5

// appSecretShape is how Meta's app secrets look.
var appSecretShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

// signature says whether strangers are kept out, and whether Meta is kept out too.
func signature(in Inputs) []Check {
	const name = "signature"
	secret := in.WhatsApp.AppSecret
	if secret == "" {
		return fail(name, "UNSIGNED MODE: no app secret is configured, so anybody who knows the webhook's address can send messages in Meta's name.",
			"Set "+appSecretVariable+". "+secretPlace)
	}
	cause := secretCause(in)
	d := in.Door
	if d.RefusedCount == 0 {
		if secret == in.WhatsApp.VerifyToken {
			return warn(name, "The app secret and the verify token are the same word.", cause+" "+secretPlace)
		}
		return ok(name, "Only webhooks with Meta's signature are taken.")
	}
	detail := fmt.Sprintf("%s with a missing or wrong signature refused since %s, the last %s; none with a good one has come since then.",
		count(d.RefusedCount, "webhook", "webhooks"), d.RefusedSince.Format("2006-01-02 15:04"), ago(in.Now, d.RefusedAt))
	mend := cause + " " + secretPlace
	if d.RefusedCount < refusedByMeta && !d.AcceptedAt.IsZero() && !d.Unsigned {
		return warn(name, detail, "Webhooks were taken before, so this may be a stranger's attempt, and nothing is to be done. If your customers' messages stay away: "+mend)
	}
	return fail(name, detail, mend)
}

// secretCause is the likely reason why Meta's signature does not fit.
func secretCause(in Inputs) string {
	secret := in.WhatsApp.AppSecret.Reveal()
	switch {
	case secret == in.WhatsApp.VerifyToken.Reveal():
		return "The verify token was put in the place of the app secret: they are two different things."
	case secret == in.WhatsApp.AccessToken.Reveal(), strings.HasPrefix(secret, "EAA"):
		return "An access token was put in the place of the app secret: they are two different things."
	case !appSecretShape.MatchString(secret):
		return "What is configured does not look like an app secret, which has 32 characters, 0 to 9 and a to f."
	default:
		return "The app secret is most likely that of another app, or it was reset at Meta: compare it."
	}
}
