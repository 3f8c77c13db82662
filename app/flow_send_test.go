package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
)

// What nobody reports on is decided about after a second, or never.
const (
	quickSettle = "    debounce: {quiet_seconds: 0, max_seconds: 5}\n    unsure_wait_seconds: 1\n"
	slowSettle  = "    debounce: {quiet_seconds: 0, max_seconds: 5}\n    unsure_wait_seconds: 600\n"
)

// Whatever Graph does, the customer reads the reply once.
func TestGraphFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault emulator.Fault
		tries int // sends that Graph saw, refused ones too
	}{
		"throughput":              {emulator.FaultError(http.StatusTooManyRequests, 130429), 2},
		"app limit":               {emulator.FaultError(http.StatusBadRequest, 4), 2},
		"pair limit":              {emulator.FaultError(http.StatusTooManyRequests, 131056), 2},
		"unavailable":             {emulator.FaultError(http.StatusServiceUnavailable, 2), 2},
		"unknown":                 {emulator.FaultError(http.StatusInternalServerError, 131000), 2},
		"html":                    {emulator.FaultHTML(http.StatusBadGateway), 2},
		"hung up":                 {emulator.FaultReset(), 2},
		"accepted, then lost":     {emulator.FaultLost(), 1},
		"accepted, then an error": {emulator.FaultAcceptedError(http.StatusInternalServerError, 131000), 1},
		"status before answer":    {emulator.FaultStatusFirst(), 1},
		"fails later, passing":    {emulator.FaultLater(130429), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settle := quickSettle
			if c.tries == 1 { // Meta's report comes, however late on a busy machine
				settle = slowSettle
			}
			r := newRig(t, rigOptions{channels: settle})
			r.meta.Fail(emulator.Next(1), c.fault)
			r.post(r.meta.Text(ana, "hello"))
			r.reads(ana, "re: hello")
			r.post(r.meta.Text(ana, "and now?"))
			r.reads(ana, "re: and now?")
			r.idle()
			if got := r.read(ana); !slices.Equal(got, []string{"re: hello", "re: and now?"}) {
				t.Errorf("read %q", got)
			}
			sends := 0
			for _, s := range r.meta.Sent() {
				if s.Text == "re: hello" {
					sends++
				}
			}
			if sends += len(refusedSends(r)); sends != c.tries {
				t.Errorf("sent %d times, want %d", sends, c.tries)
			}
		})
	}
}

// refusedSends leaves out what is asked for the health page meanwhile.
func refusedSends(r *rig) []emulator.Refused {
	return slices.DeleteFunc(r.meta.Refused(), func(f emulator.Refused) bool { return f.Call != emulator.CallSend })
}

// A refusal for good is told to the owner, and does not hold up the next reply.
func TestARefusalForGood(t *testing.T) {
	r := newRig(t, rigOptions{channels: quickSettle})
	r.meta.Fail(emulator.Next(1), emulator.FaultError(http.StatusBadRequest, 131026))
	r.post(r.meta.Text(ana, "hello"))
	r.until("the failure", func() bool { return strings.Contains(events(r, "message"), "turn answered") && needsPerson(r) != "" })
	r.post(r.meta.Text(ana, "again"))
	r.reads(ana, "re: again")
}

func needsPerson(r *rig) string {
	var list struct{ Conversations []struct{ Reason string } }
	r.api("GET", "/v1/conversations", "", &list)
	if len(list.Conversations) == 0 {
		return ""
	}
	return list.Conversations[0].Reason
}

// A refused token stops all sending; a new one in the file sends what waited.
func TestATokenIsRefused(t *testing.T) {
	// A read receipt would be refused too, and goes to the same address.
	r := newRig(t, rigOptions{channels: quickSettle + "    mark_as_read: false\n"})
	r.meta.ExpireToken(testToken)
	r.post(r.meta.Text(ana, "one"))
	r.until("the pause", func() bool { return r.app.relay.Paused() != nil })
	luis := emulator.User{Phone: "34600999888"}
	r.post(r.meta.Text(luis, "two"))
	r.until("the turn", func() bool { n, err := r.app.store.OutboxWaiting(r.ctx); return err == nil && n == 2 })
	r.meta.SetAccessTokens("EAAnew")
	r.write("channels.yaml", strings.Replace(testChannels, "${WHATSAPP_ACCESS_TOKEN}", "EAAnew", 1)+quickSettle)
	r.reads(ana, "re: one")
	r.reads(luis, "re: two")
	if n := len(refusedSends(r)); n != 1 {
		t.Errorf("%d sends with the refused token, want 1", n)
	}
}

// With unsure_policy ask, nothing goes out twice: a person is asked.
func TestAnUnsureReplyIsAskedAbout(t *testing.T) {
	r := newRig(t, rigOptions{channels: quickSettle + "    unsure_policy: ask\n"})
	r.meta.Fail(emulator.Next(1), emulator.FaultReset())
	r.post(r.meta.Text(ana, "hello"))
	r.until("the question", func() bool { return needsPerson(r) != "" })
	r.post(r.meta.Text(ana, "next"))
	r.reads(ana, "re: next")
	if got := r.read(ana); slices.Contains(got, "re: hello") {
		t.Errorf("read %q: it was sent again", got)
	}
}

// The rate limit delays and never drops.
func TestTheRateLimitDelays(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.write("channels.yaml", strings.Replace(testChannels, "{window_seconds: 60, max_messages: 1000}", "{window_seconds: 1, max_messages: 3}", 1)+quickSettle)
	r.until("the reload", func() bool { return r.app.live.Load().whatsapp.RateLimit.MaxMessages == 3 })
	var users []emulator.User
	began := time.Now()
	for i := range 8 {
		users = append(users, emulator.User{Phone: "3460000000" + string(rune('0'+i))})
		r.post(r.meta.Text(users[i], "hi"))
	}
	for _, u := range users {
		r.reads(u, "re: hi")
	}
	for i, s := range r.meta.Sent() {
		// Meta's side sees a send after its place was taken, on a busy machine long
		// after: how far two are apart says nothing, but none may come too early.
		if after, least := s.At.Sub(began), time.Duration(i/3)*time.Second; after < least {
			t.Errorf("send %d came after %s: more than 3 a second", i, after)
		}
	}
}

// The 24-hour window is judged when the message goes out.
func TestTheWindowHasClosed(t *testing.T) {
	r := newRig(t, rigOptions{channels: quickSettle})
	r.post(r.meta.Text(ana, "old news").WithTime(time.Now().AddDate(0, 0, -2)))
	r.until("the refusal", func() bool { return strings.Contains(needsPerson(r), "More than 24 hours") })
	if got := r.read(ana); len(got) > 0 {
		t.Errorf("read %q outside the window", got)
	}
}
