package web

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// stream opens a stream of a page's. next gives the first event that holds part,
// after the one it gave last: what happens in one moment may come as several.
func (o *operator) stream(path string) (next func(part string) sse) {
	o.t.Helper()
	srv := o.served()
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute) // only a failing test reaches it
	o.t.Cleanup(cancel)
	r := o.request(http.MethodGet, srv.URL+path, nil, "Accept", "text/event-stream").WithContext(ctx)
	r.RequestURI, r.Host = "", ""
	resp, err := srv.Client().Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewReader(resp.Body)
	return func(part string) sse {
		o.t.Helper()
		for {
			e, err := readSSE(lines)
			if err != nil {
				o.t.Fatalf("the stream ended before %q: %v", part, err)
			}
			if strings.Contains(e.data, part) {
				return e
			}
		}
	}
}

// steadyClock waits for the next quarter of an hour where it is seconds away: what
// pages count by the hour or call today is another hour's, or yesterday's, if it
// ends within a test. In some zones hours begin at a quarter of UTC's.
func steadyClock(t testing.TB) {
	t.Helper()
	const quarter = 15 * time.Minute
	if left := time.Until(time.Now().Truncate(quarter).Add(quarter)); left < 30*time.Second {
		<-time.After(left)
	}
}
