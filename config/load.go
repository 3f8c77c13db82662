// Package config reads the four kinds of YAML files: channels.yaml,
// providers.yaml, runtime.yaml and agents/<name>.agent.yaml. It gives values
// and every problem of every file with its line; it knows no database, no HTTP
// and no model.
package config

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"strings"
)

// Config is all files together. It is never nil: what cannot be read is at its
// default, and a problem says so.
type Config struct {
	Channels  Channels
	Providers Providers
	Runtime   Runtime
	Agents    []AgentFile // in the order of the files' names
	// Given are the keys below channels.whatsapp that an owner's channels.yaml has
	// a value for: "rate_limit.max_messages". The file inside the program gives
	// none, nor does an unchanged copy of it, such as the one beside this code:
	// nobody chose what it says.
	Given map[string]bool
	// Good says of each file whether it was there, if it must be, and without
	// errors: what is not good is at its default, or half of it is. A default
	// agent that no file defines does not count.
	Good struct{ Channels, Providers, Runtime, Agents bool }
}

// AgentFile is one file of the folder agents.
type AgentFile struct {
	Name     string // metadata.name; the file's own where that is missing or no name
	File     string // as in its problems
	YAML     []byte // as read; nil where the file cannot be read
	Agent    *Agent // nil where the file has errors
	Problems Problems

	places *decoder
}

// Problem makes a problem at a key's place in the file, for checks that this
// package cannot do: AgentFile.Problem("spec.prompts.system", Error, "…").
func (f AgentFile) Problem(key string, s Severity, text string) Problem {
	at := place{1, 1}
	if f.places != nil {
		at = f.places.where(key)
	}
	return Problem{File: f.File, Line: at.line, Col: at.col, Severity: s, Text: text}
}

// Agent gives the file that defines an agent; the first, should there be two.
func (c *Config) Agent(name string) (AgentFile, bool) {
	for _, f := range c.Agents {
		if f.Name == name {
			return f, true
		}
	}
	return AgentFile{}, false
}

// Load reads all files. It changes nothing and keeps nothing: call it again to
// reload, and keep the last good value of a file that Problems.For(file) has
// errors of. Problems holds those of the agent files too. A nil env has no
// variables.
func Load(src Source, env Env) (*Config, Problems) {
	l := loader{src: src, env: env}
	c := &Config{Channels: DefaultChannels(env), Providers: DefaultProviders(), Runtime: DefaultRuntime()}
	channels := l.channels(&c.Channels)
	c.Good.Channels = channels != nil && !channels.problems.HasErrors()
	c.Good.Providers = l.optional(providersFile, &c.Providers, func(d *decoder) { d.checkProviders(&c.Providers) })
	c.Good.Runtime = l.optional(runtimeFile, &c.Runtime, func(d *decoder) { d.checkRuntime(&c.Runtime) })
	l.agents(c)
	c.Good.Agents = len(c.Agents) > 0
	if channels != nil {
		checkDefaultAgent(channels, c)
		c.Given = channels.given("channels.whatsapp", src.dir == "" || l.untouched)
		channels.problems.sortByPlace()
		l.problems = append(channels.problems, l.problems...)
	}
	return c, l.problems
}

// given are the keys below a path that have a value.
func (d *decoder) given(path string, ours bool) map[string]bool {
	keys := map[string]bool{}
	for at := range d.values {
		if key, below := strings.CutPrefix(at, path+"."); below && !ours {
			keys[key] = true
		}
	}
	return keys
}

// ParseAgent reads one agent's file by itself. The agent is nil when there are
// errors. What needs other files (providerRef, agents as tools) is not checked.
func ParseAgent(file string, data []byte, env Env) (*Agent, Problems) {
	f := ReadAgent(file, data, env)
	return f.Agent, f.Problems
}

// ReadAgent is ParseAgent that keeps the places of the keys.
func ReadAgent(file string, data []byte, env Env) AgentFile {
	d, a := newDecoder(file, env), &Agent{}
	if d.decode(data, a) {
		d.checkAgent(a)
	}
	f := AgentFile{File: file, YAML: data, Name: a.Metadata.Name, places: d}
	if !isName(f.Name) || len(f.Name) > maxName {
		f.Name = strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), agentSuffix)
	}
	return f.settle(a)
}

// settle takes over the decoder's problems, and the agent if there is no error.
func (f AgentFile) settle(a *Agent) AgentFile {
	f.places.problems.sortByPlace()
	f.Problems = f.places.problems
	f.Agent = a
	if f.Problems.HasErrors() {
		f.Agent = nil
	}
	return f
}

type loader struct {
	src       Source
	env       Env
	problems  Problems
	untouched bool // channels.yaml is, byte for byte, the one inside the program
}

func (l *loader) fail(name, text string) {
	l.problems = append(l.problems, Problem{File: l.src.show(name), Line: 1, Col: 1, Text: text})
}

// channels reads channels.yaml; nil where there is nothing to read.
func (l *loader) channels(c *Channels) *decoder {
	data, err := l.src.read(channelsFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fail(channelsFile, "this file is missing, so there is no WhatsApp channel; put one here, or choose another folder with --config-dir")
		return nil
	case err != nil:
		l.fail(channelsFile, err.Error())
		return nil
	}
	if ours, err := shipped.ReadFile(channelsFile); err == nil {
		l.untouched = bytes.Equal(data, ours)
	}
	d := newDecoder(l.src.show(channelsFile), l.env)
	if d.decode(data, c) {
		d.checkChannels(c)
	}
	return d
}

// optional reads a file that need not exist, and says whether it is good.
func (l *loader) optional(name string, v any, check func(*decoder)) bool {
	data, err := l.src.read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true
	case err != nil:
		l.fail(name, err.Error())
		return false
	}
	d := newDecoder(l.src.show(name), l.env)
	if d.decode(data, v) {
		check(d)
	}
	d.problems.sortByPlace()
	l.problems = append(l.problems, d.problems...)
	return !d.problems.HasErrors()
}

func (l *loader) agents(c *Config) {
	names, err := l.src.agents()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fail(agentsFolder, "this folder is missing, so no agent can answer; put a file NAME"+agentSuffix+" into it")
		return
	case err != nil:
		l.fail(agentsFolder, err.Error())
		return
	case len(names) == 0:
		l.fail(agentsFolder, "this folder holds no file NAME"+agentSuffix+", so no agent can answer")
		return
	}
	for _, name := range names {
		c.Agents = append(c.Agents, l.agent(name))
	}
	crossCheck(c)
	for _, f := range c.Agents {
		l.problems = append(l.problems, f.Problems...)
	}
}

// agent reads one file of the folder.
func (l *loader) agent(name string) AgentFile {
	data, err := l.src.read(name)
	if err == nil {
		return ReadAgent(l.src.show(name), data, l.env)
	}
	text := err.Error()
	if errors.Is(err, fs.ErrNotExist) { // gone since the folder was listed, or a link to nowhere
		text = "this file points to one that does not exist"
	}
	f := AgentFile{File: l.src.show(name), Name: strings.TrimSuffix(path.Base(name), agentSuffix)}
	f.Problems = Problems{f.Problem("", Error, text)}
	return f
}
