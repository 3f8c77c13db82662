package app

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"
	"astromesh/store"
)

// process is the program as a process of its own, on addresses that stay.
type process struct {
	t       *testing.T
	env     []string
	webhook string
	cmd     *exec.Cmd
	log     bytes.Buffer
}

// start runs the program and returns when it accepts webhooks.
func (p *process) start(ctx context.Context) {
	p.t.Helper()
	p.cmd = exec.CommandContext(ctx, os.Args[0], "serve")
	p.cmd.Env, p.cmd.Stderr = p.env, &p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for {
		res, err := http.Get("http://" + p.webhook + "/healthz")
		if err == nil {
			_ = res.Body.Close()
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			p.t.Fatalf("the program did not start: %s", p.log.String())
		}
	}
}

// kill ends it as a power cut does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have been killed already
	_ = p.cmd.Wait()         // "signal: killed"
}

// crashRig is the program as a process between Meta's side and a model.
func crashRig(t *testing.T) (p *process, meta *emulator.Emulator, data string) {
	t.Helper()
	ollama := modeltest.NewFake()
	ollama.Set("seer", modeltest.FakeModel{Answer: echoLast})
	ollama.Listen(t)
	meta = emulator.New(emulator.Config{
		AppSecret: testSecret, VerifyToken: testVerify, AccessTokens: []string{testToken}, PhoneNumberID: testPhone,
		// Meta repeats what was not acknowledged, statuses too.
		Retry: emulator.RetryPolicy{Base: 20 * time.Millisecond, Max: 200 * time.Millisecond},
	})
	t.Cleanup(meta.Close)
	if err := meta.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	p = &process{t: t, webhook: modeltest.FreeAddress(t)}
	meta.SetCallback("http://" + p.webhook + "/v1/channels/whatsapp/webhook")
	dir, data := t.TempDir(), t.TempDir()
	// After a start Meta's reports of what was sent before come among all the rest,
	// on a busy machine only after seconds: a reply may not be sent again before.
	// 1,200 replies in a minute are more than the other tests' limit lets through.
	write(t, dir, "channels.yaml", strings.Replace(testChannels, "max_messages: 1000", "max_messages: 100000", 1)+"    debounce: {quiet_seconds: 0, max_seconds: 5}\n    unsure_wait_seconds: 15\n    loop_guard: {window_seconds: 60, max_messages: 100000}\n")
	write(t, dir, "agents/shop.agent.yaml", testAgent)
	p.env = []string{
		runMain + "=1", "HOME=" + data, "ASTROMESH_CONFIG_DIR=" + dir, "ASTROMESH_DATA_DIR=" + data,
		"ASTROMESH_WEBHOOK_ADDR=" + p.webhook, "ASTROMESH_ADMIN_ADDR=127.0.0.1:0",
		"ASTROMESH_GRAPH_URL=" + meta.URL(), "FAKE_OLLAMA=" + ollama.URL,
		"WHATSAPP_VERIFY_TOKEN=" + testVerify, "WHATSAPP_ACCESS_TOKEN=" + testToken,
		"WHATSAPP_PHONE_NUMBER_ID=" + testPhone, "WHATSAPP_APP_SECRET=" + testSecret,
	}
	return p, meta, data
}

// Whatever the moment at which the program is killed: every acknowledged message
// is answered, and none twice.
func TestKilledAtAnyMoment(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 4
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	p, meta, data := crashRig(t)
	sent := killOften(ctx, t, p, meta, rounds)
	if missing := waitAnswered(ctx, meta, sent); missing != "" {
		t.Errorf("acknowledged and not answered: %s", missing)
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the stop in order: %v", err)
	}
	for _, twice := range answeredTwice(meta, sent) {
		t.Errorf("answered twice: %s", twice)
	}
	if t.Failed() {
		t.Log(p.log.String())
		explain(t, data)
	}
}

// killOften starts the program, writes to it from all sides, and kills it at a
// random moment, again and again. At the end it runs, and all is acknowledged.
func killOften(ctx context.Context, t *testing.T, p *process, meta *emulator.Emulator, rounds int) (sent int) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var deliveries sync.WaitGroup
	for range rounds {
		p.start(ctx)
		for range 20 {
			it := meta.Text(emulator.User{Phone: fmt.Sprintf("346000000%02d", random.IntN(12))}, fmt.Sprintf("<%d>", sent))
			sent++
			deliveries.Go(func() {
				if err := meta.Deliver(it).Wait(ctx); err != nil {
					t.Errorf("not acknowledged: %v", err)
				}
			})
		}
		moment := time.NewTimer(time.Duration(random.IntN(120)) * time.Millisecond)
		<-moment.C
		p.kill()
	}
	p.start(ctx)
	deliveries.Wait()
	return sent
}

// waitAnswered waits until all is answered, and names what is not in time.
func waitAnswered(ctx context.Context, meta *emulator.Emulator, sent int) (missing string) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for n := 0; ; n = len(meta.Sent()) {
		if missing = unanswered(meta, sent); missing == "" {
			return ""
		}
		if _, err := meta.WaitSent(ctx, n+1); err != nil {
			return missing
		}
	}
}

func answers(meta *emulator.Emulator) string {
	var all strings.Builder
	for _, s := range meta.Sent() {
		if s.Reached() {
			all.WriteString(s.Text)
		}
	}
	return all.String()
}

func unanswered(meta *emulator.Emulator, sent int) string {
	all, missing := answers(meta), ""
	for i := range sent {
		if mark := fmt.Sprintf("<%d>", i); !strings.Contains(all, mark) {
			missing += mark
		}
	}
	return missing
}

func answeredTwice(meta *emulator.Emulator, sent int) (twice []string) {
	all := answers(meta)
	for i := range sent {
		if mark := fmt.Sprintf("<%d>", i); strings.Count(all, mark) > 1 {
			twice = append(twice, mark)
		}
	}
	return twice
}

// explain shows what the store knows, for a failed run.
func explain(t *testing.T, data string) {
	s, err := store.Open(data, store.Options{})
	if err != nil {
		t.Log(err)
		return
	}
	defer func() { _ = s.Close() }()
	in, _, _ := s.InboxWaiting(context.Background())
	out, _ := s.OutboxWaiting(context.Background())
	t.Logf("inbox %d, outbox %d waiting", in, out)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	(&rig{t: t, config: dir}).write(name, text)
}
