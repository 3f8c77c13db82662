package app

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/store"
	"astromesh/web"
)

// live is the configuration in service. It is replaced whole, never changed.
type live struct {
	whatsapp  config.WhatsApp
	providers config.Providers
	runtime   config.Runtime
	problems  config.Problems
	drafts    []web.Draft
	file      config.WhatsApp // as channels.yaml has it, before what was saved in the dashboard
	given     map[string]bool // keys that channels.yaml gives
	outside   map[string]bool // keys that are not the dashboard's to change
}

// reload reads all files and puts what is good in service: of a file with
// errors the last good version stays. At the first start a channel that cannot
// be read is an error, a sentence for the owner.
func (a *App) reload(ctx context.Context) error {
	a.reloadMu.Lock()
	defer a.reloadMu.Unlock()
	c, problems := config.Load(a.opts.Source, a.opts.Env)
	old := a.live.Load()
	if old == nil && !c.Good.Channels {
		return fmt.Errorf("the configuration in %s cannot be used. %s", a.opts.Source, problems.Errors())
	}
	next := &live{file: c.Channels.Channels.WhatsApp, given: c.Given, providers: c.Providers, runtime: c.Runtime, problems: problems}
	if old != nil {
		keepGood(next, old, c)
	}
	if err := a.fill(ctx, next, old); err != nil {
		return err
	}
	if err := a.forgetOverruled(ctx, next); err != nil {
		return err
	}
	agents, err := a.readAgents(ctx, c, next)
	if err != nil {
		return err
	}
	// Settings name the agent that answers: until they are replaced too, both the
	// old agents and the new ones can be found.
	a.agents.Set(append(a.agents.List(), agents...))
	a.live.Store(next)
	a.agents.Set(agents)
	for _, p := range next.problems {
		a.logProblem(p, old != nil && slices.Contains(old.problems, p))
	}
	if old != nil {
		a.log.Info("configuration reloaded", "errors", len(next.problems.Errors()), "agents", len(a.agents.List()))
		a.store.Log(store.Event{Kind: store.EventSystem, Stage: "system", Text: "The configuration was read again."}.With(map[string]int{"errors": len(next.problems.Errors())}))
	}
	for _, rung := range []chan struct{}{a.warm, a.prepare, a.look} {
		select {
		case rung <- struct{}{}:
		default:
		}
	}
	return nil
}

func keepGood(next, old *live, c *config.Config) {
	if !c.Good.Channels {
		next.file, next.given = old.file, old.given
	}
	if !c.Good.Providers {
		next.providers = old.providers
	}
	if !c.Good.Runtime {
		next.runtime = old.runtime
	}
}

// fill puts the channel together from the file and from what was saved in the
// dashboard. A file that gave the app secret and does so no more is more likely
// half written than meant: the door stays shut until a new start.
func (a *App) fill(ctx context.Context, next, old *live) (err error) {
	next.whatsapp = next.file
	if next.outside, err = fillSaved(ctx, a.store, &next.whatsapp, next.given); err != nil {
		return err
	}
	if old == nil || old.file.AppSecret == "" || next.whatsapp.AppSecret != "" {
		return nil
	}
	next.problems = append(next.problems, config.Problem{File: path.Join(a.opts.Source.String(), "channels.yaml"), Line: 1, Col: 1,
		Text: "the app secret is gone, and without it anybody could send messages in Meta's name: the last good version of this file stays in service. Restart the program if it is to run without a secret"})
	next.file, next.given, next.whatsapp = old.file, old.given, old.file
	next.outside, err = fillSaved(ctx, a.store, &next.whatsapp, next.given)
	return err
}

// logProblem tells the owner of a problem in the files. Each saved file has all of
// them read again: of a warning that was said before, known, only the log tells.
func (a *App) logProblem(p config.Problem, known bool) {
	switch p.Severity {
	case config.Error:
		a.log.Error("configuration: " + p.String())
		a.store.Log(store.Event{Kind: store.EventSystem, Level: "error", Stage: "system", Text: p.String()})
	case config.Warning:
		a.log.Warn("configuration: " + p.String())
		if !known {
			a.store.Log(store.Event{Kind: store.EventSystem, Level: "warn", Stage: "system", Text: p.String()})
		}
	default:
		a.log.Debug("configuration: " + p.String())
	}
}

// readAgents keeps each good file as a version, and gives the live versions. An
// agent whose file is broken goes on with its last good version.
func (a *App) readAgents(ctx context.Context, c *config.Config, next *live) (list []*agent.Agent, err error) {
	inFiles := map[string]bool{}
	calls, err := a.asking(ctx, c.Agents)
	if err != nil {
		return nil, err
	}
	for _, f := range c.Agents {
		inFiles[f.Name] = true
		if errs := a.importAgent(f, next, calls); len(errs) > 0 {
			next.drafts = append(next.drafts, web.Draft{Name: f.Name, File: f.File, YAML: string(f.YAML), Errors: errs})
		}
	}
	versions, err := a.store.LiveAgents(ctx)
	if err != nil {
		return nil, fmt.Errorf("the agents cannot be read: %w", err)
	}
	for _, v := range versions {
		// An agent whose file was taken away is out of service, except the one that
		// answers: its file may be in the middle of being renamed. A folder that
		// cannot be read takes nothing away.
		if v.Origin == store.OriginFile && c.Good.Agents && !inFiles[v.Name] && v.Name != next.whatsapp.DefaultAgent {
			continue
		}
		ag, err := compile(v, a.opts.Env, next.runtime, a.agentParts(next))
		if err != nil {
			next.drafts = append(next.drafts, web.Draft{Name: v.Name, Errors: strings.Split(err.Error(), "\n")})
			continue
		}
		list = append(list, ag)
	}
	return list, nil
}

// importAgent makes a file's content the live version, if it is good and new.
func (a *App) importAgent(f config.AgentFile, next *live, calls map[string][]string) (errs []string) {
	if f.Agent == nil {
		return f.Problems.Errors().Strings()
	}
	if p := inCircle(f, calls); p != nil {
		next.problems = append(next.problems, *p)
		return []string{p.String()}
	}
	ag, err := agent.New(f.Agent, 0, a.agentParts(next))
	if err != nil {
		p := f.Problem("spec", config.Error, err.Error())
		next.problems = append(next.problems, p)
		return []string{p.String()}
	}
	next.problems = append(next.problems, leftOut(f, ag, "spec.tools[")...)
	added, err := a.store.ImportAgent(f.Name, f.File, string(f.YAML))
	if err != nil {
		return []string{"the agent could not be saved: " + err.Error()}
	}
	if added {
		a.log.Info("agent version imported", "agent", f.Name, "file", f.File)
	}
	return nil
}

func compile(v store.AgentVersion, env config.Env, defaults config.Runtime, parts agent.Parts) (*agent.Agent, error) {
	cfg, problems := config.ParseAgent(v.Name, []byte(v.YAML), env)
	if cfg == nil {
		return nil, fmt.Errorf("%s", problems.Errors())
	}
	defaults.ApplyTo(cfg)
	return agent.New(cfg, v.Version, parts)
}

func (a *App) agentParts(next *live) agent.Parts {
	return agent.Parts{Providers: next.providers, Servers: a.servers, Env: a.opts.Env, Store: a.store, UserContext: a.userContext, Agents: a.agents.Get, Outside: a.outside}
}

func (a *App) drafts() []web.Draft { return a.live.Load().drafts }
