package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// SignatureMode is how webhooks are signed; anything but SignatureGood is a
// negative control.
type SignatureMode int

// The ways to sign.
const (
	SignatureGood      SignatureMode = iota // HMAC-SHA256 of the body with the app secret
	SignatureBad                            // well formed, of other bytes
	SignatureMissing                        // no X-Hub-Signature-256 at all
	SignatureOldSecret                      // with Config.OldAppSecret, as right after a rotation
)

// signature is the X-Hub-Signature-256 value for body, or "" for none.
func (e *Emulator) signature(body []byte) string {
	e.mu.Lock()
	mode := e.signing
	e.mu.Unlock()
	switch mode {
	case SignatureMissing:
		return ""
	case SignatureBad:
		return sign(e.cfg.AppSecret, append([]byte("x"), body...))
	case SignatureOldSecret:
		return sign(e.cfg.OldAppSecret, body)
	default:
		return sign(e.cfg.AppSecret, body)
	}
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
