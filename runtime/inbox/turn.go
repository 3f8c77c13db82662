package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/runtime/model"
	"astromesh/store"

	"github.com/google/uuid"
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
	j := &job{conversation: c, id: uuid.NewString(), burst: burst, set: c.Settings(), started: time.Now(), files: map[int64][]agent.Attachment{}}
	// Meta does not keep the order; its clock has a resolution of one second,
	// and within that the order of arrival stands.
	slices.SortStableFunc(j.burst, func(a, b item) int { return a.event.At.Compare(b.event.At) })
	err := j.run(ctx, work)
	if errors.Is(err, store.ErrTaken) {
		c.keep(j.burst)
		return
	}
	if err != nil {
		c.Log.Info("turn was interrupted; its messages go back to the inbox", "stage", "dispatch", "conversation", c.id, "reason", err)
		c.giveBack(j.burst)
		return
	}
	c.forget(len(j.burst))
}

// run returns an error only when the rows are to be given back.
func (j *job) run(ctx, work context.Context) error {
	if onlyNotices(j.burst) {
		return j.commit(work, agent.Result{Outcome: outcomeNotice})
	}
	j.name = cmp.Or(j.burst[0].conv.Agent, j.set.DefaultAgent)
	// The default agent may have been changed or renamed since: a conversation
	// stays with its agent only as long as that one is in service.
	if _, ok := j.Agents.Get(j.name); !ok || j.name != j.set.DefaultAgent {
		j.name = j.set.DefaultAgent
	}
	j.agent, _ = j.Agents.Get(j.name)
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

// turn runs the agent, and waits and tries again while no model can be reached.
// What the customer writes meanwhile joins the burst.
func (j *job) turn(ctx, work context.Context) (agent.Result, error) {
	wait, end := firstRetry, time.Now().Add(j.set.RetryFor)
	// A wait ends with the program's stop, and with a person who takes over.
	waiting, cancel := context.WithCancel(work)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	for attempt := 1; ; attempt++ {
		result, err := j.guarded(work)
		if err == nil {
			return result, nil
		}
		if !errors.Is(err, model.ErrUnavailable) {
			return result, fmt.Errorf("turn, attempt %d: %w", attempt, err)
		}
		if attempt == 1 {
			j.event(store.Event{Kind: store.EventModel, Level: "warn", ConversationID: j.conversation.id, Agent: j.name, Stage: "model",
				Text: "No model can be reached: the turn waits and tries again."}.With(map[string]string{"cause": err.Error()}))
		}
		if !time.Now().Before(end) {
			return agent.Result{Outcome: agent.Failed, UserText: result.UserText, Reason: "No model could be reached for " + j.set.RetryFor.String() + ": see that Ollama runs and that the model is downloaded."}, nil
		}
		if err := sleep(waiting, min(wait, time.Until(end))); err != nil {
			return result, err
		}
		wait = min(2*wait, lastRetry)
		more := j.sift(j.take())
		j.fetch(work, more)
		j.burst = append(j.burst, more...)
	}
}

// guarded keeps a panic in one turn from ending the program: the customer gets
// the error text and a person is asked, since trying again would panic again.
func (j *job) guarded(ctx context.Context) (result agent.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			j.Log.Error("turn panicked", "stage", "dispatch", "conversation", j.conversation.id, "panic", p, "stack", string(debug.Stack()))
			result, err = agent.Result{Outcome: agent.Failed, Reason: "The program made a mistake in this turn: please report it with the log."}, nil
		}
	}()
	return j.agent.Turn(ctx, agent.Input{TurnID: j.id, SessionID: j.session(), Customer: j.last().event.From, Said: j.said()})
}

func (j *job) session() string { return j.burst[0].conv.SessionID }

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
