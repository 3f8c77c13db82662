package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"gorm.io/gorm"
)

// groupSize bounds how many jobs share one commit, and so how long the first of
// them waits for the last.
const groupSize = 512

// gatherYields is how often gather lets others run before it takes the group as it is.
const gatherYields = 3

// Where the last group was a crowd, more are on their way: the writer waits for
// them once, for about the time of one commit. Without it, groups of 16 out of
// 128 callers were measured, and three times the commits. Who writes alone never
// waits.
const (
	crowd      = 4
	gatherTime = 500 * time.Microsecond
)

// writer is the one goroutine that writes. Jobs that wait together are run in
// one transaction and share its fsync: that is the cost of a commit, not the
// statements.
type writer struct {
	db   *gorm.DB
	jobs chan job
	stop chan struct{} // closed: take no more jobs
	done chan struct{} // closed: the goroutine has ended
	last int           // size of the last group; the goroutine's own

	mu     sync.RWMutex // held for reading while a job is handed in, so that close can wait for it
	closed bool
}

type job struct {
	run   func(tx *gorm.DB) error
	alone bool // outside any transaction: checkpoints
	err   chan error
}

func newWriter(db *gorm.DB) *writer {
	w := &writer{
		// No context with a Done channel: the driver starts a goroutine for
		// every statement that has one.
		db:   db.WithContext(context.Background()),
		jobs: make(chan job, groupSize), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go w.loop()
	return w
}

// do runs a job and returns when it is on disk, or failed and undone. A job may
// be run twice (see commit): it must set what it returns, not add to it.
func (w *writer) do(run func(tx *gorm.DB) error) error {
	return w.hand(job{run: run, err: make(chan error, 1)})
}

func (w *writer) hand(j job) error {
	w.mu.RLock()
	if w.closed {
		w.mu.RUnlock()
		return ErrClosed
	}
	w.jobs <- j
	w.mu.RUnlock()
	return translate(<-j.err)
}

func (w *writer) checkpoint() error {
	return w.hand(job{alone: true, err: make(chan error, 1), run: tryToCutLog})
}

// tryToCutLog does not wait for readers: every webhook would wait with it.
func tryToCutLog(db *gorm.DB) error {
	if err := db.Exec("PRAGMA busy_timeout = 0").Error; err != nil {
		return err
	}
	return errors.Join(cutLog(db), db.Exec("PRAGMA busy_timeout = "+busyTimeout).Error)
}

func cutLog(db *gorm.DB) error {
	var row struct{ Busy, Log, Checkpointed int } // busy is no error: it is cut another time
	return db.Raw("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&row).Error
}

func (w *writer) loop() {
	defer close(w.done)
	for {
		select {
		case j := <-w.jobs:
			w.commit(w.gather(j))
		case <-w.stop:
			select {
			case j := <-w.jobs: // handed in before the stop
				w.commit(w.gather(j))
			default:
				return
			}
		}
	}
}

// gather takes what waits already, and lets those who are about to hand something
// in do so: a larger group is a cheaper one, and a yield costs less than a commit.
func (w *writer) gather(first job) []job {
	group := []job{first}
	if w.last >= crowd {
		time.Sleep(gatherTime)
	}
	defer func() { w.last = len(group) }()
	for yielded := 0; len(group) < groupSize; {
		select {
		case j := <-w.jobs:
			group, yielded = append(group, j), 0
			continue
		default:
		}
		if yielded == gatherYields {
			break
		}
		yielded++
		runtime.Gosched()
	}
	return group
}

// commit runs a group in one transaction. If a job fails, the transaction is
// undone and each job is run again in one of its own, so that a bad job costs
// only itself. A savepoint around every job was tried: it doubles the
// statements of the common case for the sake of the rare one.
func (w *writer) commit(group []job) {
	var pending []job
	for _, j := range group {
		if j.alone {
			j.err <- j.run(w.db)
			continue
		}
		pending = append(pending, j)
	}
	if len(pending) == 0 {
		return
	}
	err := w.transaction(pending)
	if err != nil && len(pending) > 1 {
		for _, j := range pending {
			j.err <- w.transaction([]job{j})
		}
		return
	}
	for _, j := range pending {
		j.err <- err
	}
}

func (w *writer) transaction(group []job) error {
	return w.db.Transaction(func(tx *gorm.DB) error {
		for _, j := range group {
			if err := guarded(j.run, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// guarded turns a panic of one job into its error: the writer serves everybody.
func guarded(run func(*gorm.DB) error, tx *gorm.DB) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write panicked: %v", p)
		}
	}()
	return run(tx)
}

func (w *writer) close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.stop)
	}
	w.mu.Unlock()
	<-w.done
	err := cutLog(w.db)
	raw, dbErr := w.db.DB()
	if dbErr == nil {
		dbErr = raw.Close()
	}
	return translate(errors.Join(err, dbErr))
}
