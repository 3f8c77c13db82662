package app

import (
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/health"
	"astromesh/runtime/reach"
)

// The command sees the chosen way from outside: whether the program answers at
// the public address, and in words why not.
func TestCheckLooksAtThePublicAddress(t *testing.T) {
	w := newWorld(t)
	s := startNgrok(t, w)
	r := w.rig(rigOptions{outside: reach.Outside{Ngrok: s.address()}})
	look := func() health.Check {
		t.Helper()
		in := outside(r.ctx, Options{
			Source: config.Dir(r.config), DataDir: r.data, GraphURL: r.meta.URL(), Outside: r.outside,
			Env: func(name string) (string, bool) { v, ok := r.env[name]; return v, ok },
		})
		for _, c := range health.Diagnose(in) {
			if c.Name == "reach" {
				return c
			}
		}
		t.Fatal("check says nothing of the way in")
		return health.Check{}
	}
	r.choose(map[string]string{reach.KeyWay: "tunnel", reach.KeyTunnelToken: s.token})
	r.phase(reach.Up)
	if got := r.app.reach.Check(r.ctx); !got.Well() {
		t.Fatalf("the live check: %+v", got)
	}
	if c := look(); c.Status != health.OK {
		t.Errorf("while the tunnel is open: %+v", c)
	}
	r.choose(map[string]string{reach.KeyWay: "proxy"})
	w.leadTo("127.0.0.1:1")
	if c := look(); c.Status != health.Fail || !strings.Contains(c.Detail, "the connection was refused") {
		t.Errorf("where nothing answers: %+v", c)
	}
}
