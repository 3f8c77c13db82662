package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gorm.io/gorm"
)

// A writer alone never waits for others; after a crowd it waits once, for about the
// time of a commit.
func TestALoneWriterDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.TempDir(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		ping := func() time.Duration { // the bubble's clock moves only where somebody waits
			began := time.Now()
			if err := s.Ping(); err != nil {
				t.Error(err)
			}
			return time.Since(began)
		}
		for range 3 {
			if took := ping(); took != 0 {
				t.Errorf("a lone writer waited for %s", took)
			}
		}
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() { ping() })
		}
		all.Wait()
		if took := ping(); took > gatherTime {
			t.Errorf("the first one after a crowd waited for %s", took)
		}
		for range 3 {
			if took := ping(); took != 0 {
				t.Errorf("a lone writer waited for %s", took)
			}
		}
	})
}

// In a crowd in which some fail and some panic, each gets its own answer, nothing
// of a failed one is kept, and everything of the others is. Then the store closes:
// who was let in is served, who comes later is told.
func TestACrowdWithFailuresAndAClose(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	errBad := errors.New("bad")
	set := func(n int) error {
		return s.writer.do(func(tx *gorm.DB) error {
			if err := tx.Exec("INSERT INTO setting (name, value, updated_at) VALUES (?, '', 0)", fmt.Sprintf("crowd.%d", n)).Error; err != nil {
				return err
			}
			switch n % 10 {
			case 3:
				return errBad
			case 7:
				panic("oh")
			}
			return nil
		})
	}
	var all sync.WaitGroup
	for n := range 400 {
		all.Go(func() {
			err := set(n)
			if ok := n%10 != 3 && n%10 != 7; ok != (err == nil) || n%10 == 3 && !errors.Is(err, errBad) {
				t.Errorf("job %d: %v", n, err)
			}
		})
	}
	all.Wait()
	if kept, err := s.Settings(t.Context(), "crowd."); err != nil || len(kept) != 320 {
		t.Errorf("%d of 320 are kept, %v", len(kept), err)
	}
	took := make(chan int, 400)
	for n := range 400 {
		all.Go(func() {
			switch err := set(1000 + 10*n); {
			case err == nil:
				took <- n
			case !errors.Is(err, ErrClosed):
				t.Error(err)
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
}
