package config

import "time"

// Agent is one file agents/<name>.agent.yaml.
type Agent struct {
	APIVersion string    `yaml:"apiVersion" json:"apiVersion"` // always astromesh/v1
	Kind       string    `yaml:"kind" json:"kind"`             // always Agent
	Metadata   Metadata  `yaml:"metadata" json:"metadata"`     // what the agent is called
	Spec       AgentSpec `yaml:"spec" json:"spec"`             // what the agent is and does

	written []string `yaml:"-" json:"-"` // names of roles and templates, in the order of the file
}

// Metadata names a document.
type Metadata struct {
	Name      string            `yaml:"name" json:"name"`                               // unique, [a-z0-9-]
	Version   string            `yaml:"version,omitempty" json:"version,omitempty"`     // your own; shown
	Namespace string            `yaml:"namespace,omitempty" json:"namespace,omitempty"` // shown
	Labels    map[string]string `yaml:"labels,omitempty" json:"labels,omitempty"`       // shown
}

// AgentSpec is what the agent is and does.
type AgentSpec struct {
	Identity      Identity       `yaml:"identity,omitempty" json:"identity"`                     // how the agent is shown in the dashboard
	Model         Models         `yaml:"model" json:"model"`                                     // which models answer
	Prompts       Prompts        `yaml:"prompts,omitempty" json:"prompts"`                       // what the model is told
	Orchestration Orchestration  `yaml:"orchestration,omitempty" json:"orchestration"`           // how it works on an answer, and how long
	Tools         []Tool         `yaml:"tools,omitempty" json:"tools,omitempty"`                 // what the model may call
	Memory        Memory         `yaml:"memory,omitempty" json:"memory"`                         // what the agent remembers of a conversation
	Guardrails    Guardrails     `yaml:"guardrails,omitempty" json:"guardrails"`                 // what is hidden, cut or stopped, in the order of the file
	Permissions   *Permissions   `yaml:"permissions,omitempty" json:"permissions,omitempty"`     // which of the tools may be called
	Knowledge     map[string]any `yaml:"knowledge,omitempty" json:"knowledge,omitempty"`         // kept, not acted on yet
	OutputSchema  map[string]any `yaml:"output_schema,omitempty" json:"output_schema,omitempty"` // the form of an answer: JSON Schema of an object, or {field: {type, description}}; the customer reads its reply, response, message, answer or text, else one that is added, and the data is kept with the answer
	Chain         any            `yaml:"chain,omitempty" json:"chain,omitempty"`                 // kept, not acted on yet
	Channels      []any          `yaml:"channels,omitempty" json:"channels,omitempty"`           // kept, not acted on yet
	Program       any            `yaml:"program,omitempty" json:"program,omitempty"`             // not supported: an agent with a program does not load
}

// Identity is how the agent is shown.
type Identity struct {
	DisplayName string `yaml:"display_name,omitempty" json:"display_name,omitempty"` // name in the dashboard
	Description string `yaml:"description,omitempty" json:"description,omitempty"`   // one sentence: what it is for
	Avatar      string `yaml:"avatar,omitempty" json:"avatar,omitempty"`             // an emoji, two letters or a data:image picture beside the name; else the first letter of the name stands there
}

// Models are the candidates, in the order primary, fallback, extra; or the
// newer form with default and roles.
type Models struct {
	Primary  *Candidate           `yaml:"primary,omitempty" json:"primary,omitempty"`   // tried first
	Fallback *Candidate           `yaml:"fallback,omitempty" json:"fallback,omitempty"` // tried when the first cannot answer
	Extra    Candidates           `yaml:"extra,omitempty" json:"extra,omitempty"`       // tried after the fallback, by name, in the order of the file
	Default  *ModelRole           `yaml:"default,omitempty" json:"default,omitempty"`   // the newer form, in the place of primary, fallback and extra
	Roles    map[string]ModelRole `yaml:"roles,omitempty" json:"roles,omitempty"`       // other models for parts of the work, by the names that patterns ask for; a name that is not here is answered by the agent's own models
	Routing  Routing              `yaml:"routing,omitempty" json:"routing"`             // how one of the candidates is chosen
}

// Candidates are named candidates, kept in the order of the file.
type Candidates []NamedCandidate

// NamedCandidate is one entry of model.extra.
type NamedCandidate struct {
	Name string `json:"name"`
	Candidate
}

// ModelRole is the newer form: candidates and a strategy for a role.
type ModelRole struct {
	Candidates []Candidate `yaml:"candidates,omitempty" json:"candidates,omitempty"` // in the order in which they are tried
	Strategy   string      `yaml:"strategy,omitempty" json:"strategy,omitempty"`     // how one of them is chosen
}

// Candidate is one model on one server.
type Candidate struct {
	Provider    string         `yaml:"provider,omitempty" json:"provider,omitempty"`       // what kind of server; ollama unless said otherwise
	Source      string         `yaml:"source,omitempty" json:"source,omitempty"`           // another name of provider
	ProviderRef string         `yaml:"providerRef,omitempty" json:"providerRef,omitempty"` // a server of providers.yaml, by its name
	Model       string         `yaml:"model,omitempty" json:"model,omitempty"`             // as its server calls it: llava:7b
	Endpoint    string         `yaml:"endpoint,omitempty" json:"endpoint,omitempty"`       // address of the server: http://127.0.0.1:8000/v1; empty = OLLAMA_HOST, and for openai its own
	Timeout     Duration       `yaml:"timeout,omitempty" json:"timeout,omitempty"`         // longest silence of the server, in seconds or as 30s, 2m; 5 minutes unless said otherwise
	APIKeyEnv   string         `yaml:"api_key_env,omitempty" json:"api_key_env,omitempty"` // environment variable that holds the key of the server
	KeepAlive   *Duration      `yaml:"keep_alive,omitempty" json:"keep_alive,omitempty"`   // how long the model stays loaded after an answer; -1 = for ever
	Think       *bool          `yaml:"think,omitempty" json:"think,omitempty"`             // whether a model that can reason does so before it answers
	Parameters  map[string]any `yaml:"parameters,omitempty" json:"parameters,omitempty"`   // temperature, top_p, top_k, min_p, seed, stop, num_ctx, max_tokens; OpenAI-like servers know fewer
}

// Routing says how a candidate is chosen.
type Routing struct {
	Strategy            string   `yaml:"strategy,omitempty" json:"strategy,omitempty"`                           // how a candidate is chosen; capability_match: one that can do what the message needs
	HealthCheckInterval Duration `yaml:"health_check_interval,omitempty" json:"health_check_interval,omitempty"` // how often models are asked whether they are there, so that one that is not is passed over before a customer waits for it; in seconds or as 30s, 2m
}

// Prompts hold the system prompt and named templates, in Jinja2 syntax.
type Prompts struct {
	System    string            `yaml:"system,omitempty" json:"system,omitempty"`       // instructions for the model: who it is, what it may say, what it must know; Jinja2
	Templates map[string]string `yaml:"templates,omitempty" json:"templates,omitempty"` // further texts by name, in Jinja2: {% include "name" %} puts one into another, and one with the name of a role is told to that role
}

// Orchestration bounds a turn.
type Orchestration struct {
	Pattern        string            `yaml:"pattern,omitempty" json:"pattern,omitempty"`                 // how the models work together; react: one asks for tools until it has an answer
	MaxIterations  int               `yaml:"max_iterations,omitempty" json:"max_iterations,omitempty"`   // how often models may be asked in one turn, all roles together; the last time is kept for the answer; default 10
	TimeoutSeconds Duration          `yaml:"timeout_seconds,omitempty" json:"timeout_seconds,omitempty"` // how long a turn may work while a model can be reached; default 60
	Timeout        Duration          `yaml:"timeout,omitempty" json:"timeout,omitempty"`                 // another name of timeout_seconds
	RoleMap        map[string]string `yaml:"role_map,omitempty" json:"role_map,omitempty"`               // which of model.roles answers for a role or stage of the pattern, by its name
}

// Limit is how long a turn may work while a model can be reached: 60 s unless
// the file says otherwise.
func (o Orchestration) Limit() time.Duration {
	switch {
	case o.TimeoutSeconds > 0:
		return time.Duration(o.TimeoutSeconds)
	case o.Timeout > 0:
		return time.Duration(o.Timeout)
	default:
		return 60 * time.Second
	}
}

// Iterations is how often the model may be asked in one turn.
func (o Orchestration) Iterations() int {
	if o.MaxIterations > 0 {
		return o.MaxIterations
	}
	return 10
}

// Tool is one entry of spec.tools.
type Tool struct {
	Type        string         `yaml:"type,omitempty" json:"type,omitempty"`               // where the tool comes from
	Name        string         `yaml:"name,omitempty" json:"name,omitempty"`               // what the model calls it by
	Description string         `yaml:"description,omitempty" json:"description,omitempty"` // when the model should use it
	Parameters  map[string]any `yaml:"parameters,omitempty" json:"parameters,omitempty"`   // JSON Schema, or {name: {type, description}}
	Config      map[string]any `yaml:"config,omitempty" json:"config,omitempty"`           // settings of the tool
	RateLimit   *ToolRate      `yaml:"rate_limit,omitempty" json:"rate_limit,omitempty"`   // how often it may be called
	Rest        map[string]any `yaml:",inline" json:"rest,omitempty"`
}

// ToolRate bounds the calls of one tool.
type ToolRate struct {
	WindowSeconds Duration `yaml:"window_seconds,omitempty" json:"window_seconds,omitempty"` // in this time; default 60
	MaxCalls      int      `yaml:"max_calls,omitempty" json:"max_calls,omitempty"`           // so many calls; default 10
}

// Memory is what the agent remembers.
type Memory struct {
	Conversational *ConversationalMemory `yaml:"conversational,omitempty" json:"conversational,omitempty"` // the history of a conversation
	Semantic       *SemanticMemory       `yaml:"semantic,omitempty" json:"semantic,omitempty"`             // older turns that the newest message may be about
	Episodic       map[string]any        `yaml:"episodic,omitempty" json:"episodic,omitempty"`             // kept, not acted on yet
}

// ConversationalMemory is the history of a conversation.
type ConversationalMemory struct {
	Backend    string   `yaml:"backend,omitempty" json:"backend,omitempty"`       // always the own database, whatever it says
	Strategy   string   `yaml:"strategy,omitempty" json:"strategy,omitempty"`     // sliding_window: the newest entries; summary: and a summary of the older ones; token_budget: as many of the newest as max_tokens allow
	MaxTurns   int      `yaml:"max_turns,omitempty" json:"max_turns,omitempty"`   // entries of the conversation that the model reads, upper bound; 20 unless said otherwise
	MaxTokens  int      `yaml:"max_tokens,omitempty" json:"max_tokens,omitempty"` // for token_budget: what of the conversation the model reads, in tokens, upper bound
	TTL        Duration `yaml:"ttl,omitempty" json:"ttl,omitempty"`               // how long after the last turn everything is forgotten, from the prompt and from disk; 0 = never
	Connection string   `yaml:"connection,omitempty" json:"-"`                    // kept, not acted on
}

// SemanticMemory finds older turns of the same conversation, which the history
// does not hold any more, by the words of the newest message.
type SemanticMemory struct {
	Backend             string   `yaml:"backend,omitempty" json:"backend,omitempty"`                           // always the own database, whatever it says
	SimilarityThreshold *float64 `yaml:"similarity_threshold,omitempty" json:"similarity_threshold,omitempty"` // how like the message a turn must be, from 0 to 1: the share of its words that the turn holds; 0.5 unless said otherwise
	MaxResults          int      `yaml:"max_results,omitempty" json:"max_results,omitempty"`                   // turns that the model is told of, at most; 3 unless said otherwise
}

// Guardrails are checked in the order of the file.
type Guardrails struct {
	Input  []Guardrail `yaml:"input,omitempty" json:"input,omitempty"`   // for what customers write, before the model reads it
	Output []Guardrail `yaml:"output,omitempty" json:"output,omitempty"` // for the reply, before the customer gets it
}

// Guardrail is one rule.
type Guardrail struct {
	Type              string   `yaml:"type" json:"type"`                                                   // pii_detection hides private data, max_length and cost_limit bound a text, topic_filter and content_filter keep things out of it
	Action            string   `yaml:"action,omitempty" json:"action,omitempty"`                           // redact, block or warn; of max_length block or truncate, of cost_limit truncate, block or warn
	Entities          []string `yaml:"entities,omitempty" json:"entities,omitempty"`                       // what pii_detection looks for; all unless said otherwise
	MaxChars          int      `yaml:"max_chars,omitempty" json:"max_chars,omitempty"`                     // for max_length: the longest message, in characters
	ForbiddenTopics   []string `yaml:"forbidden_topics,omitempty" json:"forbidden_topics,omitempty"`       // for topic_filter: the words that name each topic; "taxes|vat" names one by several
	BlockedTopics     []string `yaml:"blocked_topics,omitempty" json:"blocked_topics,omitempty"`           // for topic_filter; another name of forbidden_topics
	ForbiddenKeywords []string `yaml:"forbidden_keywords,omitempty" json:"forbidden_keywords,omitempty"`   // for content_filter: words and phrases, whole, in any spelling; "spam*" takes longer words too
	BlockedPatterns   []string `yaml:"blocked_patterns,omitempty" json:"blocked_patterns,omitempty"`       // for content_filter: regular expressions (RE2), letters of either case
	MaxTokensPerTurn  int      `yaml:"max_tokens_per_turn,omitempty" json:"max_tokens_per_turn,omitempty"` // for cost_limit: of output what the models write in one turn, of input how long the message is
}

// Topics are what topic_filter keeps out, by whichever name the file uses.
func (g Guardrail) Topics() []string {
	if len(g.ForbiddenTopics) > 0 {
		return g.ForbiddenTopics
	}
	return g.BlockedTopics
}

// Permissions say which tools may be called: nil AllowedActions = all that are
// declared, an empty list = none.
type Permissions struct {
	AllowedActions *[]string `yaml:"allowed_actions,omitempty" json:"allowed_actions,omitempty"` // names of tools; without this key all, [] = none
}
