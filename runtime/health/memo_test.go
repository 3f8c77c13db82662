package health

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAQuestionIsAskedOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var memo Memo[int32]
		var asked atomic.Int32
		ask := func(ctx context.Context) int32 {
			time.Sleep(time.Second)
			if ctx.Err() != nil {
				t.Error("the question ended with who asked it")
			}
			return asked.Add(1)
		}
		get := func(about string) int32 { return memo.Get(t.Context(), about, ask) }
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if got := memo.Get(gone, "a", ask); got != 1 {
					t.Errorf("answer %d", got)
				}
			})
		}
		all.Wait()
		time.Sleep(rememberFor - time.Millisecond)
		if got := get("a"); got != 1 {
			t.Errorf("asked again too soon: %d", got)
		}
		time.Sleep(time.Millisecond)
		if got := get("a"); got != 2 {
			t.Errorf("an old answer was kept: %d", got)
		}
		if got := get("b"); got != 3 {
			t.Errorf("the answer to another question was given: %d", got)
		}
		memo.Forget()
		if got := get("b"); got != 4 {
			t.Errorf("a forgotten answer was given: %d", got)
		}
	})
}

func TestAQuestionIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var memo Memo[error]
		begin := time.Now()
		err := memo.Get(t.Context(), nil, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if err == nil || time.Since(begin) != askWithin {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}
