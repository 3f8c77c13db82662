package emulator

import (
	"crypto/sha256"
	"encoding/base64"
)

// Media is a file a customer sends.
type Media struct {
	MIME     string // empty: a usual one for the kind
	Data     []byte
	Caption  string
	Filename string // documents only
	Forward  bool   // audio: sent as a file, not recorded (voice:false)
	Animated bool   // stickers
	NoURL    bool   // without the url that webhooks carry since late 2025
	BadHash  bool   // announces a sha256 of other bytes
}

// Image is a picture; image/jpeg unless m says otherwise.
func (e *Emulator) Image(u User, m Media) Item {
	return e.mediaMessage(u, "image", "image/jpeg", m)
}

// Audio is a voice note, audio/ogg; codecs=opus unless m says otherwise.
func (e *Emulator) Audio(u User, m Media) Item {
	return e.mediaMessage(u, "audio", "audio/ogg; codecs=opus", m)
}

// Video is a film; video/mp4 unless m says otherwise.
func (e *Emulator) Video(u User, m Media) Item {
	return e.mediaMessage(u, "video", "video/mp4", m)
}

// Document is a file; application/pdf unless m says otherwise.
func (e *Emulator) Document(u User, m Media) Item {
	return e.mediaMessage(u, "document", "application/pdf", m)
}

// Sticker is image/webp.
func (e *Emulator) Sticker(u User, m Media) Item {
	return e.mediaMessage(u, "sticker", "image/webp", m)
}

func (e *Emulator) mediaMessage(u User, kind, mime string, m Media) Item {
	setDefault(&m.MIME, mime)
	file := e.storeMedia(m.MIME, m.Filename, m.Data, false)
	hashed := m.Data
	if m.BadHash {
		hashed = append([]byte("x"), m.Data...)
	}
	sum := sha256.Sum256(hashed)
	body := object{}
	if kind == "document" {
		body = body.opt("filename", m.Filename)
	}
	body = body.opt("caption", m.Caption).with("mime_type", m.MIME).
		with("sha256", base64.StdEncoding.EncodeToString(sum[:])).with("id", file.id)
	if !m.NoURL {
		body = body.with("url", e.mediaURL(file, "webhook", webhookMediaLife))
	}
	switch kind {
	case "audio":
		body = body.with("voice", !m.Forward)
	case "sticker":
		body = body.with("animated", m.Animated)
	}
	return e.message(u, kind, m.Caption, body)
}
