package agent

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model"
)

// What of a candidate's parameters loading a file takes is what the agent is made
// with: it never fails later, for a reason without a line. A provider that is named
// by providerRef is judged as one that stands in the agent's file.
func TestParametersThatLoadMakeAnAgent(t *testing.T) {
	const providers = "spec:\n  providers:\n    local: {type: ollama}\n    cloud: {type: openai}\n"
	no := func(string) (string, bool) { return "", false }
	for _, c := range []struct{ parameters, ollama, openai string }{ // what is said of it; "" = nothing
		{"mirostat: 1", `warning: unknown parameter "mirostat": it has no effect`, "warning: parameters.mirostat has no effect"},
		{"top_k: 40", "", "warning: parameters.top_k has no effect"},
		{"top_k: 5000000", "top_k must be between 0 and 1048576", "top_k must be between 0 and 1048576"},
		{"max_tokens: -1", "max_tokens must be between 1 and 1048576", "max_tokens must be between 1 and 1048576"},
		{"num_predict: 0", "num_predict must be between 1 and 1048576", "num_predict must be between 1 and 1048576"},
		{"num_ctx: 64", "num_ctx must be between 128 and 16777216", "num_ctx must be between 128 and 16777216"},
		{"seed: -5", "seed must be between -1 and 2147483647", "seed must be between -1 and 2147483647"},
		{"seed: 99999999999", "seed must be between -1 and 2147483647", "seed must be between -1 and 2147483647"},
		{"repeat_last_n: -2", "repeat_last_n must be between -1", "repeat_last_n must be between -1"},
		{"num_keep: 4", "", "warning: parameters.num_keep has no effect"},
		{"temperature: 3", "", "temperature must be between 0 and 2"},
		{"temperature: 6", "temperature must be between 0 and 5", "temperature must be between 0 and 5"},
		{"stop: ['']", "stop must be a text or a list of texts", "stop must be a text or a list of texts"},
		{"stop: [END]", "", ""},
	} {
		for candidate, want := range map[string]string{
			"provider: ollama": c.ollama, "providerRef: local": c.ollama, "provider: openai": c.openai, "providerRef: cloud": c.openai,
		} {
			folder := t.TempDir()
			for name, text := range map[string]string{
				"channels.yaml": "channels: {whatsapp: {default_agent: helper}}\n", "providers.yaml": providers,
				"agents/helper.agent.yaml": "apiVersion: astromesh/v1\nkind: Agent\nmetadata: {name: helper}\nspec:\n  model:\n    primary: {" + candidate + ", model: m, parameters: {" + c.parameters + "}}\n",
			} {
				file := filepath.Join(folder, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o750), os.WriteFile(file, []byte(text), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			loaded, problems := config.Load(config.Dir(folder), no)
			said := append(problems.Errors(), problems.Warnings()...).String()
			if !strings.Contains(said, want) || want == "" && said != "" {
				t.Errorf("%s, %s: %q, want %q", candidate, c.parameters, said, want)
			}
			if problems.HasErrors() {
				continue
			}
			a, err := New(loaded.Agents[0].Agent, 1, Parts{Now: noon, Providers: loaded.Providers, Servers: model.NewServers(model.Options{})})
			if err != nil || len(a.Warnings()) > 0 {
				t.Errorf("%s, %s: %v", candidate, c.parameters, err)
			}
		}
	}
}
