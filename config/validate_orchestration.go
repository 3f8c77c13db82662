package config

import (
	"fmt"
	"strings"
)

// orchestration checks how the models of an agent work together.
func (d *decoder) orchestration(at string, o Orchestration) {
	if o.Pattern == "glyph" {
		d.errorf(at+".pattern", "the pattern glyph is not supported: it runs a program; choose %s", oneOf(patterns()))
	} else {
		d.choice(at+".pattern", o.Pattern, "pattern", patterns())
	}
	d.positive(at+".max_iterations", o.MaxIterations)
	d.duration(at+".timeout_seconds", o.TimeoutSeconds)
	d.duration(at+".timeout", o.Timeout)
	if o.TimeoutSeconds > 0 && o.Timeout > 0 && o.TimeoutSeconds != o.Timeout {
		d.errorf(at+".timeout", "timeout and timeout_seconds name the same thing and differ; keep one")
	}
}

// patternFits says where a pattern cannot do what it is for with the rest of
// the file.
func (d *decoder) patternFits(a *Agent) {
	const at = "spec.orchestration"
	o := a.Spec.Orchestration
	if d.failed(at+".pattern") || d.failed(at+".max_iterations") || o.Pattern != "" && !contains(patterns(), o.Pattern) {
		return
	}
	if _, written := d.keys[at+".role_map"]; written && (o.Pattern == "" || o.Pattern == "react") && len(o.RoleMap) > 0 {
		if _, led := o.RoleMap["reasoner"]; !led || len(o.RoleMap) > 1 {
			d.addAt(d.keyPlace(at+".role_map"), Warning, "the pattern react has one role only, reasoner: what role_map says of others has no effect")
		}
	}
	agents := 0
	for _, t := range a.Spec.Tools {
		if t.Type == "agent" {
			agents++
		}
	}
	if o.Pattern == "swarm" && agents == 0 && len(a.RolesOf("member")) == 0 {
		d.warnf(at+".pattern", "the swarm has one member, the agent itself: name others as tools of type agent, or by templates or roles member:NAME")
	}
	d.unasked(a)
	d.enoughCalls(a, agents)
}

// unasked warns of stages, workers and members that the pattern never asks.
func (d *decoder) unasked(a *Agent) {
	by := map[string][]string{"stage": {"pipeline"}, "worker": {"supervisor", "parallel_fan_out"}, "member": {"swarm"}}
	for _, in := range [...]string{"spec.orchestration.role_map", "spec.model.roles", "spec.prompts.templates"} {
		for path := range d.keys {
			role, ok := strings.CutPrefix(path, in+".")
			kind, name, named := strings.Cut(role, ":")
			if !ok || !named || name == "" || strings.ContainsAny(name, ".[") || by[kind] == nil {
				continue
			}
			if !contains(by[kind], a.Spec.Orchestration.Pattern) {
				d.addAt(d.keyPlace(path), Warning, fmt.Sprintf("%s is never asked: only the pattern %s has a role of that kind", quote(role), oneOf(by[kind])))
			}
		}
	}
}

// enoughCalls compares max_iterations, which all calls of a turn share, with the
// least that the pattern takes.
func (d *decoder) enoughCalls(a *Agent, agents int) {
	const at = "spec.orchestration.max_iterations"
	o := a.Spec.Orchestration
	have := o.Iterations()
	warn := func(need int) {
		if have < need {
			d.warnf(at, "%s takes %d calls of the model at least: with max_iterations %d not all of its parts are done", o.Pattern, need, have)
		}
	}
	switch o.Pattern {
	case "plan_and_execute":
		warn(4) // the plan, two steps, the answer
	case "parallel_fan_out":
		if workers := len(a.RolesOf("worker")) + agents; workers > 0 {
			warn(workers + 1)
		} else {
			warn(4)
		}
	case "pipeline":
		stages := a.Stages()
		if len(stages) == 1 {
			d.warnf("spec.orchestration.pattern", "the pipeline has one stage only, %s, so it works as react does: name another as a template or role stage:NAME", quote(stages[0]))
		}
		warn(len(stages))
	case "supervisor":
		warn(3) // a task, its work, the answer
	case "swarm":
		warn(2) // one to hand over, one to answer
	}
}
