package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"astromesh/store"
)

const (
	doormanSetting = "doorman"
	// saveEvery and tellEvery bound what a flood of strangers' requests may write.
	saveEvery = 10 * time.Second
	tellEvery = time.Minute
)

// Door is what came to the public listener.
type Door struct {
	HandshakeAt   time.Time `json:"handshake_at"` // the last one
	HandshakeOK   bool      `json:"handshake_ok"` // it was accepted
	HandshakeOKAt time.Time `json:"handshake_ok_at"`
	AcceptedAt    time.Time `json:"accepted_at"` // the last webhook taken
	Unsigned      bool      `json:"unsigned"`    // it was taken without a signature
	RefusedAt     time.Time `json:"refused_at"`  // the last bad signature
	RefusedSince  time.Time `json:"refused_since"`
	RefusedCount  int64     `json:"refused_count"` // since the last good one
}

// Doorman keeps count of what the public listener let in and turned away, for
// the health page. It costs a webhook a lock and no write.
type Doorman struct {
	store *store.Store
	log   *slog.Logger

	mu       sync.Mutex
	door     Door
	closed   bool
	saving   *time.Timer // set while a save is to come
	saves    sync.WaitGroup
	lastSave time.Time
	lastTold time.Time
	untold   int64 // refusals since lastTold
}

// NewDoorman goes on from what was saved.
func NewDoorman(ctx context.Context, st *store.Store, log *slog.Logger) (*Doorman, error) {
	door, err := ReadDoor(ctx, st)
	if err != nil {
		return nil, err
	}
	return &Doorman{store: st, log: log, door: door}, nil
}

// ReadDoor gives what was last saved; the zero Door where nothing was.
func ReadDoor(ctx context.Context, st *store.Store) (Door, error) {
	var d Door
	text, err := st.Setting(ctx, doormanSetting)
	if errors.Is(err, store.ErrNotFound) {
		return d, nil
	}
	if err != nil {
		return d, fmt.Errorf("read door: %w", err)
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return Door{}, fmt.Errorf("read door: %w", err)
	}
	return d, nil
}

// Door gives what is known now.
func (d *Doorman) Door() Door {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.door
}

// Handshake counts one GET of Meta, or of who claims to be.
func (d *Doorman) Handshake(ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.door.HandshakeAt, d.door.HandshakeOK = time.Now(), ok
	text, level := "A handshake was refused: the verify token did not match.", "warn"
	if ok {
		d.door.HandshakeOKAt = d.door.HandshakeAt
		text, level = "Meta's handshake was accepted.", "info"
	}
	d.tell(level, text, nil)
	d.save(d.door.HandshakeAt)
}

// Accepted counts one webhook that was taken.
func (d *Doorman) Accepted(signed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.door.AcceptedAt, d.door.Unsigned = now, !signed
	if signed {
		d.door.RefusedCount, d.door.RefusedSince = 0, time.Time{}
	}
	d.save(now)
}

// Refused counts one webhook with a missing or wrong signature.
func (d *Doorman) Refused() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.door.RefusedCount == 0 {
		d.door.RefusedSince = now
	}
	d.door.RefusedAt = now
	d.door.RefusedCount++
	d.untold++
	d.tell("warn", "Webhooks with a missing or wrong signature were refused.", map[string]int64{"count": d.untold})
	d.save(now)
}

// tell records an event, at most one a minute.
func (d *Doorman) tell(level, text string, data any) {
	now := time.Now()
	if now.Sub(d.lastTold) < tellEvery {
		return
	}
	d.lastTold, d.untold = now, 0
	d.store.Log(store.Event{Kind: store.EventSystem, Level: level, Stage: "webhook", Text: text}.With(data))
}

// save keeps the counts for the next start, and for a look from outside: at
// most one write in a while, the last state never left out, and never in the
// way of a webhook.
func (d *Doorman) save(now time.Time) {
	if d.saving != nil || d.closed {
		return
	}
	d.saves.Add(1)
	d.saving = time.AfterFunc(saveEvery-min(now.Sub(d.lastSave), saveEvery), func() {
		defer d.saves.Done()
		d.mu.Lock()
		d.saving, d.lastSave = nil, time.Now()
		door := d.door
		d.mu.Unlock()
		d.keep(door)
	})
}

func (d *Doorman) keep(door Door) {
	b, err := json.Marshal(door)
	if err == nil {
		err = d.store.SetSetting(doormanSetting, string(b))
	}
	if err != nil && !errors.Is(err, store.ErrClosed) {
		d.log.Warn("the count of refused webhooks could not be saved", "stage", "webhook", "error", err)
	}
}

// Close saves what is known.
func (d *Doorman) Close() {
	d.mu.Lock()
	d.closed = true
	if d.saving != nil && d.saving.Stop() {
		d.saves.Done()
	}
	d.mu.Unlock()
	d.saves.Wait()
	d.keep(d.Door())
}
