package view

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"astromesh/web/form"
)

// GuardrailPage is what the page of guardrails shows.
type GuardrailPage struct {
	Agents   []GuardedAgent
	Hits     []HitRow
	Entities []string // that can be looked for
	Try      form.Try
	Tried    *Tried // nil = nothing was tried
	Now      time.Time
}

// GuardedAgent is an agent with its rules in their order.
type GuardedAgent struct {
	Name, Shown   string
	Input, Output []Rule
	Dry           form.DryRun
	Result        *DryResult // nil = no dry run
}

// Rule is one guardrail.
type Rule struct {
	Type, Action string
	Entities     []string // of pii_detection
	MaxChars     int      // of max_length
	MaxTokens    int      // of cost_limit
	Topics       []string // of topic_filter
	Keywords     []string // of content_filter
	Patterns     []string // of content_filter
}

// HitRow is how often one thing was found, by the day.
type HitRow struct {
	Agent, Direction, Rule, Entity string
	Shown                          string // what the agent's owner calls it
	Action                         string // rewrite, block, warn
	First                          time.Time
	Days                           []int64 // from First on
	Sum                            int64
}

// Tried is what guardrails make of a text.
type Tried struct {
	Action string // allow, rewrite, block
	Rule   string // that blocked
	After  string // what goes on
	Parts  []TextPart
}

// TextPart is a piece of a text; Entity is what was found there, or "".
type TextPart struct{ Text, Entity string }

// DryResult is what changed rules would have done.
type DryResult struct {
	All, Judged   int // texts there are, texts that there was time for
	Before, After Tally
	Changed       int
	Examples      []DryExample
}

// Tally counts texts.
type Tally struct{ Hit, Blocked int }

// Add counts one text.
func (t *Tally) Add(hit, blocked bool) {
	if hit {
		t.Hit++
	}
	if blocked {
		t.Blocked++
	}
}

// DryExample is one text that would fare otherwise.
type DryExample struct {
	Conversation int64
	Change       string // hit, spared, blocked, unblocked, other
	Parts        []TextPart
}

// words say what a rule does.
func (r Rule) words(ctx context.Context) string {
	switch r.Type {
	case "pii_detection":
		return T(ctx, "guardrail.rule_pii_"+r.does("redact", "block", "warn"), entityList(ctx, r.Entities))
	case "max_length":
		return T(ctx, "guardrail.rule_length_"+r.does("block", "truncate"), r.MaxChars)
	case "topic_filter":
		return T(ctx, "guardrail.rule_topic_"+r.does("block", "redact", "warn"), strings.ReplaceAll(strings.Join(r.Topics, ", "), "|", " / "))
	case "content_filter":
		return T(ctx, "guardrail.rule_content_"+r.does("block", "redact", "warn"), r.sought(ctx))
	case "cost_limit":
		return T(ctx, "guardrail.rule_cost_"+r.does("truncate", "block", "warn"), r.MaxTokens)
	default:
		return r.Type
	}
}

// does is the rule's action; the first of its kind's where the file names none.
func (r Rule) does(actions ...string) string {
	if slices.Contains(actions, r.Action) {
		return r.Action
	}
	return actions[0]
}

// mostSought is how many words of a filter a sentence has room for.
const mostSought = 12

// sought are the words that a filter looks for, and how many patterns: those are
// nobody's language.
func (r Rule) sought(ctx context.Context) string {
	var parts []string
	if n := len(r.Keywords); n > mostSought {
		parts = append(parts, strings.Join(r.Keywords[:mostSought], ", "), T(ctx, "guardrail.more_words", n-mostSought))
	} else if n > 0 {
		parts = append(parts, strings.Join(r.Keywords, ", "))
	}
	if n := len(r.Patterns); n > 0 {
		parts = append(parts, T(ctx, "guardrail.some_patterns", n))
	}
	return strings.Join(parts, "; ")
}

// entityList are kinds of data as a sentence has them.
func entityList(ctx context.Context, entities []string) string {
	var words []string
	for _, e := range entities {
		words = append(words, known(ctx, "guardrail.kind_"+e, e))
	}
	return strings.Join(words, ", ")
}

// title is what was found; a rule's own word where it is no kind of data.
func (h HitRow) title(ctx context.Context) string { return Entity(ctx, h.Entity) }

// height of a day's bar in a picture 20 high.
func (h HitRow) height(n int64) int {
	most := int64(0)
	for _, day := range h.Days {
		most = max(most, day)
	}
	if n == 0 || most == 0 {
		return 0
	}
	return max(2, int(math.Round(float64(n)/float64(most)*20)))
}

// gain is the difference with its sign.
func gain(before, after int) string {
	switch d := after - before; {
	case d > 0:
		return "+" + strconv.Itoa(d)
	case d < 0:
		return "−" + strconv.Itoa(-d)
	default:
		return "±0"
	}
}

func totals(rows []HitRow) (sum int64) {
	for _, r := range rows {
		sum += r.Sum
	}
	return sum
}

func (a GuardedAgent) title() string { return AgentName{a.Name, a.Shown}.title() }

func (h HitRow) dayLabel(ctx context.Context, i int) string {
	return T(ctx, "log.bar", h.First.AddDate(0, 0, i).Format("2006-01-02"), h.Days[i])
}

// daysLabel names the days that had any, for who cannot see the bars.
func (h HitRow) daysLabel(ctx context.Context) string {
	var days []string
	for i, n := range h.Days {
		if n > 0 {
			days = append(days, h.dayLabel(ctx, i))
		}
	}
	return strings.Join(days, "; ")
}
