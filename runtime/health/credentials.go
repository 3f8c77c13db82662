package health

import "strings"

// The variables of channels.yaml as it is shipped.
const (
	verifyTokenVariable = "WHATSAPP_VERIFY_TOKEN"
	accessTokenVariable = "WHATSAPP_ACCESS_TOKEN"
	phoneNumberVariable = "WHATSAPP_PHONE_NUMBER_ID"
	appSecretVariable   = "WHATSAPP_APP_SECRET"
)

// Where each credential stands in Meta's pages, in Meta's words of 2026.
const (
	tokenPlace  = "Access token: business.facebook.com, Settings, Users, System users, choose the system user, Generate token; expiration Never; tick whatsapp_business_messaging and whatsapp_business_management."
	numberPlace = "Phone number ID: developers.facebook.com, My Apps, your app, WhatsApp, API Setup, under From; it is the long number below the telephone number."
	secretPlace = "App secret: developers.facebook.com, My Apps, your app, App settings, Basic, App secret, Show."
	verifyPlace = "Verify token: a word that you make up; enter the same in developers.facebook.com, My Apps, your app, WhatsApp, Configuration, Webhook, Verify token."
)

// credentials says which of the four are missing and where they are found.
func credentials(in Inputs) []Check {
	w := in.WhatsApp
	var names, places []string
	for _, c := range []struct {
		given                 bool
		name, variable, place string
	}{
		{w.AccessToken != "", "the access token", accessTokenVariable, tokenPlace},
		{w.PhoneNumberID != "", "the phone number ID", phoneNumberVariable, numberPlace},
		{w.AppSecret != "", "the app secret", appSecretVariable, secretPlace},
		{w.VerifyToken != "", "the verify token", verifyTokenVariable, verifyPlace},
	} {
		if !c.given {
			names, places = append(names, c.name+" ("+c.variable+")"), append(places, c.place)
		}
	}
	if len(names) == 0 {
		return ok("credentials", "All four of Meta's credentials are there.")
	}
	return fail("credentials", "Missing: "+listing(names)+". Without them no message can be received safely or answered.",
		strings.Join(places, " "))
}
