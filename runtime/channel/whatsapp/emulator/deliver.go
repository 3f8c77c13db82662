package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

var (
	// ErrNotSubscribed is returned for a webhook that Meta would not send: the
	// app has not subscribed to the account or to the field.
	ErrNotSubscribed = errors.New("emulator: the app is not subscribed to this")
	// ErrNoCallback is returned while no callback is set.
	ErrNoCallback = errors.New("emulator: no callback URL is set")
)

// Post sends the items as one webhook POST, once, and returns the HTTP status
// it was answered with. An answer that is not 200 is no error here.
func (e *Emulator) Post(ctx context.Context, items ...Item) (status int, err error) {
	return e.PostBatch(ctx, batchOf(items))
}

// PostBatch is Post for an exact shape.
func (e *Emulator) PostBatch(ctx context.Context, b Batch) (status int, err error) {
	if err := e.subscribed(b.items()); err != nil {
		return 0, err
	}
	body, err := e.body(b)
	if err != nil {
		return 0, err
	}
	e.note(b.items())
	return e.post(ctx, body, b.items())
}

// subscribed tells whether Meta would send all of the items.
func (e *Emulator) subscribed(items []Item) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.callback == "" && e.override == "" {
		return ErrNoCallback
	}
	for _, it := range items {
		if it.waba != "" { // the dashboard's test needs no subscription
			continue
		}
		if !e.joined || e.fields != nil && !e.fields[it.fieldName()] {
			return fmt.Errorf("%w: field %s", ErrNotSubscribed, it.fieldName())
		}
	}
	return nil
}

// post makes one signed POST and notes it in the journal.
func (e *Emulator) post(ctx context.Context, body []byte, items []Item) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Timeout)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	url, client := e.target()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("post webhook: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "facebookexternalua")
	r.Header.Set("Accept", "*/*")
	if s := e.signature(body); s != "" {
		r.Header.Set("X-Hub-Signature-256", s)
	}
	record := Post{At: e.clock.Now(), Body: body, IDs: ids(items)}
	resp, err := client.Do(r)
	record.Took = e.clock.Now().Sub(record.At)
	if err != nil {
		err = fmt.Errorf("post webhook: %w", err)
		record.Err = err.Error()
	} else {
		record.Status = resp.StatusCode
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // only the status counts
		_ = resp.Body.Close()
	}
	e.journal.add(Event{At: record.At, Post: &record})
	return record.Status, err
}

func (e *Emulator) target() (string, *http.Client) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.override != "" {
		return e.override, e.client
	}
	return e.callback, e.client
}

func ids(items []Item) []string {
	list := make([]string, 0, len(items))
	for _, it := range items {
		list = append(list, it.ID)
	}
	return list
}

// Plan says how Deliver treats its items.
type Plan struct {
	Copies     int           // POSTs of the same bytes; 1
	Concurrent bool          // all POSTs at the same moment instead of one after the other
	Separate   bool          // a POST for every item instead of one for all
	Reverse    bool          // the last item first
	Delay      time.Duration // before the first POST
}

// Deliver sends the items as one POST in the background and repeats it as
// Config.Retry says until it is answered 200.
func (e *Emulator) Deliver(items ...Item) *Delivery { return e.DeliverPlan(Plan{}, items...) }

// DeliverBatch is Deliver for an exact shape.
func (e *Emulator) DeliverBatch(b Batch) *Delivery {
	d := e.newDelivery()
	e.launch(d, 0, [][]*parcel{{e.parcel(b)}})
	return d
}

// DeliverPlan is Deliver with duplicates, reordering and delay.
func (e *Emulator) DeliverPlan(plan Plan, items ...Item) *Delivery {
	items = append([]Item(nil), items...)
	if plan.Reverse {
		for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
			items[i], items[j] = items[j], items[i]
		}
	}
	groups := [][]Item{items}
	if plan.Separate {
		groups = groups[:0]
		for _, it := range items {
			groups = append(groups, []Item{it})
		}
	}
	var parcels []*parcel
	for _, group := range groups {
		for range max(plan.Copies, 1) {
			parcels = append(parcels, e.parcel(batchOf(group)))
		}
	}
	lanes := [][]*parcel{parcels}
	if plan.Concurrent {
		lanes = lanes[:0]
		for _, p := range parcels {
			lanes = append(lanes, []*parcel{p})
		}
	}
	d := e.newDelivery()
	e.launch(d, plan.Delay, lanes)
	return d
}
