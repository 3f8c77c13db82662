package inbox

import (
	"hash/maphash"
	"strings"
	"time"
	"unicode/utf8"

	"astromesh/runtime/channel"
	"astromesh/store"
)

const (
	// sameTextMost is how often the same text is answered within sameTextWindow:
	// an automatic reply at the other end says one thing over and over.
	sameTextMost   = 4
	sameTextWindow = 10 * time.Minute
	// A person says "ok", "sí" or "1" more often than that: shortText runes may
	// come shortTextMost times.
	shortText     = 3
	shortTextMost = 8
	// muteFactor times the window is how long a conversation is not answered.
	muteFactor = 5
)

// loopGuard sees who writes like a machine. Each reply costs the owner money,
// and two machines never tire of each other.
type loopGuard struct {
	seen  []seen // the last ones, oldest first
	seed  maphash.Seed
	set   bool
	until time.Time // not answered until then
	since time.Time // when that was on disk: what comes later is claimed with the mute, or after a person has ended it
}

type seen struct {
	at   time.Time
	text uint64 // a hash: the text itself is not kept
}

// judge counts one message and says why the conversation is not to be answered
// for a while, or "".
func (g *loopGuard) judge(text string, now time.Time, window time.Duration, most int) string {
	if !g.set {
		g.seed, g.set = maphash.MakeSeed(), true
	}
	h := maphash.String(g.seed, strings.ToLower(strings.Join(strings.Fields(text), " ")))
	g.seen = append(g.seen, seen{now, h})
	keep := max(window, sameTextWindow)
	for len(g.seen) > 0 && (now.Sub(g.seen[0].at) > keep || len(g.seen) > max(most+1, 64)) {
		g.seen = g.seen[1:]
	}
	count, same := 0, 0
	for _, s := range g.seen {
		if now.Sub(s.at) <= window {
			count++
		}
		if s.text == h && text != "" && now.Sub(s.at) <= sameTextWindow {
			same++
		}
	}
	switch {
	case most > 0 && count > most:
		return "The customer writes faster than a person does: the agent has stopped answering for a while. Look whether a machine is at the other end."
	case same > sameTextMost && (same > shortTextMost || utf8.RuneCountInString(strings.TrimSpace(text)) > shortText):
		return "The customer sends the same text over and over: the agent has stopped answering for a while. Look whether a machine is at the other end."
	default:
		return ""
	}
}

// muted says whether an event is not to be answered, and mutes the conversation
// when it writes like a machine.
func (c *conversation) muted(it item) bool {
	now := time.Now()
	if it.conv.MutedUntil.Time().After(now) || (c.guard.until.After(now) && !it.came.After(c.guard.since)) {
		return true
	}
	s := c.Settings()
	why := c.guard.judge(loopText(it.event), now, s.LoopWindow, s.LoopMax)
	if why == "" {
		return false
	}
	c.guard.until = now.Add(muteFactor * s.LoopWindow)
	c.guard.seen = nil
	first, err := c.Store.Mute(c.id, store.At(c.guard.until), why)
	c.guard.since = time.Now()
	if err != nil {
		c.guard.since = c.guard.until
		c.Log.Error("conversation could not be muted", "stage", "dispatch", "conversation", c.id, "error", err)
	}
	if first {
		c.Log.Warn("loop guard: conversation is not answered for a while", "stage", "dispatch", "conversation", c.id)
		c.event(store.Event{Kind: store.EventMessage, Level: "warn", ConversationID: c.id, Stage: "dispatch", Text: why})
	}
	return true
}

// loopText is what of an event may repeat: attachments differ, so they count by
// their kind and id.
func loopText(in channel.Inbound) string {
	text := in.Text
	for _, m := range in.Media {
		text += " " + m.ID
	}
	return text
}
