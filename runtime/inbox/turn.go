package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/runtime/model"
	"astromesh/store"
)

// The waits between tries while no model can be reached.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// job is one burst on its way to a commit.
type job struct {
	*conversation
	id      string
	burst   []item
	files   map[int64][]agent.Attachment // by inbox row; in memory only
	agent   *agent.Agent                 // nil where the agent is missing
	name    string                       // of the agent
	set     Settings
	started time.Time
}

// answer sees one burst through: a reply is committed, or the rows go back.
func (c *conversation) answer(ctx, work context.Context, burst []item) {
	j := &job{conversation: c, id: turnID(burst), burst: burst, started: time.Now(), files: map[int64][]agent.Attachment{}}
	// Meta does not keep the order; its clock has a resolution of one second,
	// and within that the order of arrival stands.
	slices.SortStableFunc(j.burst, func(a, b item) int { return a.event.At.Compare(b.event.At) })
	err := c.safely("turn", func() error { return j.run(ctx, work) })
	if errors.Is(err, errPanicked) { // trying again would panic again
		err = c.safely("end of a turn", func() error {
			return j.commit(work, agent.Result{Outcome: agent.Failed, Reason: "The program made a mistake in this turn: please report it with the log."})
		})
	}
	switch {
	case errors.Is(err, store.ErrTaken):
		c.keep(ctx, j.burst)
	case errors.Is(err, errPanicked): // the rows stay claimed until the next start
		c.forget(len(j.burst))
	case err != nil:
		c.Log.Info("turn was interrupted; its messages go back to the inbox", "stage", "dispatch", "conversation", c.id, "reason", err)
		if !errors.Is(err, store.ErrConflict) { // a store that cannot be read is not asked again at once
			_ = sleep(ctx, failedPause) // the stop ends it
		}
		c.giveBack(j.burst)
	default:
		c.forget(len(j.burst))
	}
}

// choose finds the agent that answers. Settings and agents are replaced one after
// the other when files are read again: who finds none in between asks once more.
func (j *job) choose() {
	for range 2 {
		j.set = j.Settings()
		j.name = j.set.DefaultAgent
		if j.agent, _ = j.Agents.Get(j.name); j.agent != nil {
			return
		}
	}
}

// run returns an error only when the rows are to be given back.
func (j *job) run(ctx, work context.Context) error {
	j.choose()
	if onlyNotices(j.burst) {
		return j.commit(work, agent.Result{Outcome: outcomeNotice})
	}
	turn, end, err := j.beginTurn(work)
	defer end()
	if err != nil {
		return err
	}
	stopSigns := j.showSigns(work)
	defer stopSigns()
	if j.agent == nil {
		return j.commit(work, agent.Result{Outcome: agent.Failed, Reason: fmt.Sprintf("The agent %q is not in service: choose another one in the channel's settings, or correct its file.", j.name)})
	}
	j.fetch(turn, j.burst)
	result, err := j.turn(ctx, turn)
	if err != nil {
		return errors.Join(context.Cause(turn), err)
	}
	return j.commit(work, result)
}

// turn runs the agent, and waits and tries again while no model answers: none can be
// reached, or all of them fail by themselves. What the customer writes meanwhile joins
// the burst.
func (j *job) turn(ctx, work context.Context) (agent.Result, error) {
	wait, end := firstRetry, time.Now().Add(j.set.RetryFor)
	// A wait ends with the program's stop, and with a person who takes over.
	waiting, cancel := context.WithCancel(work)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	var spent []model.Usage // by tries that got an answer of a model, and not the next
	why := "No model could be reached for " + j.set.RetryFor.String() + ": see that Ollama runs and that the model is downloaded."
	for attempt := 1; ; attempt++ {
		result, err := j.agent.Turn(work, agent.Input{TurnID: j.id, SessionID: j.session(), Customer: j.last().event.From, Said: j.said()})
		result.Usage = slices.Concat(spent, result.Usage)
		over := !time.Now().Before(end)
		switch {
		case err == nil && (over || !result.Passing):
			return result, nil
		case err == nil: // the third failure in a row takes a model out of order: it is given time before that
			wait, why = max(wait, lastRetry), result.Reason // also once it is left alone and not reached any more
		case !errors.Is(err, model.ErrUnavailable):
			return result, fmt.Errorf("turn, attempt %d: %w", attempt, err)
		}
		spent = result.Usage
		if attempt == 1 {
			j.waits(end, result, err)
		}
		if over {
			return agent.Result{Outcome: agent.Failed, UserText: result.UserText, Usage: spent, Reason: why}, nil
		}
		if err := sleep(waiting, min(wait, time.Until(end))); err != nil {
			return result, err
		}
		wait = min(2*wait, lastRetry)
		more := j.sift(ctx, j.take())
		j.fetch(work, more)
		j.burst = append(j.burst, more...)
	}
}

// waits says that the turn tries again until end, and why.
func (j *job) waits(end time.Time, result agent.Result, err error) {
	text, cause := "Every model failed: the turn waits and tries again.", result.Reason
	if err != nil {
		text, cause = "No model can be reached: the turn waits and tries again.", err.Error()
	}
	j.waitsUntil(end)
	j.event(store.Event{Kind: store.EventModel, Level: "warn", ConversationID: j.conversation.id, Agent: j.name, Stage: "model", Text: text}.With(map[string]string{"cause": cause}))
}

// session is memory's name for the conversation. The newest claim knows it: it
// changes when a customer's number becomes known.
func (j *job) session() string {
	newest := slices.MaxFunc(j.burst, func(a, b item) int { return cmp.Compare(a.row, b.row) })
	return newest.conv.SessionID
}

func (j *job) last() item { return j.burst[len(j.burst)-1] }

func (j *job) said() []agent.Said {
	var said []agent.Said
	for _, it := range j.burst {
		if it.event.Treatment == channel.Answer {
			said = append(said, agent.Said{Text: it.event.Text, Files: j.files[it.row]})
		}
	}
	return said
}

func onlyNotices(burst []item) bool {
	return !slices.ContainsFunc(burst, func(it item) bool { return it.event.Treatment == channel.Answer })
}
