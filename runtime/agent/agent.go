// Package agent makes one reply of one conversation: guardrails, memory, prompt,
// model and tools, guardrails, gate. It writes a reply and stops: it knows no
// channel's rules, no HTTP, and does not try again.
package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel"
	"astromesh/runtime/guardrail"
	"astromesh/runtime/memory"
	"astromesh/runtime/model"
	"astromesh/runtime/tool"
	"astromesh/store"
)

// Parts are what agents are built from. One value serves all of them.
type Parts struct {
	Providers config.Providers
	Servers   *model.Servers
	Store     *store.Store
	// Env holds the keys of model servers, by the names that files give. nil = none.
	Env config.Env
	// Now is the clock; its location is the time zone of the business. nil = time.Now.
	Now func() time.Time
	// UserContext tells the tool get_user_context what is known of a session's
	// customer. nil = the name only.
	UserContext func(ctx context.Context, sessionID string) (map[string]any, error)
	// Agents finds another agent in service, for agents that are tools: asked anew
	// at each call, as agents are replaced while the program runs. nil = none.
	Agents func(name string) (*Agent, bool)
	// Outside is the way of tools out of the program, shared by all agents.
	Outside tool.Outside
	// Model makes a candidate's model. nil = by its provider; tests give their own.
	Model func(config.Candidate) (model.LLM, error)
}

// Agent is a configured assistant, compiled: read-only, shared by all turns.
type Agent struct {
	Version int // of the stored YAML, from 1

	cfg        *config.Agent
	models     []model.LLM
	others     []model.LLM // of roles
	chat       chatFunc
	roles      map[string]chatFunc // by spec.model.roles
	standsIn   bool                // for a role whose models cannot be reached, see askAs
	routers    []*model.Router     // the agent's own, then those of roles
	tools      *tool.Registry
	memory     memory.Policy
	store      *store.Store
	now        func() time.Time
	limit      time.Duration
	iterations int
	templates  map[string]*Template // by name, as in spec.prompts.templates
	system     *Template            // nil where fixed is the whole system prompt
	fixed      string
	checks     sync.Map // country (string) → chains: phone numbers are read by the customer's country
	warnings   []string
	users      users
	agents     func(name string) (*Agent, bool) // see Parts.Agents
	output     *output                          // spec.output_schema; nil = answers are words
}

// New compiles an agent. The error names every part that cannot work; what is
// left out, and the agent works without, is in Warnings.
func New(cfg *config.Agent, version int, parts Parts) (*Agent, error) {
	if parts.Now == nil {
		parts.Now = time.Now
	}
	a := &Agent{
		Version: version, cfg: cfg, store: parts.Store, now: parts.Now, agents: parts.Agents,
		limit: cfg.Spec.Orchestration.Limit(), iterations: cfg.Spec.Orchestration.Iterations(),
		templates: map[string]*Template{},
	}
	if c := cfg.Spec.Memory.Conversational; c != nil {
		a.memory = memory.Policy{Strategy: c.Strategy, MaxTurns: c.MaxTurns, MaxTokens: c.MaxTokens, TTL: time.Duration(c.TTL)}
	}
	var problems []error
	if built, err := a.buildChains(""); err != nil {
		problems = append(problems, err)
	} else {
		a.warnings = append(a.warnings, built.skipped...)
	}
	problems = append(problems, a.buildPrompts()...)
	if err := a.buildOutput(); err != nil {
		problems = append(problems, fmt.Errorf("spec.output_schema: %w", err))
	}
	a.buildTools(parts)
	if err := a.buildModels(parts); err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("agent %s: %w", cfg.Metadata.Name, errors.Join(problems...))
	}
	return a, nil
}

// Name of the agent, unique.
func (a *Agent) Name() string { return a.cfg.Metadata.Name }

// Config is the file as loaded. It must not be changed.
func (a *Agent) Config() *config.Agent { return a.cfg }

// MemoryTTL is how long after its last turn a history is forgotten; 0 = never.
func (a *Agent) MemoryTTL() time.Duration { return a.memory.TTL }

// Models are the candidates, in the order of the file, then those of roles that
// the agent does not have anyway.
func (a *Agent) Models() []model.LLM {
	list := slices.Clone(a.models)
	for _, m := range a.others {
		if !slices.ContainsFunc(list, func(other model.LLM) bool { return other.Name() == m.Name() }) {
			list = append(list, m)
		}
	}
	return list
}

// Warnings say in sentences what of the file is not acted on.
func (a *Agent) Warnings() []string { return slices.Clone(a.warnings) }

func (a *Agent) warn(format string, args ...any) {
	a.warnings = append(a.warnings, fmt.Sprintf(format, args...))
}

// guards gives the guardrails as they are for this customer. The chains of a
// country are built once: reading its phone numbers' rules takes a millisecond.
func (a *Agent) guards(c channel.Customer) (input, output guardrail.Chain) {
	region := guardrail.RegionOf(c.Phone)
	if known, ok := a.checks.Load(region); ok {
		return known.(chains).input, known.(chains).output
	}
	built, err := a.buildChains(region)
	if err != nil { // a country that the check does not know: judged without it
		known, _ := a.checks.Load("")
		built = known.(chains)
	}
	a.checks.Store(region, built)
	return built.input, built.output
}
