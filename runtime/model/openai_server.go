package model

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// The kinds of servers that speak OpenAI's chat API.
const (
	kindOpenAI   = "openai"
	kindVLLM     = "vllm"
	kindLlamaCPP = "llamacpp"
	kindTGI      = "hf_tgi"
)

// openAIAddress is where the service of OpenAI itself answers
// (platform.openai.com/docs/api-reference).
const openAIAddress = "https://api.openai.com/v1"

// openAIParallel is how many requests such a server gets at once where nothing
// else is said: they put requests in order by themselves.
const openAIParallel = 32

// OpenAIConfig is one candidate of an agent on a server that speaks OpenAI's
// chat API.
type OpenAIConfig struct {
	// Kind of server: openai_compat, openai, vllm, llamacpp or hf_tgi.
	Kind string
	// Endpoint is the base address: http://127.0.0.1:8000/v1. Without a path it
	// gets /v1. "" is OpenAI's own, for the kind openai only.
	Endpoint string
	Model    string // as the server names it
	Key      string // sent as a bearer token; "" = none
	KeyName  string // the environment variable that holds it, for what the owner reads
	// Timeout is the longest silence of the server; 0 = 5 minutes.
	Timeout time.Duration
	// Parameters of the agent file: temperature, top_p, presence_penalty,
	// frequency_penalty, seed, stop, max_tokens. The API knows no others: they
	// are passed over.
	Parameters map[string]any
	// Parallel is how many requests the server gets at once; 0 = 32.
	Parallel int
}

// openAIServer is what the candidates of one address share.
type openAIServer struct {
	base  *url.URL
	http  *http.Client
	queue *queue

	mu     sync.Mutex
	models map[string]*openAIState
}

// openAIState is what was learnt about one model under one key.
type openAIState struct {
	mu      sync.Mutex
	dropped map[string]time.Time // what the server refused, and when
	told    map[string]bool      // of what the owner knows
	paused  time.Time            // it asked to be left alone until then
	listed  listing
	askedAt time.Time
}

// OpenAI returns a model on a server that speaks OpenAI's chat API. Nothing is
// contacted. The error says in words what is wrong with the configuration.
func (s *Servers) OpenAI(config OpenAIConfig) (LLM, error) {
	if config.Model == "" {
		return nil, fmt.Errorf("no model is named")
	}
	if config.Timeout < 0 || config.Parallel < 0 {
		return nil, fmt.Errorf("model %s: timeout and parallel must not be negative", config.Model)
	}
	parameters, err := parseOpenAIParameters(config.Parameters)
	if err != nil {
		return nil, err
	}
	if config.Endpoint == "" && config.Kind != kindOpenAI {
		return nil, fmt.Errorf("model %s: a server of the kind %s needs an endpoint, the address at which it answers", config.Model, config.Kind)
	}
	base, err := ParseOpenAIEndpoint(config.Endpoint)
	if err != nil {
		return nil, err
	}
	o := &OpenAI{
		name: config.Kind + "/" + config.Model, kind: config.Kind, model: config.Model, keyName: config.KeyName,
		server: s.openAIServer(base, config.Parallel), parameters: parameters, timeout: config.Timeout, notify: s.options.Notify,
		key: func() string { return config.Key },
	}
	if base.String() != openAIAddress {
		o.name += "@" + base.Host
	}
	if o.timeout == 0 {
		o.timeout = defaultTimeout
	}
	if config.Key != "" {
		sum := sha256.Sum256([]byte(config.Key))
		o.account = hex.EncodeToString(sum[:8])
	}
	o.state = o.server.state(config.Model + " " + o.account)
	// The library would read addresses and keys from nowhere else: it is given both.
	client := openai.DefaultConfig(config.Key)
	client.BaseURL, client.HTTPClient, client.EmptyMessagesLimit = base.String(), o.server.http, maxEmptyLines
	o.client = openai.NewClientWithConfig(client)
	return o, nil
}

// maxEmptyLines is how many comments may stand between two pieces of an answer:
// some servers send one a second to keep the line open.
const maxEmptyLines = 10_000

// ParseOpenAIEndpoint reads the base address of a server that speaks OpenAI's
// API: "https://host", "http://host:8000/v1". "" is OpenAI's own. What belongs
// to one request (chat/completions) is cut off, and an address without a path
// gets /v1. Credentials and queries have no place in it.
func ParseOpenAIEndpoint(s string) (*url.URL, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		s = openAIAddress
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("the endpoint is not an address: write it like http://127.0.0.1:8000/v1")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the endpoint holds more than an address: a key belongs into the environment variable that api_key_env names")
	}
	path := strings.TrimRight(u.Path, "/")
	path = strings.TrimSuffix(path, "/chat/completions")
	if path == "" {
		path = "/v1"
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: path}, nil
}

func (s *Servers) openAIServer(base *url.URL, parallel int) *openAIServer {
	s.mu.Lock()
	defer s.mu.Unlock()
	srv := s.openAI[base.String()]
	if srv == nil {
		srv = &openAIServer{base: base, queue: newQueue(), models: map[string]*openAIState{}, http: &http.Client{
			Transport:     strict{bounded{s.options.Transport}},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}
		srv.queue.fix(openAIParallel)
		s.openAI[base.String()] = srv
	}
	if parallel > 0 {
		srv.queue.fix(parallel)
	}
	return srv
}

func (s *openAIServer) state(name string) *openAIState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.models[name] == nil {
		s.models[name] = &openAIState{dropped: map[string]time.Time{}}
	}
	return s.models[name]
}

// maxErrorBody bounds what is read of an answer that is an error.
const maxErrorBody = 64 << 10

var (
	errRedirect = errors.New("the server sends elsewhere")
	errNoStream = errors.New("the answer is not a stream of events")
)

// strict refuses what no such server sends, before the library reads it: it
// takes a redirect for an answer, and reads lines and errors of any length.
type strict struct{ http.RoundTripper }

func (s strict) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	kind := response.Header.Get("Content-Type")
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		err = errRedirect
	case response.StatusCode >= 400:
		// How long to wait stands in a header, which the library does not hand on.
		response.Body = &boundedBody{io.LimitReader(response.Body, maxErrorBody), response.Body}
		if wait := retryAfter(response); wait > 0 {
			noteWait(r.Context(), wait)
		}
	case r.Method == http.MethodPost && (strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "application/json")):
		err = errNoStream
	case r.Method == http.MethodPost:
		response.Body = &boundedBody{&shortLines{Reader: response.Body, most: maxLine}, response.Body}
	}
	if err != nil {
		_ = response.Body.Close() // nobody reads it
		return nil, err
	}
	return response, nil
}

// shortLines fails on a line of more than most bytes.
type shortLines struct {
	io.Reader
	most, since int
}

func (l *shortLines) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	for _, b := range p[:n] {
		if l.since++; b == '\n' {
			l.since = 0
		}
		if l.since > l.most {
			return 0, fmt.Errorf("%w: a line of more than %d bytes", errGarbage, l.most)
		}
	}
	return n, err
}
