package health

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"astromesh/runtime/agent"
	"astromesh/runtime/model"
)

// AgentModels is what stands behind one agent.
type AgentModels struct {
	Agent   string
	Builtin int  // candidates that need no server
	Tools   bool // the agent offers tools
	Servers []model.ServerHealth
}

// AskModels asks the servers of each agent what stands there. It takes 5 s at most.
func AskModels(ctx context.Context, servers *model.Servers, list []*agent.Agent) []AgentModels {
	out := make([]AgentModels, len(list))
	var all sync.WaitGroup
	for i, a := range list {
		all.Go(func() {
			found := AgentModels{Agent: a.Name(), Tools: len(a.Config().Spec.Tools) > 0}
			for _, m := range a.Models() {
				if _, builtin := m.(*model.Builtin); builtin {
					found.Builtin++
				}
			}
			if candidates := a.Models(); len(candidates) > found.Builtin {
				found.Servers = servers.Health(ctx, candidates...)
			}
			out[i] = found
		})
	}
	all.Wait()
	return out
}

// models says what of each agent's models is missing, and what that means.
func models(in Inputs) []Check {
	const name = "models"
	var checks []Check
	said := map[string]bool{} // agents share servers: each fault is said once, of the most important agent
	for _, a := range defaultFirst(in) {
		sum := sumUp(a)
		status := Warn
		if sum.usable == 0 && a.Builtin == 0 && a.Agent == in.WhatsApp.DefaultAgent {
			status = Fail
		}
		for _, fault := range sum.faults {
			if !said[fault] {
				said[fault] = true
				what, mend := splitMend(fault)
				checks = append(checks, Check{Name: name, Status: status, Detail: sentences(what, consequence(a, sum)), Mend: mend})
			}
		}
		if sum.usable > 0 && len(sum.faults) == 0 {
			checks = append(checks, mismatches(a, sum)...)
		}
	}
	if len(checks) == 0 {
		return ok(name, wellWords(in.Models))
	}
	return checks
}

func defaultFirst(in Inputs) []AgentModels {
	return slices.SortedStableFunc(slices.Values(in.Models), func(a, b AgentModels) int {
		rank := map[bool]int{true: 0, false: 1}
		return rank[a.Agent == in.WhatsApp.DefaultAgent] - rank[b.Agent == in.WhatsApp.DefaultAgent]
	})
}

// summary is what an agent can count on.
type summary struct {
	usable            int // models that can answer now
	vision, tools     bool
	faults, answering []string
}

func sumUp(a AgentModels) summary {
	var s summary
	for _, server := range a.Servers {
		if server.Detail != "" {
			s.faults = append(s.faults, server.Detail)
			continue
		}
		for _, m := range server.Models {
			if m.Detail != "" {
				s.faults = append(s.faults, m.Detail)
				continue
			}
			s.usable++
			s.answering = append(s.answering, m.Name)
			s.vision, s.tools = s.vision || m.Capabilities.Vision, s.tools || m.Capabilities.Tools
		}
	}
	return s
}

// consequence says what a fault means for customers.
func consequence(a AgentModels, s summary) string {
	switch {
	case s.usable > 0:
		return fmt.Sprintf("The agent %s answers with %s in the meantime.", a.Agent, listing(s.answering))
	case a.Builtin > 0:
		return fmt.Sprintf("The agent %s answers from its own list of questions in the meantime.", a.Agent)
	default:
		return fmt.Sprintf("The agent %s cannot answer: messages wait, and after a while a person is asked for.", a.Agent)
	}
}

// mismatches are abilities that customers expect and no model has.
func mismatches(a AgentModels, s summary) []Check {
	var checks []Check
	if !s.vision {
		checks = append(checks, warn("models", fmt.Sprintf("No model of the agent %s can see: it is told of a picture that one was sent, not what is on it.", a.Agent),
			"If customers send pictures, add a model that sees to the agent's file, for example llava:7b (ollama pull llava:7b).")...)
	}
	if a.Tools && !s.tools {
		checks = append(checks, warn("models", fmt.Sprintf("No model of the agent %s can use tools, and its file gives it some: they are not used.", a.Agent),
			"Add a model that can to the agent's file, for example llama3.1:8b (ollama pull llama3.1:8b), or take the tools out.")...)
	}
	return checks
}

// splitMend takes a sentence of the model's room apart: what is, and what to do.
func splitMend(detail string) (what, mend string) {
	first, rest, found := strings.Cut(detail, ". ")
	if !found {
		return detail, "See that the model server runs on the machine that the agent's file names, and look again."
	}
	return first + ".", rest
}

func wellWords(list []AgentModels) string {
	servers, names := map[string]bool{}, map[string]bool{}
	var words []string
	for _, a := range list {
		for _, s := range a.Servers {
			for _, m := range s.Models {
				names[s.Endpoint+" "+m.Name] = true
			}
			if !servers[s.Endpoint] {
				servers[s.Endpoint] = true
				if s.OpenAI {
					words = append(words, "the server at "+s.Endpoint)
				} else {
					words = append(words, fmt.Sprintf("Ollama %s at %s", s.Version, s.Endpoint))
				}
			}
		}
	}
	if len(names) == 0 {
		return "The agents answer without a model server."
	}
	return fmt.Sprintf("%s ready: %s.", count(int64(len(names)), "model is", "models are"), listing(words))
}
