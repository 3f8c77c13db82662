package app

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"astromesh/runtime/model/modeltest"
	"astromesh/runtime/reach"
	"astromesh/web"
)

// proxyProgram is a real reverse proxy in front, set up with the lines that the
// page shows.
type proxyProgram struct {
	name  string
	paths []string
	// start gives the arguments for a folder of its own.
	config func(p *proxyProgram, dir, port string, f reach.Front) (args []string)
}

// proxies are Debian's packages.
var proxies = []proxyProgram{
	{name: "caddy", paths: []string{"caddy"}, config: caddyConfig},
	{name: "nginx", paths: []string{"nginx", "/usr/sbin/nginx"}, config: nginxConfig},
}

func caddyConfig(_ *proxyProgram, dir, port string, f reach.Front) []string {
	around := "{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\tauto_https disable_redirects\n\thttps_port " + port + "\n}\n"
	file := filepath.Join(dir, "Caddyfile")
	if os.WriteFile(file, []byte(around+f.Caddy()), 0o600) != nil {
		return nil
	}
	return []string{"run", "--adapter", "caddyfile", "--config", file}
}

func nginxConfig(_ *proxyProgram, dir, port string, f reach.Front) []string {
	f.Port = "127.0.0.1:" + port
	file := filepath.Join(dir, "nginx.conf")
	temp := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += kind + "_temp_path " + filepath.Join(dir, kind) + ";\n"
	}
	around := "daemon off;\nmaster_process off;\npid " + dir + "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" + temp + f.Nginx() + "}\n"
	if os.WriteFile(file, []byte(around), 0o600) != nil {
		return nil
	}
	return []string{"-p", dir, "-c", file, "-e", "stderr"}
}

// run starts the proxy and leads the world's name to it.
func (p *proxyProgram) run(t *testing.T, w *world, f reach.Front) {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	f.Name, f.IsOwn = shopName, true
	f.CertFile, f.KeyFile = w.ca.files(w.ca.issue(shopName), dir)
	cmd := exec.CommandContext(t.Context(), p.find(t), p.config(p, dir, port, f)...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	out := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is told to end
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		<-ended
		if t.Failed() {
			t.Log(out.String())
		}
	})
	address := "127.0.0.1:" + port
	awaitPort(t, address, out)
	w.leadTo(address)
}

// awaitPort waits until a program listens.
func awaitPort(t *testing.T, address string, out *syncBuffer) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	limit := time.After(patience)
	for {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = conn.Close() // it listens
			return
		}
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("nobody listens at %s: %s", address, out.String())
		}
	}
}

// freePort is one that is nobody's until the test ends.
func freePort(t *testing.T) string {
	t.Helper()
	return strconv.Itoa(modeltest.FreePort(t))
}

// find leaves the test out where the program is not there.
func (p *proxyProgram) find(t *testing.T) string {
	t.Helper()
	for _, path := range p.paths {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	why := "left out: no " + p.name + " on the PATH; install Debian's package, or see .ci/install-peers"
	if strings.Contains(os.Getenv("ASTROMESH_TEST_REQUIRE"), p.name) {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// Meta comes in through a real proxy with the lines of the page, and nobody else
// comes further than the webhook.
func TestProxyInFront(t *testing.T) {
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			p.find(t)
			w := newWorld(t)
			r := w.rig(rigOptions{})
			webhook, _ := r.app.Addrs()
			p.run(t, w, reach.Front{Upstream: reach.UpstreamOf(webhook), Path: web.WebhookPath})
			r.choose(map[string]string{reach.KeyWay: "proxy"})
			r.wayIsOpen(w)

			// Only who comes from the named networks; what a caller claims to be is not
			// believed.
			r.choose(map[string]string{reach.KeyWay: "proxy", reach.KeyNetworks: "203.0.113.0/24"})
			if got := r.knock(w.client()); got != http.StatusForbidden {
				t.Errorf("from another network: %d", got)
			}
			if got := r.knock(w.client(), "X-Forwarded-For", "203.0.113.7"); got != http.StatusForbidden {
				t.Errorf("from another network, claiming to be Meta: %d", got)
			}
			// Reports of the delivery may have come and been turned away too.
			if n, _ := r.app.reach.Turned(); n < 2 {
				t.Errorf("%d calls were counted as turned away", n)
			}
			if got := r.app.reach.Check(r.ctx); !got.Well() {
				t.Errorf("the live check from outside those networks: %+v, %+v", got.Handshake, got.Call)
			}
			r.choose(map[string]string{reach.KeyWay: "proxy", reach.KeyNetworks: "203.0.113.0/24, 127.0.0.0/8"})
			if got := r.knock(w.client()); got != http.StatusOK {
				t.Errorf("from a named network: %d", got)
			}
		})
	}
}

// With Meta's certificate asked for, the proxy lets in who shows it, and nobody
// else; nor may one come around the proxy.
func TestProxyAsksForMetasCertificate(t *testing.T) {
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			p.find(t)
			w, meta := newWorld(t), newAuthority(t, "Meta's authority")
			r := w.rig(rigOptions{})
			file := filepath.Join(t.TempDir(), "meta-ca.pem")
			if err := os.WriteFile(file, []byte(meta.pem()), 0o600); err != nil {
				t.Fatal(err)
			}
			webhook, _ := r.app.Addrs()
			p.run(t, w, reach.Front{Upstream: reach.UpstreamOf(webhook), Path: web.WebhookPath, MetaCAFile: file})
			r.choose(map[string]string{reach.KeyWay: "proxy", reach.KeyMetaOn: "1", reach.KeyMetaCA: meta.pem(), reach.KeyTrusted: "127.0.0.1"})
			r.metaOnly(w, meta)
			if got := r.app.reach.Check(r.ctx); !got.Well() {
				t.Errorf("the live check: %+v, %+v", got.Handshake, got.Call)
			}
			r.choose(map[string]string{reach.KeyWay: "proxy", reach.KeyMetaOn: "1", reach.KeyMetaCA: meta.pem(), reach.KeyTrusted: "203.0.113.1"})
			if got := r.knock(w.client(meta.issue(reach.MetaName))); got != http.StatusForbidden {
				t.Errorf("through a proxy that is not trusted: %d", got)
			}
		})
	}
}

// metaOnly sees that Meta's certificate opens the webhook, and nothing else does.
func (r *rig) metaOnly(w *world, meta *authority) {
	r.t.Helper()
	if got := r.knock(w.client(meta.issue(reach.MetaName))); got != http.StatusOK {
		r.t.Errorf("with Meta's certificate: %d", got)
	}
	other := newAuthority(r.t, "Somebody else's authority")
	if got := r.knock(w.client()); got != http.StatusForbidden {
		r.t.Errorf("without a certificate: %d", got)
	}
	if got := r.knock(w.client(meta.issue("evil.example.com"))); got != http.StatusForbidden {
		r.t.Errorf("with a certificate of another name: %d", got)
	}
	if got := r.knock(w.client(other.issue(reach.MetaName))); got == http.StatusOK {
		r.t.Error("a certificate of another authority was taken")
	}
	if got := r.knock(w.client(), reach.CheckHeader, "made-up"); got != http.StatusForbidden {
		r.t.Errorf("with a made-up mark: %d", got)
	}
	if got := r.knock(w.client(meta.issue("evil.example.com")), reach.CheckHeader, "x,CN="+reach.MetaName+","); got != http.StatusForbidden {
		r.t.Errorf("with a made-up mark that holds Meta's name: %d", got)
	}
}
