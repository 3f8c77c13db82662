package inbox

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
)

// idleAfter is how long a conversation's goroutine stays for the next message:
// as long as the loop guard looks back, for its memory goes with the goroutine.
const idleAfter = sameTextWindow

// item is one claimed event.
type item struct {
	row   int64
	event channel.Inbound
	conv  store.Conversation
	came  time.Time
}

// conversation is one customer's thread at work. Its goroutine alone runs turns
// of it; the dispatcher puts rows in.
type conversation struct {
	*Dispatcher
	id    int64
	quit  chan struct{} // closed: nothing will be put in any more
	bell  chan struct{}
	guard loopGuard
	// noticed is when "unsupported" was last said here; the row may be older.
	noticed time.Time
	ahead   func(context.Context) // what to compute while the customer is quiet; nil = nothing
	aheadIn time.Duration         // how long that is
	// computing is closed when what was computed ahead last has ended; computed
	// counts how often that began.
	computing chan struct{}
	computed  atomic.Int64

	mu   sync.Mutex
	mail []item
}

func newConversation(d *Dispatcher, id int64) *conversation {
	return &conversation{Dispatcher: d, id: id, quit: make(chan struct{}), bell: make(chan struct{}, 1)}
}

// put hands a row over. It never blocks: a slow conversation holds nobody up.
func (c *conversation) put(row store.Claimed) {
	it := item{row: row.ID, conv: row.Conversation, came: row.ReceivedAt.Time()}
	// The claim has read the same bytes already: they are sound.
	_ = json.Unmarshal(row.Payload, &it.event)
	c.mu.Lock()
	c.mail = append(c.mail, it)
	c.mu.Unlock()
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

func (c *conversation) empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.mail) == 0
}

func (c *conversation) take() []item {
	c.mu.Lock()
	defer c.mu.Unlock()
	mail := c.mail
	c.mail = nil
	return mail
}

// run answers bursts until nothing comes any more or the program stops. ctx ends
// when no new turn may begin, work when a running one must give up.
func (c *conversation) run(ctx, work context.Context) {
	for c.wait(ctx) {
		burst, ok := c.gather(ctx)
		if !ok {
			c.giveBack(burst)
			break
		}
		if len(burst) > 0 {
			c.answer(ctx, work, burst)
		}
	}
	c.giveBack(c.take())
}

// wait returns true when there is mail, false when the goroutine is to end.
func (c *conversation) wait(ctx context.Context) bool {
	quiet, stop := c.quiet()
	defer stop()
	timer := time.NewTimer(idleAfter)
	defer timer.Stop()
	for c.empty() {
		if ctx.Err() != nil {
			return false
		}
		select {
		case <-c.bell:
		case <-ctx.Done():
			return false
		case <-c.quit:
			return false
		case <-quiet:
			c.computeAhead(ctx)
		case <-timer.C:
			select {
			case c.idle <- c: // the dispatcher closes quit, or has put something in
			case <-c.gone:
				return false
			}
			timer.Reset(idleAfter)
		}
	}
	return ctx.Err() == nil
}

// gather takes what came, closes what is only to be recorded, and waits until
// the customer has been quiet. ok is false when the program stops meanwhile.
func (c *conversation) gather(ctx context.Context) (burst []item, ok bool) {
	began := time.Now()
	for {
		burst = append(burst, c.sift(ctx, c.take())...)
		s := c.Settings()
		if len(burst) == 0 || s.Quiet <= 0 {
			return burst, true
		}
		wait := min(s.Quiet, time.Until(began.Add(s.MaxQuiet)))
		if wait <= 0 {
			return burst, true
		}
		timer := time.NewTimer(wait)
		select {
		case <-c.bell:
			timer.Stop()
		case <-timer.C:
			return burst, true
		case <-ctx.Done():
			timer.Stop()
			return burst, false
		}
	}
}

// sift records what nobody answers, and gives the rest.
func (c *conversation) sift(ctx context.Context, mail []item) (answer []item) {
	for _, it := range mail {
		switch {
		case it.event.Kind == channel.KindEcho, it.conv.Taken(time.Now()):
			c.keep(ctx, []item{it})
		case it.event.Treatment == channel.Record:
			c.record(ctx, it)
		case c.muted(it):
			c.record(ctx, it)
		default:
			answer = append(answer, it)
		}
	}
	return answer
}

// giveBack returns rows to the inbox. They are claimed again at once: a merged
// conversation's belong to another one now. Where the program stops, they are
// taken up after the next start.
func (c *conversation) giveBack(items []item) {
	if len(items) == 0 {
		return
	}
	if err := c.Store.Requeue(rows(items)); err != nil {
		c.Log.Error("messages could not be given back; they are taken up at the next start", "stage", "inbox", "conversation", c.id, "error", err)
	}
	c.forget(len(items))
	c.Wake()
}

// forget tells the dispatcher that rows are out of memory.
func (c *conversation) forget(n int) { c.finished <- n }

func rows(items []item) []int64 {
	ids := make([]int64, len(items))
	for i, it := range items {
		ids[i] = it.row
	}
	return ids
}
