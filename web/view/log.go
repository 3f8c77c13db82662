package view

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"astromesh/web/form"
)

// LogPage is what the log shows.
type LogPage struct {
	Form    form.Log
	Agents  []AgentName // that can be chosen
	Rows    []LogLine
	Next    int64     // id to go on before; 0 = that was all
	Reached time.Time // how far back was searched, where the search ended by its bound
	Last    int64     // id of the newest event of any kind, for the stream
	Bars    []LogBar
	Why     Quiet // why there is nothing
	Now     time.Time
}

// LogLine is one event.
type LogLine struct {
	ID           int64
	At           time.Time
	Level        string
	Stage        string
	Conversation int64
	Agent        string
	Text         string // in the reader's language where there are words for it
	Stored       string // as recorded
	Data         [][2]string
}

// LogBar is one bar of the histogram.
type LogBar struct {
	From, To time.Time
	Count    int64
	Chosen   bool
	Link     string
}

// Quiet says why nothing is here, and the one thing to do next.
type Quiet struct {
	Text   string
	Link   string // "" = nothing to do
	Button string // key of the texts
}

const (
	barWidth  = 20 // of a bar and its gap, in the picture's own units
	barHeight = 80
)

// tallest is the highest bar's count.
func tallest(bars []LogBar) int64 {
	most := int64(0)
	for _, b := range bars {
		most = max(most, b.Count)
	}
	return most
}

// height of a bar: nothing for nothing, at least a hair for something.
func (b LogBar) height(most int64) int {
	if b.Count == 0 || most == 0 {
		return 0
	}
	return max(2, int(math.Round(float64(b.Count)/float64(most)*barHeight)))
}

func (b LogBar) label(ctx context.Context) string {
	if b.To.Sub(b.From) > time.Hour {
		return T(ctx, "log.bar", b.From.Format("2006-01-02"), b.Count)
	}
	return T(ctx, "log.bar", b.From.Format("2006-01-02 15:04"), b.Count)
}

// tick is what stands below some bars.
func (b LogBar) tick(i int) string {
	if b.To.Sub(b.From) > time.Hour {
		if i%7 == 1 {
			return b.From.Format("02.01.")
		}
		return ""
	}
	if b.From.Hour()%6 == 0 {
		return b.From.Format("15:04")
	}
	return ""
}

func (p LogPage) with(change func(*form.Log)) string {
	f := p.Form
	f.Before = 0
	change(&f)
	return f.Query()
}

func (p LogPage) tab(kind string) string {
	return "/logs?" + p.with(func(f *form.Log) { f.Kind = kind })
}

func (p LogPage) older() string {
	return p.with(func(f *form.Log) { f.Before = p.Next })
}

// stream is the address of the rows to come; none on older pages, and where
// what is looked at is over.
func (p LogPage) stream() string {
	if _, to := p.Form.Between(); p.Form.Before > 0 || len(p.Form.Errors) > 0 || !to.IsZero() && to.Before(p.Now) {
		return ""
	}
	return "/logs/stream?" + p.with(func(*form.Log) {}) + "&after=" + strconv.FormatInt(p.Last, 10)
}

// Stage is a message's step as an owner calls it.
func Stage(ctx context.Context, stage string) string {
	switch stage {
	case "webhook", "inbox", "dispatch", "media", "guardrail", "memory", "model", "tool", "outbox", "send", "delivery":
		return T(ctx, "log.stage_"+stage)
	default:
		return T(ctx, "log.stage_system")
	}
}

// Entity is what a guardrail finds, as people call it.
func Entity(ctx context.Context, entity string) string {
	if slices.Contains(Entities(), entity) {
		return T(ctx, "guardrail.entity_"+entity)
	}
	return entity
}

// Entities are the kinds of finding that have a name.
func Entities() []string {
	return []string{
		"EMAIL", "PHONE", "CC", "IBAN", "SSN", "IP", "ES_NIF", "BR_CPF", "BR_CNPJ", "AR_CUIT", "AR_DNI", "MX_CURP", "MX_RFC",
		"LENGTH", "TOPIC", "KEYWORD", "PATTERN", "TOKENS",
	}
}

// Span is a length of time in one unit.
func Span(ctx context.Context, d time.Duration) string {
	switch {
	case d < time.Second:
		return T(ctx, "log.span_ms", d.Milliseconds())
	case d < 10*time.Second:
		return T(ctx, "log.span_seconds", strconv.FormatFloat(d.Seconds(), 'f', 1, 64))
	case d < 2*time.Minute:
		return T(ctx, "log.span_seconds", int(d.Seconds()))
	case d < 2*time.Hour:
		return T(ctx, "log.span_minutes", int(d.Minutes()))
	default:
		return T(ctx, "log.span_hours", int(d.Hours()))
	}
}

// agentChoices are the agents in service, and the one that is chosen though it
// is not there any more.
func (p LogPage) agentChoices() []AgentName {
	chosen := func(a AgentName) bool { return a.Name == p.Form.Agent }
	if p.Form.Agent == "" || slices.ContainsFunc(p.Agents, chosen) {
		return p.Agents
	}
	return append(slices.Clone(p.Agents), AgentName{Name: p.Form.Agent})
}

func (p LogPage) moreOpen() bool {
	return p.Form.Conversation != "" || p.Form.From != "" || p.Form.To != ""
}

func (p LogPage) span() string {
	if p.Form.Span == "month" {
		return "month"
	}
	return "day"
}

func (p LogPage) otherSpan() string {
	return p.with(func(f *form.Log) {
		if f.Span == "month" {
			f.Span = ""
		} else {
			f.Span = "month"
		}
	})
}

// clockOrDay is the clock today, and the date with it on other days.
func clockOrDay(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04:05")
	}
	return at.Format("2006-01-02 15:04:05")
}
