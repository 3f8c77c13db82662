package health

const webhookPath = "/v1/channels/whatsapp/webhook"

// saveAddress is what an owner does at Meta so that it asks for the handshake.
const saveAddress = "At developers.facebook.com open My Apps, your app, WhatsApp, Configuration, Webhook, Edit. Callback URL: your public https address followed by " + webhookPath + ". Verify token: exactly the one configured here. Then press Verify and save."

// handshake says how the last attempt ended to save our address at Meta.
func handshake(in Inputs) []Check {
	const name = "handshake"
	d := in.Door
	switch {
	case d.HandshakeAt.IsZero() && !d.AcceptedAt.IsZero():
		return ok(name, "Webhooks arrive, so Meta knows this address.")
	case d.HandshakeAt.IsZero():
		return warn(name, "Meta has not asked for this address yet, so no message can come.", saveAddress)
	case d.HandshakeOK:
		return ok(name, "The last handshake, "+ago(in.Now, d.HandshakeAt)+", was accepted.")
	}
	detail := "The last handshake, " + ago(in.Now, d.HandshakeAt) + ", was refused: the verify token that was shown is not the one configured here."
	if in.WhatsApp.VerifyToken == "" {
		detail = "The last handshake, " + ago(in.Now, d.HandshakeAt) + ", was refused: no verify token is configured here."
	}
	// Meta goes on with the address that it has when a new handshake fails.
	if !d.AcceptedAt.IsZero() || !d.HandshakeOKAt.IsZero() {
		return warn(name, detail+" An earlier one was accepted, so messages still come.",
			"If you were not changing the webhook at Meta, this was a stranger, and nothing is to be done. If you were: "+saveAddress)
	}
	return fail(name, detail+" Meta does not send messages to an address without it.",
		"Set "+verifyTokenVariable+" here and the Verify token at Meta to the same word, without spaces around it. "+saveAddress)
}
