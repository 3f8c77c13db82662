package store

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"
)

// Kinds of an event, the tabs of the log page.
const (
	EventMessage   = "message"
	EventGuardrail = "guardrail"
	EventModel     = "model"
	EventSystem    = "system"
)

// Event is one line of the log that the dashboard shows. It holds no customer
// text, no phone number and no secret: the conversation's id stands for the
// customer.
type Event struct {
	ID             int64  `gorm:"primaryKey" json:"id"`
	At             Millis `json:"time"`
	Kind           string `json:"kind"`
	Level          string `json:"level"` // debug, info, warn, error
	ConversationID int64  `json:"conversation"`
	Agent          string `json:"agent"`
	Stage          string `json:"stage"` // architecture's ten words
	Text           string `json:"text"`
	Data           string `json:"-"` // JSON object or ""
}

// TableName is the table of the type.
func (Event) TableName() string { return "event" }

// MarshalJSON puts data in as an object.
func (e Event) MarshalJSON() ([]byte, error) {
	type plain Event
	data := json.RawMessage(e.Data)
	if !json.Valid(data) {
		data = json.RawMessage("{}")
	}
	return json.Marshal(struct {
		plain
		Data json.RawMessage `json:"data"`
	}{plain(e), data})
}

// With adds data to the event; a value that cannot be JSON is left out.
func (e Event) With(data any) Event {
	if b, err := json.Marshal(data); err == nil {
		e.Data = string(b)
	}
	return e
}

// eventQueue bounds events that wait for the disk: a log must never hold up a
// message. What does not fit is counted and said.
const eventQueue = 4096

type eventLog struct {
	store   *Store
	queue   chan Event
	settled chan chan struct{} // see settle
	stop    chan struct{}
	done    chan struct{}
	dropped atomic.Int64

	mu        sync.Mutex
	listeners map[chan struct{}]struct{}
}

func newEventLog(s *Store) *eventLog {
	l := &eventLog{store: s, queue: make(chan Event, eventQueue), settled: make(chan chan struct{}), stop: make(chan struct{}), done: make(chan struct{}), listeners: map[chan struct{}]struct{}{}}
	go l.loop()
	return l
}

// Log records an event soon. It never blocks and never fails: when the disk
// cannot keep up, the event is dropped and the loss is recorded.
func (s *Store) Log(e Event) {
	if e.At == 0 {
		e.At = s.millis()
	}
	if e.Level == "" {
		e.Level = "info"
	}
	select {
	case s.events.queue <- e:
	default:
		s.events.dropped.Add(1)
	}
}

func (l *eventLog) loop() {
	defer close(l.done)
	for {
		select {
		case e := <-l.queue:
			l.write(l.gather(e))
		case on := <-l.settled:
			l.writeAll()
			close(on)
		case <-l.stop:
			l.writeAll()
			return
		}
	}
}

func (l *eventLog) writeAll() {
	for len(l.queue) > 0 {
		l.write(l.gather(<-l.queue))
	}
}

// settle returns when everything that was logged before is on disk, or lost.
func (l *eventLog) settle() {
	if l.settled == nil { // of a store that is only looked into
		return
	}
	on := make(chan struct{})
	select {
	case l.settled <- on:
		<-on
	case <-l.done: // the store is closed
	}
}

func (l *eventLog) gather(first Event) []Event {
	batch := []Event{first}
	for len(batch) < 256 && len(l.queue) > 0 {
		batch = append(batch, <-l.queue)
	}
	if n := l.dropped.Swap(0); n > 0 {
		batch = append(batch, Event{At: first.At, Kind: EventSystem, Level: "warn", Text: "some events were not recorded: the disk is too slow"}.With(map[string]int64{"dropped": n}))
	}
	return batch
}

func (l *eventLog) write(batch []Event) {
	err := l.store.writer.do(func(tx *gorm.DB) error {
		for _, e := range batch {
			err := tx.Exec("INSERT INTO event (at, kind, level, conversation_id, agent, stage, text, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
				e.At, e.Kind, e.Level, e.ConversationID, e.Agent, e.Stage, e.Text, e.Data).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.dropped.Add(int64(len(batch)))
		return
	}
	l.ring()
}

// ring wakes who listens.
func (l *eventLog) ring() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.listeners {
		select {
		case c <- struct{}{}:
		default: // it has a wake-up waiting already
		}
	}
}

func (l *eventLog) close() {
	close(l.stop)
	<-l.done
}

// Listen gives a channel that is woken when new events, messages or delivery
// reports are on disk, and a function that ends it. Read events with Events from
// the last id seen.
func (s *Store) Listen() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.events.mu.Lock()
	s.events.listeners[c] = struct{}{}
	s.events.mu.Unlock()
	return c, func() {
		s.events.mu.Lock()
		delete(s.events.listeners, c)
		s.events.mu.Unlock()
	}
}

// Events gives events after an id, oldest first; kind "" is all of them.
func (s *Store) Events(ctx context.Context, kind string, after int64, limit int) ([]Event, error) {
	q := s.read(ctx).Where("id > ?", after).Order("id").Limit(limit)
	if kind != "" {
		q = q.Where("kind = ?", kind)
	}
	var list []Event
	err := q.Find(&list).Error
	return list, translate(err)
}

// LastEvent is the id of the newest event, 0 if there is none.
func (s *Store) LastEvent(ctx context.Context) (id int64, err error) {
	err = s.read(ctx).Raw("SELECT coalesce(max(id), 0) FROM event").Scan(&id).Error
	return id, translate(err)
}
