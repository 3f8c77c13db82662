package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/store"
	"astromesh/web/view"
)

// phoneEvents is how many lines of what happens inside the page shows.
const phoneEvents = 80

// look is the page as it should be now.
func (p *phone) look(ctx context.Context) (view.Phone, error) {
	events, err := p.events(ctx)
	if err != nil {
		return view.Phone{}, err
	}
	return view.Phone{Lines: p.lines(), Typing: p.handset.Typing(), Events: events}, nil
}

func (p *phone) lines() []view.PhoneLine {
	taken := map[string]bool{} // by the program, which answered 200
	for _, post := range p.Meta.Posts() {
		for _, id := range post.IDs {
			taken[id] = taken[id] || post.Status == 200
		}
	}
	chat := p.handset.Chat()
	list := make([]view.PhoneLine, 0, len(chat))
	for i, l := range chat {
		tick := l.Status
		if l.FromCustomer && tick == "" {
			tick = "sent"
			if taken[l.WAMID] {
				tick = "delivered"
			}
		}
		line := view.PhoneLine{N: i, Mine: l.FromCustomer, Kind: l.Kind, Text: spansOf(l.Text), Tick: tick,
			Clock: l.At.Local().Format("15:04"), Stamp: l.At.Format(time.RFC3339)}
		if l.Kind == "image" && l.FromCustomer {
			line.Picture = picturePath
		}
		list = append(list, line)
	}
	return list
}

// moment is a line of what happens inside, with the time to sort by.
type moment struct {
	at   time.Time
	line view.PhoneEvent
}

// events puts what Meta's side saw and what the program recorded in one order.
func (p *phone) events(ctx context.Context) ([]view.PhoneEvent, error) {
	list := p.metaMoments()
	if s := p.Store(); s != nil {
		recorded, err := recordedMoments(ctx, s)
		if err != nil {
			return nil, err
		}
		list = append(list, recorded...)
	}
	slices.SortStableFunc(list, func(a, b moment) int { return cmp.Compare(a.at.UnixMilli(), b.at.UnixMilli()) })
	list = list[max(0, len(list)-phoneEvents):]
	out := make([]view.PhoneEvent, 0, len(list))
	for _, m := range list {
		m.line.Clock, m.line.Stamp = m.at.Local().Format("15:04:05"), m.at.Format(time.RFC3339)
		out = append(out, m.line)
	}
	return out, nil
}

func recordedMoments(ctx context.Context, s *store.Store) ([]moment, error) {
	last, err := s.LastEvent(ctx)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	recorded, err := s.Events(ctx, "", max(0, last-phoneEvents), phoneEvents)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	list := make([]moment, 0, len(recorded))
	for _, e := range recorded {
		if line, ok := plainEvent(e); ok {
			list = append(list, moment{e.At.Time(), line})
		}
	}
	return list, nil
}

// metaMoments are the events at the border between Meta and the program, which
// the program itself has no reason to record.
func (p *phone) metaMoments() []moment {
	var list []moment
	written := map[string]bool{} // by customers
	add := func(at time.Time, stage, level, text string) {
		list = append(list, moment{at, view.PhoneEvent{Stage: stage, Level: level, Text: text}})
	}
	for _, ev := range p.Meta.Events() {
		switch {
		case ev.Received != nil:
			written[ev.Received.WAMID] = true
		case ev.Post != nil && slices.ContainsFunc(ev.Post.IDs, func(id string) bool { return written[id] }):
			level, text := postWords(*ev.Post)
			add(ev.At, stageWords("webhook"), level, text)
		case ev.Sent != nil:
			add(ev.At, stageWords("send"), "info", "The reply goes to WhatsApp, which takes it.")
		case ev.Mark != nil && ev.Mark.Typing:
			add(ev.At, "Sign", "info", "The customer sees the blue ticks, and that the shop is typing.")
		case ev.Mark != nil:
			add(ev.At, "Sign", "info", "The customer sees the blue ticks.")
		case ev.Media != nil && ev.Media.Call == emulator.CallMediaDownload && ev.Media.HTTP == 200:
			add(ev.At, stageWords("media"), "info", "The file was fetched from WhatsApp, into memory only.")
		case ev.Status != nil && statusWords(ev.Status.Status) != "":
			add(ev.At, stageWords("delivery"), "info", statusWords(ev.Status.Status))
		}
	}
	return list
}

func postWords(post emulator.Post) (level, text string) {
	switch {
	case post.Status == 200:
		return "info", fmt.Sprintf("WhatsApp hands over a message: checked, and on disk after %s.", span(post.Took))
	case post.Status == 0:
		return "error", "The program did not answer WhatsApp, which will try again."
	default:
		return "error", fmt.Sprintf("The program refused the message with status %d; WhatsApp will try again.", post.Status)
	}
}

// statusWords leave out "sent": the program says that by itself.
func statusWords(status string) string {
	switch status {
	case "delivered":
		return "WhatsApp reports: the reply is on the customer's telephone."
	case "read":
		return "WhatsApp reports: the customer has read it."
	case "failed":
		return "WhatsApp reports: the reply could not be delivered."
	default:
		return ""
	}
}

// span is a duration as people say it.
func span(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "less than 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}
