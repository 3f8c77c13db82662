package web

import (
	"context"
	"strconv"
	"time"

	"astromesh/store"
	"astromesh/web/view"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// chatGathers is how long a change waits for its neighbours: what happens in one
// moment is one look, also when many customers write at once.
const chatGathers = 80 * time.Millisecond

// conversationStream sends what happens: to the open transcript its new lines,
// ticks and who answers; to the list that it is to be read again.
func (s *Server) conversationStream(c echo.Context) error {
	ctx := c.Request().Context()
	p := &chatStream{server: s, shown: map[int64]string{}}
	if c.Param("id") != "" {
		id, err := chatID(c)
		if err != nil {
			return err
		}
		if _, err := s.Store.Conversation(ctx, id); err != nil {
			return err
		}
		p.id = id
	}
	p.line, _ = strconv.ParseInt(c.QueryParam("after"), 10, 64) // missing or broken: from the first
	p.event, _ = strconv.ParseInt(c.QueryParam("seen"), 10, 64)
	// Whoever was cut off goes on after the last line that was sent.
	if id, err := strconv.ParseInt(c.Request().Header.Get("Last-Event-ID"), 10, 64); err == nil {
		p.line = max(p.line, id)
	}
	wake, end := s.Store.Listen()
	defer end()
	out := s.openLive(c)
	defer out.close()
	minute := time.NewTicker(time.Minute) // a takeover or the window may end by itself
	defer minute.Stop()
	for {
		if err := p.look(ctx, out); err != nil {
			return nil // the reader has gone, the customer was erased, or the store is closing: it comes back and sees
		}
		if !out.wait(wake, minute.C) {
			return nil
		}
		select {
		case <-time.After(chatGathers):
		case <-ctx.Done():
			return nil
		}
	}
}

// chatStream is what a page shows already.
type chatStream struct {
	server  *Server
	id      int64 // 0: no conversation is open
	line    int64 // the newest line sent
	at      time.Time
	event   int64
	state   string
	window  string
	pending string
	shown   map[int64]string // the ticks by line
}

func (p *chatStream) look(ctx context.Context, out *live) error {
	if p.id > 0 {
		parts, err := p.changes(ctx)
		if err != nil {
			return err
		}
		if len(parts) > 0 {
			if err := out.send("chat", p.line, parts...); err != nil {
				return err
			}
		}
	}
	last, err := p.server.Store.LastEvent(ctx)
	if err != nil {
		return err
	}
	if last == p.event {
		return nil
	}
	fresh, err := p.server.Store.Events(ctx, store.EventMessage, p.event, 1)
	if err != nil {
		return err
	}
	p.event = last
	if len(fresh) == 0 {
		return nil
	}
	return out.send("list", p.line)
}

// changes are the parts of the page that are not as they were.
func (p *chatStream) changes(ctx context.Context) ([]templ.Component, error) {
	s := p.server
	conv, err := s.Store.Conversation(ctx, p.id)
	if err != nil {
		return nil, err
	}
	lines, err := s.lines(ctx, p.id, 0)
	if err != nil {
		return nil, err
	}
	pending, err := s.pending(ctx, conv)
	if err != nil {
		return nil, err
	}
	fresh, ticks := p.sort(lines)
	var parts []templ.Component
	if len(fresh) > 0 {
		parts = append(parts, view.ChatAppend(fresh))
	}
	if len(ticks) > 0 {
		parts = append(parts, view.ChatTicks(ticks))
	}
	if key := pending.Key(); key != p.pending {
		p.pending = key
		parts = append(parts, view.ChatPendingPart(pending, true))
	}
	return append(parts, p.states(chatState(conv, time.Now()))...), nil
}

// states are the box below and the window's end, where they have changed. The
// page was drawn with the first ones.
func (p *chatStream) states(now view.ChatState) []templ.Component {
	var parts []templ.Component
	if key := now.Key(); key != p.state {
		if p.state != "" {
			parts = append(parts, view.ChatFoot(now, true))
		}
		p.state = key
	}
	if key := now.WindowEnds.String() + strconv.FormatBool(now.Window); key != p.window {
		if p.window != "" {
			parts = append(parts, view.ChatWindow(now, true))
		}
		p.window = key
	}
	return parts
}

// sort tells new lines from those whose tick has moved. The first look sends
// every tick: one may have moved since the page was drawn.
func (p *chatStream) sort(lines []view.ChatLine) (fresh, ticks []view.ChatLine) {
	for _, l := range lines {
		tick := l.Tick + l.Why
		was, known := p.shown[l.ID]
		switch {
		case l.ID > p.line:
			l.Day = time.Time{}
			if !sameDay(p.at, l.At) {
				l.Day = l.At
			}
			fresh = append(fresh, l)
			p.line = l.ID
		case l.Tick != "" && (!known || was != tick):
			ticks = append(ticks, l)
		}
		p.shown[l.ID], p.at = tick, l.At
	}
	if len(p.shown) > 10*chatLines {
		clear(p.shown) // a long evening: the ticks of what is in sight are sent once more
	}
	return fresh, ticks
}
