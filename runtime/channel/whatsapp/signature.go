package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"strings"
)

const signaturePrefix = "sha256="

// VerifySignature reports whether header (X-Hub-Signature-256) is the
// HMAC-SHA256 of the raw body under one of the app secrets. Several secrets are
// accepted so that a secret can be rotated without losing webhooks; an empty
// one never matches. The body must be the bytes as they were received: Meta
// signs its own escaping, which no re-encoding reproduces.
func VerifySignature(secrets []string, body []byte, header string) bool {
	digits, ok := strings.CutPrefix(header, signaturePrefix)
	if !ok || len(digits) != hex.EncodedLen(sha256.Size) {
		return false
	}
	given, err := hex.DecodeString(digits)
	if err != nil {
		return false
	}
	match := 0
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		// All secrets are tried, so that the time taken does not tell which one matched.
		match |= subtle.ConstantTimeCompare(mac.Sum(nil), given)
	}
	return match == 1
}

// VerifyChallenge answers Meta's unsigned GET that registers a callback URL. It
// returns hub.challenge, to be echoed byte for byte as plain text, and whether
// the request is genuine: mode "subscribe", the configured token, and a
// challenge. An empty configured token refuses everything.
func VerifyChallenge(query url.Values, token string) (challenge string, ok bool) {
	given := query["hub.verify_token"]
	challenges := query["hub.challenge"]
	if token == "" || query.Get("hub.mode") != "subscribe" || len(given) == 0 || len(challenges) == 0 {
		return "", false
	}
	// Hashing first makes the comparison independent of the lengths too.
	want, got := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(given[0]))
	if subtle.ConstantTimeCompare(want[:], got[:]) != 1 || challenges[0] == "" {
		return "", false
	}
	return challenges[0], true
}
