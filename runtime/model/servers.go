package model

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/ollama/ollama/api"
)

// Options of [NewServers].
type Options struct {
	// DefaultOllama is the server of models without an endpoint, in any form of
	// OLLAMA_HOST; "" means the environment's OLLAMA_HOST, else the local one.
	DefaultOllama string
	// Env looks up OLLAMA_HOST and OLLAMA_NUM_PARALLEL; nil means neither is set.
	Env func(name string) string
	// Notify is told what an owner should know though nothing failed, by several
	// goroutines at once. It must not block. May be nil.
	Notify func(Notice)
	// BaseContext is the num_ctx, in tokens, that a model is loaded with where no
	// prompt needs more; 0 = 8192. Twice as much takes about twice the memory
	// for the context (8192: 1 GB for a model of 8 billion parameters).
	BaseContext int
	// Transport replaces the network, for tests. Nil means the network.
	Transport http.RoundTripper
}

// Notice is something that an owner should know though the answer was given.
type Notice struct {
	Candidate string
	Kind      string // "prompt_cut", "context_capped", "model_away", "model_back", "parameter_refused"
	Text      string // one sentence: what happened and what to do
}

// Servers is everything that agents share about model servers: connections,
// the queue in front of each, what a model can do, its num_ctx, and which
// candidates are out of order. One value for the whole program.
type Servers struct {
	options  Options
	breakers *breakers

	mu     sync.Mutex
	byURL  map[string]*server
	openAI map[string]*openAIServer
}

// server is one Ollama.
type server struct {
	base    *url.URL
	http    *http.Client
	api     *api.Client
	queue   *queue
	context int // num_ctx to begin with
	pulse   pulse

	mu     sync.Mutex
	models map[string]*modelState
}

// modelState is what is known about one model on one server.
type modelState struct {
	size   contextSize
	asking chan struct{} // held while its capabilities are asked, so that a burst asks once

	mu      sync.Mutex
	caps    Capabilities
	askedAt time.Time // zero if not known
	capped  bool      // the notice about num_ctx was given
	loading bool      // by loadIfCold
}

// NewServers returns an empty set of servers; nothing is contacted.
func NewServers(options Options) *Servers {
	if options.Env == nil {
		options.Env = func(string) string { return "" }
	}
	if options.Notify == nil {
		options.Notify = func(Notice) {}
	}
	if options.BaseContext <= 0 {
		options.BaseContext = baseContext
	}
	if options.Transport == nil {
		options.Transport = newTransport()
	}
	return &Servers{options: options, breakers: newBreakers(), byURL: map[string]*server{}, openAI: map[string]*openAIServer{}}
}

// newTransport connects directly: customers' texts go to the configured server
// and not through a proxy that happens to be in the environment.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
	}
}

// OllamaConfig is one candidate of an agent.
type OllamaConfig struct {
	Endpoint string // any form of OLLAMA_HOST; "" = the default server
	Model    string // as Ollama names it: "llava:7b"
	// Timeout is the longest silence of the server, from the moment a request
	// leaves our queue: loading and reading the prompt are silent. 0 = 5 minutes.
	// How long a whole answer may take is the context's business.
	Timeout time.Duration
	// KeepAlive is how long the model stays loaded after an answer. Nil or
	// negative: for ever. 0: unloaded at once.
	KeepAlive *time.Duration
	// Think switches reasoning on or off, for models that can. Nil: the model's habit.
	Think *bool
	// Parameters of the agent file: temperature, top_p, top_k, min_p, seed,
	// stop, num_ctx, max_tokens and Ollama's other sampling options.
	Parameters map[string]any
	// Parallel is how many requests the server runs at once; 0 = OLLAMA_NUM_PARALLEL
	// if set and the server is on this computer, else measured.
	Parallel int
}

// defaultTimeout: a cold model on a slow disk takes minutes until its first word.
const defaultTimeout = 5 * time.Minute

// Ollama returns a model on an Ollama server. Nothing is contacted. The error
// says in words what is wrong with the configuration.
func (s *Servers) Ollama(config OllamaConfig) (LLM, error) {
	if config.Model == "" {
		return nil, fmt.Errorf("no model is named")
	}
	if config.Timeout < 0 || config.Parallel < 0 {
		return nil, fmt.Errorf("model %s: timeout and parallel must not be negative", config.Model)
	}
	p, err := parseParameters(config.Parameters)
	if err != nil {
		return nil, err
	}
	srv, isDefault, err := s.server(config)
	if err != nil {
		return nil, err
	}
	name := "ollama/" + config.Model
	if !isDefault {
		name += "@" + srv.base.Host + srv.base.Path
	}
	o := &Ollama{
		name: name, model: config.Model, server: srv, state: srv.model(config.Model),
		parameters: p, timeout: config.Timeout, think: config.Think,
		keepAlive: api.Duration{Duration: -1}, notify: s.options.Notify,
	}
	if o.timeout == 0 {
		o.timeout = defaultTimeout
	}
	if config.KeepAlive != nil {
		o.keepAlive.Duration = *config.KeepAlive
	}
	return o, nil
}

// server finds or makes the server of a candidate.
func (s *Servers) server(config OllamaConfig) (srv *server, isDefault bool, err error) {
	fallback := s.options.DefaultOllama
	if fallback == "" {
		fallback = s.options.Env("OLLAMA_HOST")
	}
	endpoint := config.Endpoint
	if endpoint == "" {
		endpoint = fallback
	}
	base, err := ParseEndpoint(endpoint)
	if err != nil {
		return nil, false, err
	}
	if d, err := ParseEndpoint(fallback); err == nil {
		isDefault = d.String() == base.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	srv = s.byURL[base.String()]
	if srv == nil {
		srv = newServer(base, s.options)
		if n, err := strconv.Atoi(s.options.Env("OLLAMA_NUM_PARALLEL")); err == nil && n > 0 && isLocal(base) {
			srv.queue.fix(n)
		}
		s.byURL[base.String()] = srv
	}
	if config.Parallel > 0 {
		srv.queue.fix(config.Parallel)
	}
	return srv, isDefault, nil
}

func newServer(base *url.URL, options Options) *server {
	client := &http.Client{
		Transport: bounded{options.Transport},
		// A model server does not redirect; whoever does is something else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &server{
		base: base, http: client, api: api.NewClient(base, client),
		queue: newQueue(), context: options.BaseContext, models: map[string]*modelState{},
	}
}

func (s *server) model(name string) *modelState {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[fullName(name)]
	if m == nil {
		m = &modelState{asking: make(chan struct{}, 1)}
		m.size.base = s.context
		s.models[fullName(name)] = m
	}
	return m
}

// alive tells whether the server answers at all, within a second.
func (s *server) alive(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := s.api.Version(ctx)
	return err == nil
}
