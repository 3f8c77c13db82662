package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/health"
	"astromesh/runtime/model"
	"astromesh/runtime/reach"
	"astromesh/store"
)

// Health runs every diagnosis of the running program. What Meta and the model
// servers say is asked anew only once in a while, and when the configuration
// has changed.
func (a *App) Health(ctx context.Context) []health.Check {
	l := a.live.Load()
	in := health.Inputs{
		Now: time.Now(), Problems: l.problems, WhatsApp: l.whatsapp, Door: a.doorman.Door(),
		Agents: a.agentStates(l), Disk: health.LookAtDisk(a.opts.DataDir),
	}
	var all sync.WaitGroup
	all.Go(func() {
		in.Graph = a.graphSaid.Get(ctx, l, func(ctx context.Context) health.Graph {
			return health.AskGraph(ctx, a.graph, l.whatsapp.PhoneNumberID, l.whatsapp.WABAID)
		})
	})
	all.Go(func() {
		in.Models = a.modelsSaid.Get(ctx, l, func(ctx context.Context) []health.AgentModels {
			return health.AskModels(ctx, a.servers, a.agents.List())
		})
	})
	all.Wait()
	var err error
	if in.Queues, err = health.ReadQueues(ctx, a.store, in.Now); err != nil {
		in.Disk.StoreProblem = err.Error()
	}
	if in.Backup, err = health.ReadBackup(ctx, a.store, in.Now); err != nil && in.Disk.StoreProblem == "" {
		in.Disk.StoreProblem = err.Error()
	}
	if err := a.store.Ping(); err != nil && in.Disk.WriteProblem == "" {
		in.Disk.WriteProblem = err.Error()
	}
	in.Reach.State = a.reach.State()
	in.Reach.Turned, in.Reach.TurnedAt = a.reach.Turned()
	if p := a.relay.Paused(); p != nil {
		in.Queues.Paused, in.Queues.PausedSince, in.Queues.PausedWhy = true, p.Since, p.Reason
	}
	return health.Diagnose(in)
}

// askAnew makes the next Health ask Meta and the model servers.
func (a *App) askAnew() {
	a.graphSaid.Forget()
	a.modelsSaid.Forget()
}

// agentStates says of each agent whether it answers and what is wrong with its file.
func (a *App) agentStates(l *live) []health.Agent {
	var states []health.Agent
	for _, ag := range a.agents.List() {
		states = append(states, health.Agent{Name: ag.Name(), Serving: true})
	}
	for _, d := range l.drafts {
		at := slices.IndexFunc(states, func(s health.Agent) bool { return s.Name == d.Name })
		if at < 0 {
			states, at = append(states, health.Agent{Name: d.Name}), len(states)
		}
		states[at].Errors = append(states[at].Errors, d.Errors...)
	}
	return states
}

// outside gathers what the command can see without touching a program that may
// be running: the files, a look into the store, and what Meta and the model
// servers say.
func outside(ctx context.Context, o Options) health.Inputs {
	c, problems := config.Load(o.Source, o.Env)
	in := health.Inputs{
		Now: time.Now(), Outside: true, Unread: !c.Good.Channels, Problems: problems,
		WhatsApp: c.Channels.Channels.WhatsApp, Disk: health.LookAtDisk(o.DataDir),
	}
	versions, err := lookInto(ctx, o.DataDir, c.Given, &in)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		in.Disk.StoreProblem = err.Error()
	}
	servers := newServers(o, func(model.Notice) {})
	parts := agent.Parts{Providers: c.Providers, Servers: servers, Env: o.Env}
	answering := candidatesForService(c, versions, o.Env, parts, &in)
	var all sync.WaitGroup
	all.Go(func() { in.Models = health.AskModels(ctx, servers, answering) })
	if in.WhatsApp.AccessToken != "" && in.WhatsApp.PhoneNumberID != "" {
		graph := newGraph(o, func() config.WhatsApp { return in.WhatsApp })
		all.Go(func() { in.Graph = health.AskGraph(ctx, graph, in.WhatsApp.PhoneNumberID, in.WhatsApp.WABAID) })
	}
	all.Go(func() { in.Reach.State = reach.FromAfar(ctx, in.Reach.State, o.Outside) })
	all.Wait()
	return in
}

// lookInto reads what the store knows; ErrNotFound before the first start.
func lookInto(ctx context.Context, dir string, given map[string]bool, in *health.Inputs) (versions []store.AgentVersion, err error) {
	st, err := store.OpenReader(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = st.Close() }() // it was only read
	if _, err := fillSaved(ctx, st, &in.WhatsApp, given); err != nil {
		return nil, err
	}
	if in.Reach.State, err = wayFromStore(ctx, st); err != nil {
		return nil, err
	}
	if in.Door, err = health.ReadDoor(ctx, st); err != nil {
		return nil, err
	}
	if in.Queues, err = health.ReadQueues(ctx, st, in.Now); err != nil {
		return nil, err
	}
	if in.Backup, err = health.ReadBackup(ctx, st, in.Now); err != nil {
		return nil, err
	}
	return st.LiveAgents(ctx)
}

// candidatesForService are the agents that answer once the program has read
// these files: those of good files, the last good version of broken ones, and
// what was made in the dashboard.
func candidatesForService(c *config.Config, versions []store.AgentVersion, env config.Env, parts agent.Parts, in *health.Inputs) []*agent.Agent {
	var list []*agent.Agent
	serve := func(name string, ag *agent.Agent, errs []string) {
		in.Agents = append(in.Agents, health.Agent{Name: name, Serving: ag != nil, Errors: errs})
		if ag != nil {
			list = append(list, ag)
		}
	}
	for _, f := range c.Agents {
		if f.Agent != nil {
			ag, err := agent.New(f.Agent, 0, parts)
			if err == nil {
				serve(f.Name, ag, nil)
				continue
			}
			p := f.Problem("spec", config.Error, err.Error())
			f.Problems, in.Problems = append(f.Problems, p), append(in.Problems, p)
		}
		var last *agent.Agent
		if at := slices.IndexFunc(versions, func(v store.AgentVersion) bool { return v.Name == f.Name }); at >= 0 {
			// A last good version that is no good any more does not answer either.
			last, _ = compile(versions[at], env, c.Runtime, parts)
		}
		serve(f.Name, last, f.Problems.Errors().Strings())
	}
	for _, v := range versions {
		if _, inFile := c.Agent(v.Name); inFile || v.Origin == store.OriginFile {
			continue
		}
		ag, err := compile(v, env, c.Runtime, parts)
		if err != nil {
			serve(v.Name, nil, []string{err.Error()})
			continue
		}
		serve(v.Name, ag, nil)
	}
	return list
}
