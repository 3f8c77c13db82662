package model

import (
	"context"
	"errors"
	"time"

	"github.com/ollama/ollama/api"
)

// loadWithin bounds the loading of a model: 70 s have been seen for 4 GB on a
// slow disk, and Ollama itself gives up when nothing moves for 5 minutes.
const loadWithin = 10 * time.Minute

// Warm loads the model with the same num_ctx that an ordinary conversation
// uses, so that the first customer does not wait for it. It takes as long as
// loading takes, up to ten minutes, and needs no place in the queue: a server
// loads beside what it computes. A model that its agent does not keep loaded
// (keep_alive 0) is left alone.
func (o *Ollama) Warm(ctx context.Context) error {
	if o.keepAlive.Duration == 0 {
		return nil
	}
	caps, err := o.Capabilities(ctx)
	if err != nil {
		return err
	}
	body, err := o.body(Request{}, caps)
	if err != nil {
		return o.failure(ctx, err)
	}
	body.Messages = []api.Message{}
	body.Options["num_ctx"] = o.state.size.fit(0, o.parameters.numCtx, caps.ContextLength)
	if _, err := o.post(ctx, body, loadWithin, nil); err != nil {
		return o.failure(ctx, err)
	}
	return nil
}

// loadIfCold loads the model beside everything else after a turn's time was up
// before the server said a word. Ollama gives up loading when the request that
// caused it is cancelled, so a model that loads for longer than a turn may take
// would never be loaded at all.
func (o *Ollama) loadIfCold(err error) {
	if !errors.Is(err, errSilent) {
		return
	}
	o.state.mu.Lock()
	defer o.state.mu.Unlock()
	if o.state.loading {
		return
	}
	o.state.loading = true
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), loadWithin)
		defer cancel()
		// A failure shows again, with its reason, at the next turn.
		_ = o.Warm(ctx)
		o.state.mu.Lock()
		defer o.state.mu.Unlock()
		o.state.loading = false
	}()
}
