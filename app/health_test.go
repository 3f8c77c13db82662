package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"astromesh/runtime/health"
)

// report is the answer of /v1/health and of check --json.
type report struct {
	Status, Version string
	Checks          []health.Check
}

// of gives the checks of one name.
func (r report) of(name string) []health.Check {
	return slices.DeleteFunc(slices.Clone(r.Checks), func(c health.Check) bool { return c.Name != name })
}

// bad are the checks that are not ok, as "name status".
func (r report) bad() string {
	var list []string
	for _, c := range r.Checks {
		if c.Status != health.OK {
			list = append(list, c.Name+" "+string(c.Status))
		}
	}
	return strings.Join(list, ", ")
}

// health asks the running program.
func (r *rig) health() report {
	r.t.Helper()
	var raw json.RawMessage
	if status := r.api("GET", "/v1/health", "", &raw); status != http.StatusOK {
		r.t.Fatalf("health: %d", status)
	}
	return r.decode(raw)
}

func (r *rig) decode(raw []byte) (rep report) {
	r.t.Helper()
	if err := json.Unmarshal(raw, &rep); err != nil {
		r.t.Fatalf("%s: %v", raw, err)
	}
	if rep.Version == "" || len(rep.Checks) < 10 {
		r.t.Errorf("%s", raw)
	}
	r.noSecrets(string(raw))
	return rep
}

func (r *rig) noSecrets(text string) {
	r.t.Helper()
	for _, secret := range []string{testSecret, testVerify, testToken, testAPI, ana.Phone, "very private"} {
		if strings.Contains(text, secret) {
			r.t.Errorf("%q is told: %s", secret, text)
		}
	}
}

// command runs the program's command line beside the running program, on its
// folders.
func (r *rig) command(args ...string) (code int, out string) {
	r.t.Helper()
	var stdout, stderr syncBuffer
	c := &command{ctx: r.ctx, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, env: func(name string) (string, bool) {
		if name == "ASTROMESH_GRAPH_URL" {
			return r.meta.URL(), true
		}
		v, ok := r.env[name]
		return v, ok
	}}
	code = run(c, append(args, "--config-dir", r.config, "--data-dir", r.data))
	if s := stderr.String(); s != "" {
		r.t.Errorf("on standard error: %s", s)
	}
	r.noSecrets(stdout.String())
	return code, stdout.String()
}

// served makes the rig a program that has done its work once.
func (r *rig) served() {
	r.t.Helper()
	if err := r.meta.Subscribe(r.ctx); err != nil {
		r.t.Fatal(err)
	}
	r.post(r.meta.Text(ana, "very private"))
	r.reads(ana, "re: very private")
	r.idle()
}

func TestHealthWhenAllIsWell(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.served()
	if rep := r.health(); rep.Status != "ok" || rep.bad() != "" {
		t.Errorf("%s: %s", rep.Status, rep.bad())
	}
	// The doorman saves at once, and then every ten seconds: at the latest when it stops.
	r.stop()
	code, out := r.command("check")
	if code != 0 || strings.Contains(out, "FAIL") || strings.Contains(out, "WARN") || strings.Contains(out, "\x1b") {
		t.Errorf("%d:\n%s", code, out)
	}
	for _, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		if f := strings.Fields(line); len(f) < 3 || f[0] != "ok" {
			t.Errorf("line %q", line)
		}
	}
	r.start()
	code, out = r.command("check", "--json")
	if rep := r.decode([]byte(out)); code != 0 || rep.Status != "ok" || rep.bad() != "" || rep.Version != Version() {
		t.Errorf("beside the running program: %d, %s", code, out)
	}
}

func TestHealthIsAskedOnce(t *testing.T) {
	r := newRig(t, rigOptions{})
	first := r.health()
	r.ollama.Down(true)
	if again := r.health(); fmt.Sprint(again.of("models")) != fmt.Sprint(first.of("models")) {
		t.Errorf("the model server was asked again: %v", again.of("models"))
	}
	// A change of the configuration is a new question.
	before := r.app.live.Load()
	r.write("channels.yaml", testChannels+"    debounce: {quiet_seconds: 0, max_seconds: 6}\n")
	r.until("the reload", func() bool { return r.app.live.Load() != before })
	if rep := r.health(); rep.Status != "degraded" || !strings.Contains(rep.bad(), "models fail") {
		t.Errorf("%s: %s", rep.Status, rep.bad())
	}
}
