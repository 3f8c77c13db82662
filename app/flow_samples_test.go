package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

// TestRealSamples puts the whole folder of samples in service: all of them answer
// on a real Ollama, but the one that is a program, which is refused in words with
// its line.
func TestRealSamples(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "llama3.1:8b", modeltest.Script{
		Default: "At your service.",
		// What an answer in words is asked for, where the agent has an output_schema.
		Replies:   map[string]string{"make nothing up.)": `{"reply": "At your service.", "data": {"next_action": "call", "score": 8, "urgent": true}}`},
		ToolCalls: map[string]modeltest.Call{"never-asked?": {Name: "none"}}, // so that the server reports tools
	})
	server.Create(t, "llava:7b", modeltest.Script{Default: "At your service.", Image: "A picture."})
	r := newRig(t, rigOptions{})
	files, err := filepath.Glob("../config/testdata/samples/*.agent.yaml")
	if err != nil || len(files) != 10 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// Unchanged, but for where Ollama is.
		text := strings.NewReplacer("http://localhost:11434", server.URL, "http://ollama:11434", server.URL).Replace(string(b))
		if !strings.Contains(text, "endpoint:") {
			text = strings.Replace(text, "      provider: ollama\n", "      provider: ollama\n      endpoint: "+server.URL+"\n", 1)
		}
		text = strings.Replace(text, `{source: ollama, model: "llama3.1:8b"}`, `{source: ollama, model: "llama3.1:8b", endpoint: "`+server.URL+`"}`, 1)
		r.write("agents/"+filepath.Base(file), text)
	}
	r.restart()
	served := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".agent.yaml")
		if name == "acuse-programa" {
			continue
		}
		var answer struct {
			Answer string         `json:"answer"`
			Data   map[string]any `json:"data"`
			Usage  struct {
				Model string `json:"model"`
			} `json:"usage"`
		}
		if code := r.api("POST", "/v1/agents/"+name+"/run", `{"query": "hello", "session_id": "sample"}`, &answer); code != 200 || answer.Answer != "At your service." {
			t.Errorf("%s: status %d, %q", name, code, answer.Answer)
			continue
		}
		if (name == "sales-qualifier") != (answer.Data["score"] == 8.0) {
			t.Errorf("%s: data %v", name, answer.Data)
		}
		served++
		t.Logf("%s: %q by %s", name, answer.Answer, answer.Usage.Model)
	}
	if served != 9 {
		t.Errorf("%d of 9 samples answered", served)
	}
	drafts := fmt.Sprint(r.app.drafts())
	if _, ok := r.app.agents.Get("acuse-programa"); ok || !strings.Contains(drafts, "acuse-programa.agent.yaml:30:3: spec.program is not supported") {
		t.Errorf("the program is in service, or its refusal has no line: %s", drafts)
	}
}

// TestSamplesWarnings: what each sample is told when it is made an agent, beside
// the problems of its file (config/testdata/samples/*.want), is this and no more.
func TestSamplesWarnings(t *testing.T) {
	want := map[string][]string{
		"astromesh-copilot": {"spec.tools[0]: tool \"read_file\" is not offered to the model: there is no builtin tool of this name"},
		"role-router-demo": {
			"spec.model.roles.planner, candidate 1: model anthropic/claude-opus-4-8: a server of the kind litellm needs an endpoint",
			"spec.model.roles.planner: none of its models can be used: the agent's own answer in their place",
		},
	}
	files, err := filepath.Glob("../config/testdata/samples/*.agent.yaml")
	if err != nil || len(files) != 10 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".agent.yaml")
		cfg, problems := config.ParseAgent(filepath.Base(file), b, nil)
		if name == "acuse-programa" {
			if cfg != nil || !strings.Contains(fmt.Sprint(problems), "spec.program is not supported") {
				t.Errorf("%s: %v", name, problems)
			}
			continue
		}
		a, err := agent.New(cfg, 1, agent.Parts{Servers: model.NewServers(model.Options{})})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.EqualFunc(a.Warnings(), want[name], strings.HasPrefix) {
			t.Errorf("%s: %q", name, a.Warnings())
		}
	}
}
