package app

import (
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.ngrok.com/muxado/v2"
)

// standIn is ngrok's side of the tunnel, as far as the program speaks with it:
// streams over one TLS connection, a JSON message each. What the world calls at
// its public port is handed to the program.
type standIn struct {
	t       *testing.T
	agents  net.Listener // where the program connects
	public  net.Listener // where the world calls
	token   string       // the one that is right
	refusal string       // ngrok's words for another
	url     atomic.Pointer[string]

	mu      sync.Mutex
	session muxado.TypedStreamSession // of the program; nil while there is none
	bind    string
	tokens  []string // that were shown
}

// Kinds of streams: the program asks the first two, ngrok opens the last.
const (
	authStream  = 0
	bindStream  = 1
	proxyStream = 3
)

func startNgrok(t *testing.T, w *world) *standIn {
	t.Helper()
	s := &standIn{t: t, token: "good-token", refusal: "The authtoken you specified is properly formed, but it is invalid.\nYour authtoken: %\r\n\r\nERR_NGROK_107\r\n"}
	s.setURL("https://" + shopName)
	open := func(name string) net.Listener {
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{w.ca.issue(name)}, MinVersion: tls.VersionTLS12})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	s.agents, s.public = open("localhost"), open("*.example.test")
	w.leadTo(s.public.Addr().String())
	go s.each(s.agents, s.agent)
	go s.each(s.public, s.caller)
	return s
}

func (s *standIn) setURL(url string) { s.url.Store(&url) }

// address is where the program finds it.
func (s *standIn) address() string {
	_, port, _ := net.SplitHostPort(s.agents.Addr().String())
	return "localhost:" + port
}

func (s *standIn) each(l net.Listener, serve func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go serve(conn)
	}
}

// agent speaks with the program.
func (s *standIn) agent(conn net.Conn) {
	session := muxado.NewTypedStreamSession(muxado.Server(conn, nil))
	beats := muxado.NewHeartbeat(session, func(_ time.Duration, _ bool) {}, muxado.NewHeartbeatConfig())
	beats.Start()
	for {
		stream, err := beats.AcceptTypedStream()
		if err != nil {
			return
		}
		go s.answer(session, stream)
	}
}

func (s *standIn) answer(session muxado.TypedStreamSession, stream muxado.TypedStream) {
	defer func() { _ = stream.Close() }()
	var asked struct {
		ID    string `json:"Id"`
		Proto string
		Opts  json.RawMessage
		Extra struct{ Authtoken string }
	}
	if json.NewDecoder(stream).Decode(&asked) != nil {
		return
	}
	reply := map[string]any{"Extra": map[string]any{}}
	switch stream.StreamType() {
	case authStream:
		s.mu.Lock()
		s.tokens = append(s.tokens, asked.Extra.Authtoken)
		s.mu.Unlock()
		reply["Version"], reply["ClientId"] = "3", "client"
		if asked.Extra.Authtoken != s.token {
			reply["Error"] = strings.ReplaceAll(s.refusal, "%", asked.Extra.Authtoken)
		}
	case bindStream:
		var wanted struct{ URL, Domain, Hostname string }
		if json.Unmarshal(asked.Opts, &wanted) == nil && strings.Contains(wanted.URL+wanted.Domain+wanted.Hostname, "taken") {
			_ = json.NewEncoder(stream).Encode(map[string]any{"Error": "The domain is not reserved for your account.\r\n\r\nERR_NGROK_319\r\n"}) // likewise
			return
		}
		reply["Id"], reply["URL"], reply["Proto"], reply["Opts"] = "bind-1", *s.url.Load(), asked.Proto, asked.Opts
		s.mu.Lock()
		s.session, s.bind = session, "bind-1"
		s.mu.Unlock()
	}
	_ = json.NewEncoder(stream).Encode(reply) // who does not hear asks again
}

// caller hands one call of the world to the program.
func (s *standIn) caller(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	s.mu.Lock()
	session, bind := s.session, s.bind
	s.mu.Unlock()
	var stream muxado.Stream
	var err error
	if session != nil {
		stream, err = session.OpenTypedStream(proxyStream)
	}
	if session == nil || err != nil {
		offline := http.Response{StatusCode: http.StatusNotFound, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Ngrok-Error-Code": {"ERR_NGROK_3200"}}, Body: http.NoBody}
		_ = offline.Write(conn) // likewise
		return
	}
	head, err := json.Marshal(map[string]string{"Id": bind, "ClientAddr": conn.RemoteAddr().String(), "Proto": "https"})
	if err != nil {
		return
	}
	if binary.Write(stream, binary.LittleEndian, int64(len(head))) != nil {
		return
	}
	if _, err := stream.Write(head); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(stream, conn)
		_ = stream.CloseWrite()
	}()
	_, _ = io.Copy(conn, stream)
}

// cut ends the tunnel from ngrok's side.
func (s *standIn) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.session.Close() // that is what it is for
	s.session = nil
}
