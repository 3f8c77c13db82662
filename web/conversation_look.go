package web

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/tool"
	"astromesh/store"
	"astromesh/web/view"
)

// lines are a page of the transcript, oldest first; before 0 = the newest.
func (s *Server) lines(ctx context.Context, id, before int64) ([]view.ChatLine, error) {
	list, err := s.Store.Transcript(ctx, id, before, chatLines)
	if err != nil {
		return nil, err
	}
	marks, err := s.marks(ctx, list)
	if err != nil {
		return nil, err
	}
	noted, err := s.noted(ctx, list)
	if err != nil {
		return nil, err
	}
	lines := make([]view.ChatLine, 0, len(list))
	for i, l := range list {
		line := chatLine(l)
		if i == 0 || !sameDay(list[i-1].At.Time(), l.At.Time()) {
			line.Day = l.At.Time()
		}
		// A turn's marks stand below its last line of that side.
		key := markKey(l)
		if i+1 == len(list) || markKey(list[i+1]) != key {
			line.Marks = marks[key]
			if l.Author == store.AuthorAgent {
				line.Noted = noted[l.TurnID]
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Local().Date()
	by, bm, bd := b.Local().Date()
	return ay == by && am == bm && ad == bd
}

// markKey is a turn and the side that a guardrail looked at.
func markKey(l store.Line) string {
	if l.Author == store.AuthorCustomer {
		return l.TurnID + " input"
	}
	return l.TurnID + " output"
}

func (s *Server) marks(ctx context.Context, list []store.Line) (map[string][]view.ChatMark, error) {
	var turns []string
	for _, l := range list {
		if l.TurnID != "" && (len(turns) == 0 || turns[len(turns)-1] != l.TurnID) {
			turns = append(turns, l.TurnID)
		}
	}
	marks := map[string][]view.ChatMark{}
	if len(turns) == 0 {
		return marks, nil
	}
	hits, err := s.Store.Hits(ctx, turns)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, h := range hits {
		key := h.TurnID + " " + h.Direction
		if once := key + h.Entity + h.Action; !seen[once] {
			seen[once] = true
			marks[key] = append(marks[key], view.ChatMark{Entity: h.Entity, Rule: h.Rule, Action: h.Action})
		}
	}
	return marks, nil
}

// noted is what tools noted for people, in the turns of some lines.
func (s *Server) noted(ctx context.Context, list []store.Line) (map[string][]string, error) {
	var turns []string
	for _, l := range list {
		if l.TurnID != "" && l.Author == store.AuthorAgent && !slices.Contains(turns, l.TurnID) {
			turns = append(turns, l.TurnID)
		}
	}
	found, err := s.Store.Noted(ctx, turns)
	if err != nil {
		return nil, err
	}
	lines := map[string][]string{}
	for turn, text := range found {
		lines[turn] = notedWords(text)
	}
	return lines, nil
}

// notedWords are a turn's notes, a line each: "lookup_company: company_name = Acme".
func notedWords(text string) (lines []string) {
	var notes []tool.Record
	if json.Unmarshal([]byte(text), &notes) != nil {
		return nil // nobody else writes them
	}
	for _, n := range notes {
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(n.Arguments)) {
			value, isText := n.Arguments[key].(string)
			if !isText {
				b, err := json.Marshal(n.Arguments[key])
				if err != nil {
					continue
				}
				value = string(b)
			}
			parts = append(parts, key+" = "+value)
		}
		line := n.Tool
		if len(parts) > 0 {
			line += ": " + strings.Join(parts, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}

func chatLine(l store.Line) view.ChatLine {
	line := view.ChatLine{ID: l.ID, Author: l.Author, Kind: l.Kind, Text: l.Text, At: l.At.Time()}
	if l.Kind == store.KindTaken && l.Text == store.TakenByPhone {
		line.Text = ""
	}
	if l.OutboxID == "" {
		return line
	}
	line.Tick = tickOf(l)
	if line.Tick == view.TickFailed || line.Tick == view.TickUnsure || line.Tick == view.TickWaiting {
		line.Why, line.Code = l.Error, l.ErrorCode
	}
	if l.TurnID != "" {
		line.Trace = "/conversations/" + strconv.FormatInt(l.ConversationID, 10) + "/turns/" + l.TurnID
	}
	return line
}

func tickOf(l store.Line) string {
	switch l.State {
	case store.OutboxFailed:
		return view.TickFailed
	case store.OutboxWithdrawn:
		return view.TickWithdrawn
	case store.OutboxUnsure:
		return view.TickUnsure
	case store.OutboxDue, store.OutboxSending:
		return view.TickWaiting
	}
	switch channel.Delivery(l.Delivery) {
	case channel.DeliveryRead, channel.DeliveryPlayed:
		return view.TickRead
	case channel.DeliveryDelivered:
		return view.TickDelivered
	default:
		return view.TickSent
	}
}

// chatState is who answers now.
func chatState(conv store.Conversation, now time.Time) view.ChatState {
	st := view.ChatState{ID: conv.ID, Needs: conv.NeedsPerson, Window: whatsapp.WindowOpen(conv.LastInboundAt.Time(), now)}
	if conv.LastInboundAt > 0 {
		st.WindowEnds = conv.LastInboundAt.Time().Add(whatsapp.ServiceWindow)
	}
	if conv.Taken(now) {
		st.Taken = true
		if conv.TakenBy != store.TakenByPhone {
			st.By = conv.TakenBy
		}
		if conv.TakenUntil != store.UntilHandedBack {
			st.Until = conv.TakenUntil.Time()
		}
	} else if conv.MutedUntil > store.At(now) {
		st.MutedUntil = conv.MutedUntil.Time()
	}
	return st
}

// pending is what came and is in no transcript yet, as the agent's guardrails
// let it through: its raw text is shown to nobody.
func (s *Server) pending(ctx context.Context, conv store.Conversation) (view.ChatPending, error) {
	rows, err := s.Store.Pending(ctx, conv.ID)
	if err != nil || len(rows) == 0 {
		return view.ChatPending{}, err
	}
	p := view.ChatPending{}
	a, _ := s.Agents.Get(s.answers(conv))
	for _, r := range rows {
		var in channel.Inbound
		if json.Unmarshal(r.Payload, &in) != nil || in.Treatment == channel.Record {
			continue // it is recorded in a moment
		}
		line := view.ChatLine{ID: r.ID, Author: store.AuthorCustomer, Kind: r.Kind, At: r.At.Time()}
		if a != nil {
			line.Text = a.Guard(in.From, in.Text, unfetched(in.Media))
		}
		p.Lines = append(p.Lines, line)
	}
	now := time.Now()
	p.Writing = len(p.Lines) > 0 && a != nil && !conv.Taken(now) && conv.MutedUntil <= store.At(now)
	if p.Writing && s.WaitsForModel != nil {
		p.Tries = s.WaitsForModel(conv.ID)
	}
	return p, nil
}

func unfetched(media []channel.Media) []agent.Attachment {
	var files []agent.Attachment
	for _, m := range media {
		files = append(files, agent.Attachment{Media: m, Unfetched: true})
	}
	return files
}

// answers is the agent that answers a conversation.
func (s *Server) answers(conv store.Conversation) string {
	if s.DefaultAgent != nil {
		return cmp.Or(s.DefaultAgent(), conv.Agent)
	}
	return conv.Agent
}

func (s *Server) about(ctx context.Context, conv store.Conversation) (view.ChatAbout, error) {
	name := s.answers(conv)
	a := view.ChatAbout{Username: conv.Contact.Username, Since: conv.CreatedAt.Time(), Messages: conv.InboundCount, Agent: s.shownName(name)}
	if conv.Contact.Phone != nil {
		a.Phone = *conv.Contact.Phone
	}
	var err error
	if a.Memory, err = s.Store.Remembered(ctx, name, conv.SessionID, 1000); err != nil {
		return a, err
	}
	notes, err := s.Store.Notes(ctx, conv.ID)
	for _, n := range notes {
		a.Notes = append(a.Notes, view.ChatNote{ID: n.ID, By: n.User, Text: n.Text, At: n.At.Time()})
	}
	return a, err
}
