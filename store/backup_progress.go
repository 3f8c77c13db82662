package store

import (
	"context"
	"io"
	"os"
	"time"
)

// lookEvery is how often the copy that SQLite makes is looked at.
const lookEvery = 200 * time.Millisecond

// progress tells how far a backup is, in bytes: it is copied, packed and read
// back, each time about as many as the database has.
type progress struct {
	tell func(done, total int64) // may be nil
	size int64
}

// progressOf is for a database file.
func progressOf(db string, tell func(done, total int64)) progress {
	p := progress{tell: tell}
	if info, err := os.Stat(db); err == nil {
		p.size = info.Size()
	}
	return p
}

func (p progress) at(step int, done int64) {
	if p.tell != nil {
		p.tell(int64(step)*p.size+min(done, p.size), 3*p.size)
	}
}

// growing watches the file that SQLite writes, which tells nothing by itself.
// stop returns when nothing is told any more.
func (p progress) growing(file string) (stop func()) {
	if p.tell == nil {
		return func() {}
	}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(lookEvery)
		defer t.Stop()
		for {
			select {
			case <-over:
				return
			case <-t.C:
				if info, err := os.Stat(file); err == nil {
					p.at(0, info.Size())
				}
			}
		}
	}()
	return func() { close(over); <-ended }
}

// counted reads, tells how far it is, and ends with its context.
type counted struct {
	ctx  context.Context
	from io.Reader
	p    progress
	step int
	done int64
}

func (c *counted) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.from.Read(b)
	c.done += int64(n)
	c.p.at(c.step, c.done)
	return n, err
}
