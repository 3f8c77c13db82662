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
	list := p.metaMoments(ctx)
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
		if line, ok := plainEvent(ctx, e); ok {
			list = append(list, moment{e.At.Time(), line})
		}
	}
	return list, nil
}

// metaMoments are the events at the border between Meta and the program, which
// the program itself has no reason to record.
func (p *phone) metaMoments(ctx context.Context) []moment {
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
			level, text := postWords(ctx, *ev.Post)
			add(ev.At, "webhook", level, text)
		case ev.Sent != nil:
			add(ev.At, "send", "info", view.T(ctx, "phone.reply_taken"))
		case ev.Mark != nil && ev.Mark.Typing:
			add(ev.At, "sign", "info", view.T(ctx, "phone.sees_typing"))
		case ev.Mark != nil:
			add(ev.At, "sign", "info", view.T(ctx, "phone.sees_ticks"))
		case ev.Media != nil && ev.Media.Call == emulator.CallMediaDownload && ev.Media.HTTP == 200:
			add(ev.At, "media", "info", view.T(ctx, "phone.file_fetched"))
		case ev.Status != nil && statusWords(ctx, ev.Status.Status) != "":
			add(ev.At, "delivery", "info", statusWords(ctx, ev.Status.Status))
		}
	}
	return list
}

func postWords(ctx context.Context, post emulator.Post) (level, text string) {
	switch {
	case post.Status == 200:
		return "info", view.T(ctx, "phone.post_kept", spanWords(ctx, post.Took))
	case post.Status == 0:
		return "error", view.T(ctx, "phone.post_silent")
	default:
		return "error", view.T(ctx, "phone.post_refused", post.Status)
	}
}
