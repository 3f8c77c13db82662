package health

import (
	"strings"
	"testing"
	"time"

	"astromesh/runtime/reach"
)

// What the way in is like decides whether Meta can come, and nothing is said of
// one that nobody chose.
func TestWayIn(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	refused := &reach.Problem{Code: "tunnel_token"}
	looked := reach.Result{At: now.Add(-3 * time.Minute)}
	failed := reach.Result{At: now, Handshake: &reach.Problem{Code: "refused", Args: []string{"shop.example"}}}
	for name, c := range map[string]struct {
		reach  Reach
		door   Door
		status Status // "" = nothing is said
		says   string
	}{
		"none chosen":     {reach: Reach{State: reach.State{Phase: reach.Up, URL: "https://a.example"}}},
		"opening":         {reach: Reach{State: reach.State{Way: reach.Tunnel, Phase: reach.Opening}}, status: Warn, says: "being opened"},
		"a refused token": {reach: Reach{State: reach.State{Way: reach.Tunnel, Phase: reach.Trouble, Problem: refused}}, status: Fail, says: "refuses the auth token"},
		"not tried yet":   {reach: Reach{State: reach.State{Way: reach.Domain, Phase: reach.Up}}, status: OK, says: "in a moment"},
		"tried":           {reach: Reach{State: reach.State{Way: reach.Domain, Phase: reach.Up, Check: looked}}, status: OK, says: "3 minutes ago"},
		"nobody comes in": {reach: Reach{State: reach.State{Way: reach.Proxy, Phase: reach.Up, Check: failed}}, status: Fail, says: "Nothing answers at shop.example"},
		"Meta knows not":  {reach: Reach{State: reach.State{Way: reach.Tunnel, Phase: reach.Up, Check: looked, Meta: &reach.Problem{Code: "meta_paste", Args: []string{"https://x"}}}}, status: Fail, says: "does not know this address"},
		"but it calls":    {reach: Reach{State: reach.State{Way: reach.Tunnel, Phase: reach.Up, Check: looked, Meta: refused}}, door: Door{AcceptedAt: now}, status: OK, says: "is open"},
		"not renewed yet": {reach: Reach{State: reach.State{Way: reach.Domain, Phase: reach.Up, Check: looked, Problem: refused, Until: now.AddDate(0, 0, 20)}}, status: OK, says: "is open"},
		"ends soon":       {reach: Reach{State: reach.State{Way: reach.Domain, Phase: reach.Up, Check: looked, Problem: &reach.Problem{Code: "acme_reached"}, Until: now.AddDate(0, 0, 2)}}, status: Fail, says: "certificate authority"},
		"turned away":     {reach: Reach{State: reach.State{Way: reach.Proxy, Phase: reach.Up, Check: looked}, Turned: 2, TurnedAt: now.Add(-time.Hour)}, status: Warn, says: "2 calls that looked like Meta's"},
		"turned long ago": {reach: Reach{State: reach.State{Way: reach.Proxy, Phase: reach.Up, Check: looked}, Turned: 2, TurnedAt: now.AddDate(0, 0, -2)}, status: OK, says: "is open"},
	} {
		got := wayIn(Inputs{Now: now, Reach: c.reach, Door: c.door})
		if c.status == "" {
			if len(got) > 0 {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		if len(got) == 0 {
			t.Errorf("%s: nothing is said", name)
			continue
		}
		last := got[len(got)-1]
		if last.Status != c.status || !strings.Contains(last.Detail, c.says) || (last.Status == OK) != (last.Mend == "") {
			t.Errorf("%s: %+v", name, last)
		}
	}
}
