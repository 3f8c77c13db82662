package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFaultAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		fault         Fault
		status        int
		code, subcode float64
		accepted      bool
	}{
		"rate":             {FaultError(0, 130429), 429, 130429, 0, false},
		"rate as 400":      {FaultError(400, 130429), 400, 130429, 0, false},
		"app limit":        {FaultError(0, 4), 429, 4, 0, false},
		"account limit":    {FaultError(0, 80007), 429, 80007, 0, false},
		"pair":             {FaultError(0, 131056), 429, 131056, 0, false},
		"service":          {FaultError(503, 2), 503, 2, 0, false},
		"unknown":          {FaultError(0, 131000), 500, 131000, 0, false},
		"window":           {FaultError(0, 131047), 400, 131047, 0, false},
		"token":            {FaultExpiredToken(), 401, 190, 463, false},
		"500 but accepted": {FaultAcceptedError(500, 131000), 500, 131000, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.wrote(ana)
			b.Fail(Next(1), c.fault)
			status, body := b.sendText(ana.Phone, "hello")
			sub, _ := dig(t, body, "error", "error_subcode").(float64)
			if status != c.status || dig(t, body, "error", "code") != c.code || sub != c.subcode {
				t.Errorf("%d %v", status, body)
			}
			b.settle()
			if got := len(b.Sent()) == 1 && len(b.Told()) == 3; got != c.accepted || len(b.Refused()) == 1 == c.accepted {
				t.Errorf("accepted %v, refused %v", b.Sent(), b.Refused())
			}
			if status, _ := b.sendText(ana.Phone, "hello"); status != 200 {
				t.Error("the fault stays:", status)
			}
			if n := len(b.Duplicates()); (n == 1) != c.accepted {
				t.Errorf("%d duplicates", n)
			}
		})
	}
}

func TestFaultHTML(t *testing.T) {
	b := newBench(t, Config{})
	b.Fail(Match{}, FaultHTML(0))
	resp, err := b.call(http.MethodGet, "/v25.0/3000000000000003", "", "Bearer EAAtoken")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 502 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || json.Valid(raw) {
		t.Errorf("%d %s", resp.StatusCode, raw)
	}
}

// TestConnectionCut runs over a real socket and without one.
func TestConnectionCut(t *testing.T) {
	for _, socket := range []bool{true, false} {
		for name, c := range map[string]struct {
			fault    Fault
			accepted int
		}{"lost": {FaultLost(), 1}, "reset": {FaultReset(), 0}} {
			t.Run(name, func(t *testing.T) {
				b := newBench(t, Config{})
				client := b.Client()
				if socket {
					if err := b.Start(""); err != nil {
						t.Fatal(err)
					}
					client = &http.Client{Transport: &http.Transport{}}
					defer client.CloseIdleConnections()
				}
				b.wrote(ana)
				b.Fail(Next(1), c.fault)
				r, err := http.NewRequestWithContext(b.ctx, http.MethodPost, b.URL()+messagesPath,
					strings.NewReader(textBody("to", ana.Phone, "hello")))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer EAAtoken")
				if resp, err := client.Do(r); err == nil {
					_ = resp.Body.Close()
					t.Errorf("answered %d", resp.StatusCode)
				}
				b.settle()
				if len(b.Sent()) != c.accepted || len(b.Told()) != 3*c.accepted || len(b.Phone(ana).Reads()) != c.accepted {
					t.Errorf("sent %v, told %v", b.Sent(), b.Told())
				}
			})
		}
	}
}

func TestFaultSlow(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	b.Fail(Next(1), FaultSlow(30*time.Second))
	resp, err := b.call(http.MethodPost, messagesPath, textBody("to", ana.Phone, "x"), "Bearer EAAtoken")
	if err != nil {
		t.Fatal(err) // the headers come at once
	}
	defer resp.Body.Close()
	start := make([]byte, 10)
	if _, err := io.ReadFull(resp.Body, start); err != nil {
		t.Fatal(err)
	}
	if _, err := b.WaitSent(b.ctx, 1); err != nil {
		t.Fatal(err)
	}
	rest := make(chan []byte)
	go func() {
		raw, _ := io.ReadAll(resp.Body)
		rest <- raw
	}()
	if err := b.clock.WaitTimer(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(30*time.Second - 1)
	if len(b.Told()) != 0 {
		t.Error("statuses before the end of the answer")
	}
	b.clock.Advance(1)
	if raw := append(start, <-rest...); !json.Valid(raw) {
		t.Errorf("%s", raw)
	}
}

// TestFaultStatusFirst holds the status POST and sees that the answer waits.
func TestFaultStatusFirst(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	b.Fail(Next(1), FaultStatusFirst())
	entered, leave := make(chan struct{}), make(chan struct{})
	first := true
	b.SetCallbackHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if first {
			first = false
			close(entered)
			<-leave
		}
	}))
	answered := make(chan int)
	go func() {
		status, _ := b.sendText(ana.Phone, "x")
		answered <- status
	}()
	<-entered
	select {
	case <-answered:
		t.Error("the answer came before the status")
	default:
	}
	close(leave)
	if status := <-answered; status != 200 {
		t.Error(status)
	}
	b.settle()
	if told := b.Told(); len(told) != 3 {
		t.Errorf("%v", told)
	}
}

func TestFaultStatuses(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	b.Fail(Match{Contains: "silent"}, FaultNoStatuses())
	b.Fail(Match{Contains: "bad"}, FaultLater(131026))
	b.sendText(ana.Phone, "silent")
	b.settle()
	if told := b.Told(); len(told) != 0 {
		t.Errorf("%v", told)
	}
	b.sendText(ana.Phone, "bad")
	b.settle()
	if told := b.Told(); len(told) != 1 || told[0].Status != "failed" || told[0].Code != 131026 {
		t.Errorf("%v", told)
	}
	if reads := b.Phone(ana).Reads(); len(reads) != 1 || reads[0].Text != "silent" {
		t.Errorf("%v", reads)
	}
}

func TestFaultMatching(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Window: WindowOff}})
	it := b.wrote(ana)
	b.Fail(Match{Call: CallSend, To: "+49 151 12345678", Skip: 1, Times: 2}, FaultError(0, 131056))
	cancel := b.Fail(Match{Call: CallMark, Times: -1}, FaultError(0, 131000))
	var got []int
	for _, to := range []string{ana.Phone, "4915100000000", ana.Phone, ana.Phone, ana.Phone} {
		status, _ := b.sendText(to, "x")
		got = append(got, status)
	}
	if want := []int{200, 200, 429, 429, 200}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	mark := `{"messaging_product":"whatsapp","status":"read","message_id":"` + it.ID + `"}`
	for range 2 {
		if status, _ := b.graph(http.MethodPost, messagesPath, mark); status != 500 {
			t.Error(status)
		}
	}
	cancel()
	if status, _ := b.graph(http.MethodPost, messagesPath, mark); status != 200 {
		t.Error("the fault was not disarmed:", status)
	}
}
