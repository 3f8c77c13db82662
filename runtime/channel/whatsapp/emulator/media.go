package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// How long ids and URLs of media live.
const (
	uploadedLife     = 30 * 24 * time.Hour
	receivedLife     = 7 * 24 * time.Hour
	mediaURLLife     = 5 * time.Minute
	webhookMediaLife = 302 * time.Second // as in a captured webhook
)

type mediaFile struct {
	id, mime, name string
	data           []byte
	uploaded       bool
	created        time.Time
}

func (e *Emulator) storeMedia(mime, name string, data []byte, uploaded bool) *mediaFile {
	file := &mediaFile{id: e.randomID(), mime: mime, name: name, data: data,
		uploaded: uploaded, created: e.clock.Now()}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.media[file.id] = file
	return file
}

// file is the media behind id while the id lives.
func (e *Emulator) file(id string) *mediaFile {
	now := e.clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.media[id]
	if f == nil {
		return nil
	}
	life := receivedLife
	if f.uploaded {
		life = uploadedLife
	}
	if now.Sub(f.created) > life {
		return nil
	}
	return f
}

// mediaURL is a signed URL on the media host, in the form of Meta's.
func (e *Emulator) mediaURL(f *mediaFile, source string, life time.Duration) string {
	host := e.cfg.MediaHost
	if host == "" {
		host = e.URL()
	}
	ext := fmt.Sprint(e.clock.Now().Add(life).Unix())
	return host + mediaPath + "?mid=" + f.id + "&source=" + source + "&ext=" + ext + "&hash=" + e.mediaHash(f.id, ext)
}

func (e *Emulator) mediaHash(id, ext string) string {
	mac := hmac.New(sha256.New, []byte("media "+e.cfg.AppSecret))
	mac.Write([]byte(id + "|" + ext))
	return "ARm" + hex.EncodeToString(mac.Sum(nil))[:40]
}

// signedMedia is the id a URL's query stands for, if its hash is right.
func (e *Emulator) signedMedia(query url.Values) (id string, expires int64, ok bool) {
	id = query.Get("mid")
	ext := query.Get("ext")
	if !hmac.Equal([]byte(query.Get("hash")), []byte(e.mediaHash(id, ext))) {
		return id, 0, false
	}
	_, err := fmt.Sscan(ext, &expires)
	return id, expires, err == nil
}

// uploadTypes are the types the upload takes, in the order Meta lists them, and
// the most bytes of each. audio/opus can be uploaded, though never be played.
func uploadTypes() []uploadType {
	const mb = 1 << 20
	office := "application/vnd.openxmlformats-officedocument."
	return []uploadType{
		{"audio/aac", 16 * mb}, {"audio/mp4", 16 * mb}, {"audio/mpeg", 16 * mb}, {"audio/amr", 16 * mb},
		{"audio/ogg", 16 * mb}, {"audio/opus", 16 * mb},
		{"application/vnd.ms-powerpoint", 100 * mb}, {"application/msword", 100 * mb},
		{office + "wordprocessingml.document", 100 * mb}, {office + "presentationml.presentation", 100 * mb},
		{office + "spreadsheetml.sheet", 100 * mb}, {"application/pdf", 100 * mb}, {"text/plain", 100 * mb},
		{"application/vnd.ms-excel", 100 * mb},
		{"image/jpeg", 5 * mb}, {"image/png", 5 * mb}, {"image/webp", 500 << 10},
		{"video/mp4", 16 * mb}, {"video/3gpp", 16 * mb},
	}
}

type uploadType struct {
	mime string
	max  int
}

// baseType is a MIME type without its parameters.
func baseType(mime string) string {
	base, _, _ := strings.Cut(mime, ";")
	return strings.ToLower(strings.TrimSpace(base))
}

// playable reports whether the media a send names by id can be delivered as
// its type; otherwise Meta accepts it and fails it later with 131053.
func (e *Emulator) playable(s *sendRequest) bool {
	ref := s.media()
	if ref == nil || ref.ID == "" {
		return true
	}
	f := e.file(ref.ID)
	if f == nil {
		return false
	}
	kind, _, _ := strings.Cut(baseType(f.mime), "/")
	switch s.Type {
	case "document":
		return true
	case "sticker":
		return baseType(f.mime) == "image/webp"
	case "audio":
		return kind == "audio" && baseType(f.mime) != "audio/opus"
	default:
		return kind == s.Type && baseType(f.mime) != "image/webp"
	}
}
