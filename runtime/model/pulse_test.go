package model_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

// A server that accepts requests and never answers is down, however long the
// turn may take; when it is back, the request is sent anew.
func TestFrozenServerIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, router, _ := routed(t, model.RouterConfig{})
		fake.Set("first", modeltest.Says("back"))
		fake.Set("second", modeltest.Says("back too"))
		fake.Freeze(true)
		for range 5 { // past the breaker too
			began := time.Now()
			_, err := router.Chat(t.Context(), hi())
			var e *model.Error
			if !errors.Is(err, model.ErrUnavailable) || !errors.As(err, &e) || !strings.Contains(e.Reason, "does not answer") {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("noticed after %v", took)
			}
			<-time.After(250 * time.Millisecond)
		}
		fake.Freeze(false)
		<-time.After(1100 * time.Millisecond)
		if got := chat(t, router, hi()); got.Content != "back" {
			t.Errorf("%q", got.Content)
		}
		synctest.Wait()
	})
}

func TestFrozenServerIsNoticedInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("m", answers(modeltest.Reply{Pieces: many("word ", 3), Between: 20 * time.Second}))
		time.AfterFunc(30*time.Second, func() { fake.Freeze(true) })
		began := time.Now()
		_, err := ollama(t, servers, model.OllamaConfig{Model: "m"}).Chat(t.Context(), hi())
		var e *model.Error
		if !errors.As(err, &e) || !e.Unreachable || time.Since(began) > 40*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		synctest.Wait()
	})
}

// A server that is asked for the first time, and one that warms, as well.
func TestFrozenServerIsNoticedBeforeTheFirstQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("m", modeltest.Says("hello"))
		llm := ollama(t, servers, model.OllamaConfig{Model: "m"})
		fake.Freeze(true)
		var e *model.Error
		if err := llm.Warm(t.Context()); !errors.As(err, &e) || !e.Unreachable {
			t.Error(err)
		}
		if _, err := llm.Capabilities(t.Context()); !errors.As(err, &e) || !e.Unreachable {
			t.Error(err)
		}
		fake.Freeze(false)
		<-time.After(time.Second)
		if got := chat(t, llm, hi()); got.Content != "hello" {
			t.Errorf("%q", got.Content)
		}
		synctest.Wait()
	})
}
