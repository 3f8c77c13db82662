package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"astromesh/runtime/reach"
	"astromesh/store"
	"astromesh/web"
)

// shopName is the name that the tests' internet knows.
const shopName = "shop.example.test"

// world is the internet of these tests: every name leads to one port of this
// machine, and everybody trusts one authority.
type world struct {
	t     *testing.T
	ca    *authority
	roots *x509.CertPool         // whom everybody trusts: ca, and who is added
	port  atomic.Pointer[string] // "127.0.0.1:…"; nil refuses
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, ca: newAuthority(t, "The tests' authority"), roots: x509.NewCertPool()}
	w.roots.AddCert(w.ca.cert)
	return w
}

func (w *world) trust(root []byte) { w.roots.AppendCertsFromPEM(root) }

func (w *world) leadTo(address string) { w.port.Store(&address) }

func (w *world) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	at := "127.0.0.1:1"
	if p := w.port.Load(); p != nil {
		at = *p
	}
	return (&net.Dialer{}).DialContext(ctx, network, at)
}

// client is a caller from the internet, who may show certificates.
func (w *world) client(show ...tls.Certificate) *http.Client {
	transport := &http.Transport{
		DialContext: w.dial, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: w.roots, Certificates: show, MinVersion: tls.VersionTLS12},
	}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// rig starts the program in this world; Meta calls through it.
func (w *world) rig(o rigOptions) *rig {
	o.outside.Dial, o.outside.Roots = w.dial, w.roots
	o.meta.Client = w.client()
	return newRig(w.t, o)
}

// choose saves settings of the way in, as the page does, and has Meta call there.
func (r *rig) choose(settings map[string]string) {
	r.t.Helper()
	plain, secret := map[string]string{web.PublicURLSetting: "https://" + shopName}, map[string]string{}
	for key, value := range settings {
		if key == reach.KeyTunnelToken {
			secret[reach.Prefix+key] = value
			continue
		}
		plain[reach.Prefix+key] = value
	}
	if err := r.app.store.PutSettings(plain, secret); err != nil {
		r.t.Fatal(err)
	}
	if err := r.app.applySettings(r.ctx); err != nil {
		r.t.Fatal(err)
	}
	r.meta.SetCallback("https://" + shopName + web.WebhookPath)
}

// wayIsOpen proves a way in: the live check passes and is not taken for Meta, a
// customer's message comes and is answered, and nothing but the webhook is there.
func (r *rig) wayIsOpen(w *world) {
	r.t.Helper()
	r.until("Meta's reports of what was sent before", r.reported)
	before := r.app.doorman.Door()
	if got := r.app.reach.Check(r.ctx); !got.Well() {
		r.t.Fatalf("the live check: %+v, %+v", got.Handshake, got.Call)
	}
	if after := r.app.doorman.Door(); after != before {
		r.t.Errorf("the live check was taken for Meta: %+v", after)
	}
	if err := r.meta.Subscribe(r.ctx); err != nil {
		r.t.Errorf("Meta's handshake: %v", err)
	}
	if got := r.answered("hello through the way"); got != "re: hello through the way" {
		r.t.Errorf("read %q", got)
	}
	r.onlyWebhook(w.client(), "https://"+shopName)
}

// reported says whether Meta has nothing more to report of Ana's conversation.
func (r *rig) reported() bool {
	c, err := r.app.store.ConversationBySession(r.ctx, "wa_"+ana.Phone)
	if errors.Is(err, store.ErrNotFound) {
		return true
	}
	if err != nil {
		return false
	}
	lines, err := r.app.store.Transcript(r.ctx, c.ID, 0, 100)
	return err == nil && !slices.ContainsFunc(lines, func(l store.Line) bool { return l.Author == store.AuthorAgent && l.Delivery != "read" })
}

// onlyWebhook sees that the dashboard is not at an address.
func (r *rig) onlyWebhook(client *http.Client, base string) {
	r.t.Helper()
	_, admin := r.app.Addrs()
	for _, path := range []string{"/", "/login", "/setup", "/settings/whatsapp", "/v1/health", "/v1/agents", "/static/", "/v1/channels/whatsapp/webhook/../../../../login", "//" + admin + "/login"} {
		for _, host := range []string{"", admin, "127.0.0.1"} {
			req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, base+path, nil)
			if err != nil {
				r.t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+testAPI)
			req.Host = host
			// Caddy answers 200 and nothing for a name that it does not know.
			if status, body := r.visit(client, req); len(body) > 0 && (status == http.StatusOK || bytes.Contains(body, []byte("stromesh")) || bytes.Contains(body, []byte("{"))) {
				r.t.Errorf("%s as %q through the way: %d %s", path, host, status, body)
			}
		}
	}
}

// visit gives the status 0 where a proxy did not let the call in at all.
func (r *rig) visit(client *http.Client, req *http.Request) (int, []byte) {
	r.t.Helper()
	res, err := client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, b
}

// knock sends a webhook with a good signature, and gives the status.
func (r *rig) knock(client *http.Client, header ...string) int {
	r.t.Helper()
	body := `{"object":"whatsapp_business_account","entry":[]}`
	req, err := http.NewRequestWithContext(r.ctx, http.MethodPost, "https://"+shopName+web.WebhookPath, bytes.NewBufferString(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("X-Hub-Signature-256", signed(body))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	status, _ := r.visit(client, req)
	return status
}

// signed is a body's signature under the app secret.
func signed(body string) string {
	mac := hmac.New(sha256.New, []byte(testSecret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey(t)}
	a.cert = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, a.key, nil, a.key)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(c *x509.Certificate, key *ecdsa.PrivateKey, parent *x509.Certificate, by *ecdsa.PrivateKey) *x509.Certificate {
	a.t.Helper()
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
	if err != nil {
		a.t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return signed
}

// issue makes a certificate for a name, good for both ends of a connection.
func (a *authority) issue(name string) tls.Certificate {
	a.t.Helper()
	key := newKey(a.t)
	leaf := a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name, Organization: []string{"Tests"}}, DNSNames: []string{name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, KeyUsage: x509.KeyUsageDigitalSignature,
	}, key, a.cert, a.key)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func (a *authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

// files writes a certificate and its key where a proxy reads them.
func (a *authority) files(c tls.Certificate, dir string) (certFile, keyFile string) {
	a.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		a.t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	return certFile, keyFile
}
