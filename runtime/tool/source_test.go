package tool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
)

// named is a tool that says its name.
type named string

func (n named) Spec() model.ToolSpec { return model.ToolSpec{Name: string(n)} }

func (n named) Call(context.Context, Call) (string, error) { return string(n), nil }

// sourceOf is a registry with a source that must be asked, between two tools.
func sourceOf(made Made, allowed ...string) *Registry {
	r := &Registry{now: time.Now, tools: map[string]*limited{}}
	r.sources = []*source{
		{tools: []*limited{{tool: named("first"), spec: named("first").Spec()}}, opened: true},
		{declared: Declared{Name: "shop"}, made: made},
		{tools: []*limited{{tool: named("last"), spec: named("last").Spec()}}, opened: true},
	}
	if len(allowed) > 0 {
		r.Keep(allowed)
	}
	r.index()
	return r
}

func TestASourceIsOpenedWhenItIsNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opens, closes := 0, 0
		fails := errors.New("nobody is there")
		r := sourceOf(Made{
			Open: func(context.Context) ([]Tool, error) {
				opens++
				return []Tool{named("shop_find"), named("first"), named("shop_buy")}, fails
			},
			Close: func() { closes++ },
		})
		faults := r.Open(t.Context())
		if want := "The tools of shop cannot be offered now, so the agent answers without them: nobody is there"; len(faults) != 1 || faults[0].Text != want {
			t.Errorf("faults %v", faults)
		}
		fails = nil
		if faults := r.Open(t.Context()); len(faults) > 0 || opens != 1 {
			t.Errorf("asked again at once: %v, %d times", faults, opens)
		}
		wait := time.NewTimer(reopenAfter)
		<-wait.C
		r.Open(t.Context())
		if want := []string{"first", "shop_find", "shop_buy", "last"}; !slices.Equal(r.Names(), want) {
			t.Errorf("names %v, want %v", r.Names(), want)
		}
		if got, err := r.Call(t.Context(), "shop_buy", Call{}); got != "shop_buy" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		r.Open(t.Context())
		r.Close()
		r.Open(t.Context()) // a turn that had the agent in hand when it was replaced
		if opens != 3 || closes != 1 {
			t.Errorf("opened %d times, closed %d times", opens, closes)
		}
	})
}

// What is not allowed stays out also where a server lists it later.
func TestPermissionsHoldForASource(t *testing.T) {
	r := sourceOf(Made{Open: func(context.Context) ([]Tool, error) { return []Tool{named("shop_find"), named("shop_buy")}, nil }}, "shop_find", "last")
	if !slices.Equal(r.Names(), []string{"last"}) {
		t.Errorf("before: %v", r.Names())
	}
	r.Open(t.Context())
	if !slices.Equal(r.Names(), []string{"shop_find", "last"}) || r.Has("shop_buy") {
		t.Errorf("after: %v", r.Names())
	}
	none := sourceOf(Made{Open: func(context.Context) ([]Tool, error) { return []Tool{named("shop_find")}, nil }})
	none.Keep([]string{})
	none.Open(t.Context())
	if len(none.Specs()) > 0 {
		t.Errorf("[] allows %v", none.Names())
	}
}

func TestASourceMisbehaves(t *testing.T) {
	var many []Tool
	for i := range 200 {
		many = append(many, named(fmt.Sprint("t", i)))
	}
	for _, c := range []struct {
		name string
		open func(context.Context) ([]Tool, error)
		want string
		left int // tools of it
	}{
		{"panics", func(context.Context) ([]Tool, error) { panic("boom") }, "it failed inside", 0},
		{"lists too many", func(context.Context) ([]Tool, error) { return many, nil }, "shop offers more than 64 tools", 64},
		{"never ends", func(ctx context.Context) ([]Tool, error) { <-ctx.Done(); return nil, ctx.Err() }, "deadline", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := sourceOf(Made{Open: c.open})
				began := time.Now()
				faults := r.Open(t.Context())
				if len(faults) != 1 || !strings.Contains(faults[0].Text, c.want) || time.Since(began) > openLimit {
					t.Errorf("after %s: %v, want %q", time.Since(began), faults, c.want)
				}
				if len(r.Names()) != 2+c.left {
					t.Errorf("%d tools", len(r.Names()))
				}
			})
		})
	}
}

// Many turns at once open a source once, while others call tools and one closes.
func TestASourceIsSharedByTurns(t *testing.T) {
	var mu sync.Mutex
	opens := 0
	r := sourceOf(Made{Open: func(context.Context) ([]Tool, error) {
		mu.Lock()
		defer mu.Unlock()
		opens++
		return []Tool{named("shop_find")}, nil
	}, Close: func() {}})
	var turns sync.WaitGroup
	for range 20 {
		turns.Go(func() {
			r.Open(t.Context())
			r.Specs()
			if got, err := r.Call(t.Context(), "shop_find", Call{}); got != "shop_find" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	turns.Wait()
	if opens != 1 {
		t.Errorf("opened %d times", opens)
	}
	r.Close()
}
