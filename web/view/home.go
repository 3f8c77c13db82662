package view

import (
	"context"
	"encoding/json"
	"time"
)

// HomeView is what the start page shows.
type HomeView struct {
	Needs    []Need // those that wait longest
	NeedsAll int
	Today    Today
	Hours    Chart  // of the last day
	Days     Chart  // of the last two weeks
	Health   string // ok, warn, fail, "" before the first look
	Broken   int    // checks in that state
	Quiet    Quiet  // why nothing has come yet
	// SetupDone of SetupAll cards of the first run are done; 0 of 0 = no longer asked for
	SetupDone, SetupAll int
	Now                 time.Time
}

// Need is a conversation that waits for a person.
type Need struct {
	ID     int64
	Name   string // "" = not known
	Reason string
	Since  time.Time
}

// Today are the day's figures.
type Today struct {
	In, Out, Hits, Failed, Answered int64
	Waiting, Sending                int64 // now: messages without an answer, answers on their way
	Median, P95                     time.Duration
}

// Chart is messages in and out by a step of time.
type Chart struct {
	Labels []string `json:"labels"`
	In     []int64  `json:"in"`
	Out    []int64  `json:"out"`
}

// Add puts the next step to the end.
func (c *Chart) Add(label string, in, out int64) {
	c.Labels, c.In, c.Out = append(c.Labels, label), append(c.In, in), append(c.Out, out)
}

func (c Chart) data() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "{}" // texts and numbers can always be written
	}
	return string(b)
}

func (c Chart) sum() (sum int64) {
	for i := range c.In {
		sum += c.In[i] + c.Out[i]
	}
	return sum
}

// Empty says whether nothing has happened in the time that is shown, and nothing
// is waiting.
func (h HomeView) Empty() bool {
	return h.Days.sum() == 0 && h.NeedsAll == 0 && h.Today.Waiting == 0 && h.Today.Sending == 0
}

// name of the customer, or the conversation's number.
func (n Need) name(ctx context.Context) string {
	if n.Name != "" {
		return n.Name
	}
	return T(ctx, "home.conversation", n.ID)
}

func (h HomeView) healthWords(ctx context.Context) string {
	switch h.Health {
	case "":
		return T(ctx, "home.health_unknown")
	case "ok":
		return T(ctx, "health.sum_ok")
	}
	return T(ctx, "health.sum_"+h.Health, h.Broken)
}

// answeredIn is a length of time as a figure, "–" where nothing was answered.
func (t Today) answeredIn(ctx context.Context, d time.Duration) string {
	switch {
	case t.Answered == 0:
		return "–"
	case d >= 24*time.Hour:
		return T(ctx, "home.over_hour")
	default:
		return Span(ctx, d)
	}
}

// calm says that nobody is asked for; that the agent answers only while nothing
// is broken.
func (h HomeView) calm() string {
	if h.Health == "fail" {
		return "home.needs_nobody_broken"
	}
	return "home.needs_nobody"
}
