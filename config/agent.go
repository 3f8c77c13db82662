package config

import "time"

// Agent is one file agents/<name>.agent.yaml.
type Agent struct {
	APIVersion string    `yaml:"apiVersion" json:"apiVersion"`
	Kind       string    `yaml:"kind" json:"kind"`
	Metadata   Metadata  `yaml:"metadata" json:"metadata"`
	Spec       AgentSpec `yaml:"spec" json:"spec"`
}

// Metadata names a document.
type Metadata struct {
	Name      string            `yaml:"name" json:"name"` // unique, [a-z0-9-]
	Version   string            `yaml:"version,omitempty" json:"version,omitempty"`
	Namespace string            `yaml:"namespace,omitempty" json:"namespace,omitempty"`
	Labels    map[string]string `yaml:"labels,omitempty" json:"labels,omitempty"`
}

// AgentSpec is what the agent is and does.
type AgentSpec struct {
	Identity      Identity       `yaml:"identity,omitempty" json:"identity"`
	Model         Models         `yaml:"model" json:"model"`
	Prompts       Prompts        `yaml:"prompts,omitempty" json:"prompts"`
	Orchestration Orchestration  `yaml:"orchestration,omitempty" json:"orchestration"`
	Tools         []Tool         `yaml:"tools,omitempty" json:"tools,omitempty"`
	Memory        Memory         `yaml:"memory,omitempty" json:"memory"`
	Guardrails    Guardrails     `yaml:"guardrails,omitempty" json:"guardrails"`
	Permissions   *Permissions   `yaml:"permissions,omitempty" json:"permissions,omitempty"`
	Knowledge     map[string]any `yaml:"knowledge,omitempty" json:"knowledge,omitempty"`
	OutputSchema  map[string]any `yaml:"output_schema,omitempty" json:"output_schema,omitempty"`
	Chain         any            `yaml:"chain,omitempty" json:"chain,omitempty"`
	Channels      []any          `yaml:"channels,omitempty" json:"channels,omitempty"`
	Program       any            `yaml:"program,omitempty" json:"program,omitempty"`
}

// Identity is how the agent is shown.
type Identity struct {
	DisplayName string `yaml:"display_name,omitempty" json:"display_name,omitempty"`
	Description string `yaml:"description,omitempty" json:"description,omitempty"`
	Avatar      string `yaml:"avatar,omitempty" json:"avatar,omitempty"`
}

// Models are the candidates, in the order primary, fallback, extra; or the
// newer form with default and roles.
type Models struct {
	Primary  *Candidate           `yaml:"primary,omitempty" json:"primary,omitempty"`
	Fallback *Candidate           `yaml:"fallback,omitempty" json:"fallback,omitempty"`
	Extra    Candidates           `yaml:"extra,omitempty" json:"extra,omitempty"`
	Default  *ModelRole           `yaml:"default,omitempty" json:"default,omitempty"`
	Roles    map[string]ModelRole `yaml:"roles,omitempty" json:"roles,omitempty"`
	Routing  Routing              `yaml:"routing,omitempty" json:"routing"`
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
	Candidates []Candidate `yaml:"candidates,omitempty" json:"candidates,omitempty"`
	Strategy   string      `yaml:"strategy,omitempty" json:"strategy,omitempty"`
}

// Candidate is one model on one server.
type Candidate struct {
	Provider    string         `yaml:"provider,omitempty" json:"provider,omitempty"`
	Source      string         `yaml:"source,omitempty" json:"source,omitempty"` // another name of provider
	ProviderRef string         `yaml:"providerRef,omitempty" json:"providerRef,omitempty"`
	Model       string         `yaml:"model,omitempty" json:"model,omitempty"`
	Endpoint    string         `yaml:"endpoint,omitempty" json:"endpoint,omitempty"`
	Timeout     Duration       `yaml:"timeout,omitempty" json:"timeout,omitempty"`
	APIKeyEnv   string         `yaml:"api_key_env,omitempty" json:"api_key_env,omitempty"`
	KeepAlive   *Duration      `yaml:"keep_alive,omitempty" json:"keep_alive,omitempty"`
	Think       *bool          `yaml:"think,omitempty" json:"think,omitempty"`
	Parameters  map[string]any `yaml:"parameters,omitempty" json:"parameters,omitempty"`
}

// Routing says how a candidate is chosen.
type Routing struct {
	Strategy            string   `yaml:"strategy,omitempty" json:"strategy,omitempty"`
	HealthCheckInterval Duration `yaml:"health_check_interval,omitempty" json:"health_check_interval,omitempty"`
}

// Prompts hold the system prompt and named templates, in Jinja2 syntax.
type Prompts struct {
	System    string            `yaml:"system,omitempty" json:"system,omitempty"`
	Templates map[string]string `yaml:"templates,omitempty" json:"templates,omitempty"`
}

// Orchestration bounds a turn.
type Orchestration struct {
	Pattern        string            `yaml:"pattern,omitempty" json:"pattern,omitempty"`
	MaxIterations  int               `yaml:"max_iterations,omitempty" json:"max_iterations,omitempty"` // default 10
	TimeoutSeconds Duration          `yaml:"timeout_seconds,omitempty" json:"timeout_seconds,omitempty"`
	Timeout        Duration          `yaml:"timeout,omitempty" json:"timeout,omitempty"` // another name of timeout_seconds
	RoleMap        map[string]string `yaml:"role_map,omitempty" json:"role_map,omitempty"`
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
	Type        string         `yaml:"type,omitempty" json:"type,omitempty"`
	Name        string         `yaml:"name,omitempty" json:"name,omitempty"`
	Description string         `yaml:"description,omitempty" json:"description,omitempty"`
	Parameters  map[string]any `yaml:"parameters,omitempty" json:"parameters,omitempty"`
	Config      map[string]any `yaml:"config,omitempty" json:"config,omitempty"`
	RateLimit   *ToolRate      `yaml:"rate_limit,omitempty" json:"rate_limit,omitempty"`
	Rest        map[string]any `yaml:",inline" json:"rest,omitempty"`
}

// ToolRate bounds the calls of one tool.
type ToolRate struct {
	WindowSeconds Duration `yaml:"window_seconds,omitempty" json:"window_seconds,omitempty"`
	MaxCalls      int      `yaml:"max_calls,omitempty" json:"max_calls,omitempty"`
}

// Memory is what the agent remembers.
type Memory struct {
	Conversational *ConversationalMemory `yaml:"conversational,omitempty" json:"conversational,omitempty"`
	Semantic       map[string]any        `yaml:"semantic,omitempty" json:"semantic,omitempty"`
	Episodic       map[string]any        `yaml:"episodic,omitempty" json:"episodic,omitempty"`
}

// ConversationalMemory is the history of a conversation.
type ConversationalMemory struct {
	Backend    string   `yaml:"backend,omitempty" json:"backend,omitempty"`
	Strategy   string   `yaml:"strategy,omitempty" json:"strategy,omitempty"`
	MaxTurns   int      `yaml:"max_turns,omitempty" json:"max_turns,omitempty"` // entries in the prompt, upper bound
	MaxTokens  int      `yaml:"max_tokens,omitempty" json:"max_tokens,omitempty"`
	TTL        Duration `yaml:"ttl,omitempty" json:"ttl,omitempty"` // since the last turn; 0 = for ever
	Connection string   `yaml:"connection,omitempty" json:"-"`
}

// Guardrails are checked in the order of the file.
type Guardrails struct {
	Input  []Guardrail `yaml:"input,omitempty" json:"input,omitempty"`
	Output []Guardrail `yaml:"output,omitempty" json:"output,omitempty"`
}

// Guardrail is one rule.
type Guardrail struct {
	Type              string   `yaml:"type" json:"type"`
	Action            string   `yaml:"action,omitempty" json:"action,omitempty"`
	Entities          []string `yaml:"entities,omitempty" json:"entities,omitempty"`
	MaxChars          int      `yaml:"max_chars,omitempty" json:"max_chars,omitempty"`
	ForbiddenTopics   []string `yaml:"forbidden_topics,omitempty" json:"forbidden_topics,omitempty"`
	BlockedTopics     []string `yaml:"blocked_topics,omitempty" json:"blocked_topics,omitempty"`
	ForbiddenKeywords []string `yaml:"forbidden_keywords,omitempty" json:"forbidden_keywords,omitempty"`
	BlockedPatterns   []string `yaml:"blocked_patterns,omitempty" json:"blocked_patterns,omitempty"`
	MaxTokensPerTurn  int      `yaml:"max_tokens_per_turn,omitempty" json:"max_tokens_per_turn,omitempty"`
}

// Permissions say which tools may be called: nil AllowedActions = all that are
// declared, an empty list = none.
type Permissions struct {
	AllowedActions *[]string `yaml:"allowed_actions,omitempty" json:"allowed_actions,omitempty"`
}
