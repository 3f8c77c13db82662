package web

import (
	"bytes"
	"encoding/binary"
	"image/png"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

func TestPlainEvents(t *testing.T) {
	event := func(kind, level, stage, text string, data any) store.Event {
		return store.Event{Kind: kind, Level: level, Stage: stage, Text: text}.With(data)
	}
	type fields map[string]any
	for want, e := range map[string]store.Event{
		"guardrail · Found an e-mail address in the customer's message and hid it.":       event("guardrail", "info", "guardrail", "pii_detection found EMAIL in the input", fields{"entity": "EMAIL", "action": "rewrite", "direction": "input"}),
		"guardrail · Found a phone number in the reply: it goes no further.":              event("guardrail", "info", "guardrail", "", fields{"entity": "PHONE", "action": "block", "direction": "output"}),
		"guardrail · Found passport number in the reply.":                                 event("guardrail", "info", "guardrail", "", fields{"entity": "PASSPORT_NUMBER", "action": "allow", "direction": "output"}),
		"model · llava:7b wrote an answer in 1.5 s.":                                      event("model", "info", "model", "ollama/llava:7b answered", fields{"candidate": "ollama/llava:7b", "generation": 1500 * time.Millisecond}),
		"model · The built-in responder wrote an answer.":                                 event("model", "info", "model", "builtin/faq answered", fields{"candidate": "builtin/faq"}),
		"outbox · The answer is ready, 640 ms after the message came.":                    event("message", "info", "outbox", "turn answered", fields{"messages": 1, "replies": 1, "waited_ms": 640}),
		"outbox · One answer to several messages is ready, 2.0 s after the message came.": event("message", "info", "outbox", "turn answered", fields{"messages": 3, "replies": 1, "waited_ms": 2000}),
		"outbox · Nothing is answered to this.":                                           event("message", "info", "outbox", "turn notice", fields{"messages": 1}),
		// A warning's sentence is the owner's already, whatever its data.
		"model · No model can be reached.": event("model", "warn", "model", "No model can be reached.", fields{"candidate": "ollama/x"}),
		"send · All sending goes on.":      event("system", "info", "send", "All sending goes on.", fields{"outbox": "1"}),
		"elsewhere · Something new.":       event("other", "info", "elsewhere", "Something new.", []int{1}),
	} {
		got, ok := plainEvent(t.Context(), e)
		if !ok || got.Stage+" · "+got.Text != want || got.Level != e.Level {
			t.Errorf("%s · %s (%s), want %s", got.Stage, got.Text, got.Level, want)
		}
	}
}

// TestSentIsToldOnce leaves a send to Meta's side, but never one that failed.
func TestSentIsToldOnce(t *testing.T) {
	e := store.Event{Kind: store.EventMessage, Level: "info", Stage: "send", Text: "A reply was accepted by WhatsApp."}.With(map[string]string{"result": "sent"})
	if _, ok := plainEvent(t.Context(), e); ok {
		t.Error("an accepted send is told twice")
	}
	e.Level = "warn"
	if _, ok := plainEvent(t.Context(), e); !ok {
		t.Error("a warning about a send is not shown")
	}
}

// TestSamples keeps what the buttons send what it says it is.
func TestSamples(t *testing.T) {
	picture := samplePicture()
	if img, err := png.Decode(bytes.NewReader(picture)); err != nil || img.Bounds().Dx() != 440 {
		t.Errorf("the picture: %v", err)
	}
	if len(picture) > 50_000 {
		t.Errorf("the picture has %d bytes", len(picture))
	}
	voice, pages := sampleVoice(), 0
	for rest := voice; len(rest) > 0; pages++ {
		if !bytes.HasPrefix(rest, []byte("OggS\x00")) || len(rest) < 27 {
			t.Fatalf("page %d does not begin as one", pages)
		}
		size := 27 + int(rest[26])
		for _, n := range rest[27 : 27+int(rest[26])] {
			size += int(n)
		}
		page := bytes.Clone(rest[:size])
		sum := binary.LittleEndian.Uint32(page[22:])
		copy(page[22:26], "\x00\x00\x00\x00")
		if oggChecksum(page) != sum {
			t.Errorf("page %d has a wrong checksum", pages)
		}
		rest = rest[size:]
	}
	if pages != 3 || strings.Count(string(voice), "Opus") != 2 {
		t.Errorf("the voice note has %d pages", pages)
	}
}

// TestOggChecksum is the published check value of this CRC (CRC-32/CKSUM's
// polynomial without its inversions): 0x89a1897f over "123456789".
func TestOggChecksum(t *testing.T) {
	if got := oggChecksum([]byte("123456789")); got != 0x89a1897f {
		t.Errorf("%#x", got)
	}
}
