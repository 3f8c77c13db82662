package emulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestVirtualClockOrder(t *testing.T) {
	start := time.Unix(1000, 0)
	c := NewVirtualClock(start)
	var got []string
	note := func(name string) func() {
		return func() { got = append(got, fmt.Sprint(name, c.Now().Sub(start))) }
	}
	c.AfterFunc(3*time.Second, note("c"))
	c.AfterFunc(time.Second, func() {
		note("a")()
		c.AfterFunc(time.Second, note("b"))
		c.AfterFunc(time.Hour, note("never"))
	})
	c.AfterFunc(3*time.Second, note("d"))
	stop := c.AfterFunc(time.Second, note("stopped"))
	if !stop() || stop() {
		t.Error("stop")
	}
	c.Advance(5 * time.Second)
	if want := "[a1s b2s c3s d3s]"; fmt.Sprint(got) != want || c.Now() != start.Add(5*time.Second) {
		t.Errorf("%v at %v, want %s", got, c.Now(), want)
	}
	if due, ok := c.Next(); !ok || due != start.Add(time.Second+time.Hour) {
		t.Error(due, ok)
	}
}

// TestInBubble runs the whole way in a testing/synctest bubble on fake real
// time: a retried webhook, an answer, its statuses, and no goroutine left.
func TestInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Config{AppSecret: "s", AccessTokens: []string{"EAAtoken"},
			Status: StatusPolicy{Steps: []StatusStep{{"sent", time.Second}, {"read", time.Minute}}}})
		defer e.Close()
		attempts := 0
		e.SetCallbackHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if strings.Contains(string(body), "statuses") {
				return
			}
			if attempts++; attempts < 4 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			answer, _ := http.NewRequestWithContext(r.Context(), http.MethodPost, e.URL()+messagesPath,
				strings.NewReader(textBody("to", ana.Phone, "hi")))
			answer.Header.Set("Authorization", "Bearer EAAtoken")
			resp, err := e.Client().Do(answer)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		}))
		start := time.Now()
		if _, err := e.Phone(ana).Write(t.Context(), "hello"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("taken after %v", took)
		}
		ev, err := e.Await(t.Context(), func(ev Event) bool { return ev.Status != nil && ev.Status.Status == "read" })
		if err != nil || ev.At.Sub(start) != 91*time.Second {
			t.Error(err, ev.At.Sub(start))
		}
	})
}

// TestCloseStopsEverything closes with a retry armed, a webhook in hand and a
// slow answer under way. The bubble fails if a goroutine stays.
func TestCloseStopsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Config{AccessTokens: []string{"EAAtoken"}, Limits: Limits{Window: WindowOff}})
		e.SetCallbackHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if strings.Contains(string(body), "hang") {
				<-r.Context().Done()
			}
			w.WriteHeader(http.StatusInternalServerError)
		}))
		retried := e.Deliver(e.Text(ana, "retry"))
		e.Deliver(e.Text(ana, "hang"))
		e.DeliverPlan(Plan{Delay: time.Hour}, e.Text(ana, "later"))
		e.Fail(Match{}, FaultSlow(time.Hour))
		events := e.Watch(context.Background())
		go func() {
			for range events { // drained until Close ends it
			}
		}()
		r, _ := http.NewRequest(http.MethodPost, e.URL()+messagesPath, strings.NewReader(textBody("to", ana.Phone, "x")))
		r.Header.Set("Authorization", "Bearer EAAtoken")
		resp, err := e.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		synctest.Wait()
		before := time.Now()
		e.Close()
		e.Close()
		if took := time.Since(before); took != 0 {
			t.Errorf("Close took %v", took)
		}
		if err := retried.Wait(context.Background()); err == nil {
			t.Error("delivered")
		}
		if _, err := e.Client().Do(r.Clone(context.Background())); err == nil {
			t.Error("a closed emulator answers")
		}
		if e.Deliver(e.Text(ana, "x")).Wait(context.Background()) == nil {
			t.Error("a closed emulator delivers")
		}
	})
}

// TestStatusesAfterAnswer: while an answer is under way, no status is told.
func TestStatusesAfterAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Config{AccessTokens: []string{"EAAtoken"}, Limits: Limits{Window: WindowOff}})
		defer e.Close()
		e.SetCallbackHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		e.Fail(Next(1), FaultSlow(time.Minute))
		r, _ := http.NewRequest(http.MethodPost, e.URL()+messagesPath, strings.NewReader(textBody("to", ana.Phone, "x")))
		r.Header.Set("Authorization", "Bearer EAAtoken")
		resp, err := e.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		synctest.Wait()
		if len(e.Sent()) != 1 || len(e.Told()) != 0 {
			t.Errorf("sent %v, told %v", e.Sent(), e.Told())
		}
		if _, err := io.ReadAll(resp.Body); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(e.Told()) != 3 {
			t.Errorf("told %v", e.Told())
		}
	})
}

// TestTimeout: a callback that does not answer counts as refused.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Config{Timeout: 5 * time.Second, Retry: RetryPolicy{Off: true}})
		defer e.Close()
		e.SetCallbackHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		if _, err := e.Post(t.Context(), e.Text(ana, "x")); err == nil {
			t.Error("no error")
		}
		if p := e.Posts(); len(p) != 1 || p[0].Took != 5*time.Second || p[0].Status != 0 || p[0].Err == "" {
			t.Errorf("%+v", p)
		}
	})
}

// TestOverSockets posts to and is called through real connections.
func TestOverSockets(t *testing.T) {
	b := newBench(t, Config{})
	if err := b.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, b.URL()+"/v25.0/3000000000000003?access_token=EAAtoken", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err != nil || resp.StatusCode != 200 || resp.ContentLength <= 0 {
		t.Fatal(err, resp)
	}
	_ = resp.Body.Close()
	m := mediaOf(t, b, b.Image(ana, Media{Data: []byte("x")}))
	if !strings.HasPrefix(m["url"].(string), b.URL()+"/") {
		t.Error(m["url"])
	}
}
