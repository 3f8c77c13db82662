package model

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // the two kinds of picture that customers can send
	_ "image/png"
	"net/http"
	"strings"
)

// maxPixels bounds what is decoded: 40 million take 60 MB for a moment. A
// picture sent on WhatsApp has about two million.
const maxPixels = 40_000_000

// isUnreadable tells whether a picture cannot be decoded. Ollama 0.17.4 was
// seen to crash on one: the model's process ends, and with it the answers of
// all other customers. So only what has been decoded here is sent.
func isUnreadable(data []byte) bool {
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return true
	}
	_, _, err = image.Decode(bytes.NewReader(data))
	return err != nil
}

// describeImages puts "[Attached image: image/png, 15234 bytes]" in the place
// of each picture that which picks, on a line of its own after the text.
func describeImages(m Message, which func([]byte) bool) Message {
	var lines []string
	if m.Content != "" {
		lines = append(lines, m.Content)
	}
	var kept [][]byte
	var keptAttached []Attachment
	for i, data := range m.Images {
		// What the sender says it is counts; without, what it looks like.
		attached := Attachment{MIME: http.DetectContentType(data), Bytes: len(data)}
		if i < len(m.Attached) {
			attached = m.Attached[i]
		}
		if which(data) {
			lines = append(lines, fmt.Sprintf("[Attached image: %s, %d bytes]", attached.MIME, attached.Bytes))
			continue
		}
		kept = append(kept, data)
		keptAttached = append(keptAttached, attached)
	}
	m.Images, m.Attached = kept, keptAttached
	m.Content = strings.Join(lines, "\n")
	return m
}
