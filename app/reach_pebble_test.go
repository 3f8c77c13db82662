package app

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// pebble is a real certificate authority of the kind of Let's Encrypt, in the
// tests' world.
type pebble struct {
	directory   string
	names       string // the name server that it asks
	http, https string // ports where it looks for who asks
}

func startPebble(t *testing.T, w *world) pebble {
	t.Helper()
	program, err := exec.LookPath("pebble")
	if err != nil {
		const why = "left out: no pebble on the PATH; see .ci/install-peers"
		if strings.Contains(os.Getenv("ASTROMESH_TEST_REQUIRE"), "pebble") {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	dir := t.TempDir()
	p := pebble{http: freePort(t), https: freePort(t), names: serveNames(t)}
	listen, manage := "127.0.0.1:"+freePort(t), "127.0.0.1:"+freePort(t)
	p.directory = "https://localhost:" + listen[len("127.0.0.1:"):] + "/dir"
	certFile, keyFile := w.ca.files(w.ca.issue("localhost"), dir)
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": manage, "certificate": certFile, "privateKey": keyFile,
		"httpPort": number(t, p.http), "tlsPort": number(t, p.https),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-config", file, "-dnsserver", p.names)
	// By itself it refuses one good request in twenty, to try the askers out.
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	out := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(out.String())
		}
	})
	awaitPort(t, listen, out)
	awaitPort(t, manage, out)
	w.trust(rootOf(t, w, manage))
	return p
}

// lookup asks the world's name server.
func (p pebble) lookup(ctx context.Context, host string) ([]string, error) {
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", p.names)
	}}
	return r.LookupHost(ctx, host+".")
}

func number(t *testing.T, port string) int {
	t.Helper()
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// rootOf asks Pebble for the root that it has made for itself.
func rootOf(t *testing.T, w *world, manage string) []byte {
	t.Helper()
	w.leadTo(manage)
	res, err := w.client().Get("https://localhost/roots/0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	root, err := io.ReadAll(res.Body)
	if block, _ := pem.Decode(root); err != nil || block == nil {
		t.Fatalf("Pebble's root: %q, %v", root, err)
	}
	return root
}

// serveNames is a name server, over TCP as Pebble asks it: every name is this
// machine, except those that begin with "nowhere".
func serveNames(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerNames(conn)
		}
	}()
	return l.Addr().String()
}

// answerNames answers until the asker has gone. Each message stands behind its
// length.
func answerNames(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		var length uint16
		if binary.Read(conn, binary.BigEndian, &length) != nil {
			return
		}
		asked := make([]byte, length)
		if _, err := io.ReadFull(conn, asked); err != nil {
			return
		}
		b := nameAnswer(asked)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)); err != nil {
			return
		}
	}
}

func nameAnswer(asked []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(asked) != nil || len(m.Questions) != 1 {
		return nil
	}
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	q := m.Questions[0]
	if strings.HasPrefix(q.Name.String(), "nowhere") {
		m.RCode = dnsmessage.RCodeNameError
	} else if q.Type == dnsmessage.TypeA {
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
		})
	}
	b, err := m.Pack()
	if err != nil {
		return nil
	}
	return b
}
