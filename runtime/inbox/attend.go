package inbox

import (
	"context"
	"sync"
	"time"

	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/store"
)

const (
	// typingEvery renews the typing sign, which Meta clears after 25 s.
	typingEvery = 23 * time.Second
	signTimeout = 10 * time.Second
	// signsAtOnce bounds read receipts under way: hundreds of customers who write in the
	// same moment would else fill the way to Graph before the first reply.
	signsAtOnce = 16
	// fetchTimeout bounds the download of one attachment.
	fetchTimeout = 60 * time.Second
)

// showSigns shows the customer that the messages were read and that a reply is
// being written, until the function it returns is called. Neither may delay or
// fail a turn. Typing cannot be shown without reading.
func (j *job) showSigns(work context.Context) (stop func()) {
	if !j.set.MarkRead {
		return func() {}
	}
	ctx, cancel := context.WithCancel(work)
	last := j.last().event
	j.running.Go(func() {
		_ = j.safely("read receipt", func() error { // the turn goes on without it
			j.showSign(work, ctx, last)
			for j.set.Typing && sleep(ctx, typingEvery) == nil {
				j.showSign(work, ctx, last)
			}
			return nil
		})
	})
	return cancel
}

// showSign listens to work and not to the turn's end, which ends the renewing but
// not a call in hand: an instant turn would else leave the message unread. Where it
// had to queue until the turn was over, nobody is typing any more.
func (j *job) showSign(work, turn context.Context, in channel.Inbound) {
	typing := j.set.Typing
	select {
	case j.signs <- struct{}{}:
	default:
		select {
		case j.signs <- struct{}{}:
			typing = typing && turn.Err() == nil
		case <-work.Done():
			return
		}
	}
	defer func() { <-j.signs }()
	ctx, cancel := context.WithTimeout(work, signTimeout)
	defer cancel()
	if err := j.Sender.MarkRead(ctx, in.Account, in.ID, typing); err != nil && work.Err() == nil {
		j.Log.Debug("read receipt was not sent", "stage", "send", "conversation", j.conversation.id, "error", err)
	}
}

// fetch loads the attachments of items into memory, side by side. One that
// cannot be had is marked, and the turn goes on without it.
func (j *job) fetch(ctx context.Context, items []item) {
	var wg sync.WaitGroup
	for _, it := range items {
		if len(it.event.Media) == 0 {
			continue
		}
		files := make([]agent.Attachment, len(it.event.Media))
		j.files[it.row] = files
		for i, m := range it.event.Media {
			files[i] = agent.Attachment{Media: m, Failed: true} // unless it comes
			wg.Go(func() {
				_ = j.safely("attachment", func() error { files[i] = j.fetchOne(ctx, it.event.Account, m); return nil }) // it stays failed
			})
		}
	}
	wg.Wait()
}

func (j *job) fetchOne(ctx context.Context, account string, m channel.Media) agent.Attachment {
	call, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	file, err := j.Sender.Fetch(call, account, m)
	if err != nil && ctx.Err() == nil {
		j.event(store.Event{Kind: store.EventMessage, Level: "warn", ConversationID: j.conversation.id, Agent: j.name, Stage: "media",
			Text: "An attachment could not be fetched: the agent answers without it."}.With(map[string]string{"kind": string(m.Kind), "cause": err.Error()}))
	}
	return agent.Attachment{Media: m, File: file, Failed: err != nil}
}
