package config

import (
	"slices"
	"strings"
	"testing"
)

// TestOutsideToolsAreChecked: each tool that reaches out, on line 4, with the words
// of its problem; none = it is fine.
func TestOutsideToolsAreChecked(t *testing.T) {
	for _, c := range slices.Concat(webhookCases(), mcpCases()) {
		t.Run(c.name, func(t *testing.T) {
			yaml := "apiVersion: astromesh/v1\nkind: Agent\nmetadata: {name: a}\nspec: {tools: [" + c.tool + "], model: {primary: {provider: ollama, model: m}}}\n"
			_, problems := ParseAgent("a", []byte(yaml), func(name string) (string, bool) { return "sesame", name == "KEY" })
			var all []string
			for _, p := range problems {
				if p.Severity != Note {
					all = append(all, p.String())
				}
				if p.Line != 4 || strings.Contains(p.Text, "sesame") {
					t.Errorf("problem %s", p)
				}
			}
			got := strings.Join(all, "\n")
			if !strings.Contains(got, c.want) || c.want == "" && got != "" || len(all) > 1 {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

type toolCase struct{ name, tool, want string }

func webhookCases() []toolCase {
	return []toolCase{
		{"webhook", "{type: webhook, name: w, url: 'https://shop.example/orders', method: post, headers: {Authorization: 'Bearer ${KEY}'}, secret: '${KEY}', allow: [shop.example], timeout: 10s}", ""},
		{"webhook under config", "{type: webhook, name: w, config: {url: 'https://shop.example/'}}", ""},
		{"webhook under webhook", "{type: webhook, name: w, webhook: {url: 'https://shop.example/', timeout: 5}, parameters: {a: string}}", ""},
		{"own service", "{type: webhook, name: w, url: 'http://localhost:8000/x'}", ""},
		{"service in the house", "{type: webhook, name: w, url: 'http://crm.lan/x'}", ""},
		{"no url", "{type: webhook, name: w}", ": this webhook has no url"},
		{"no address", "{type: webhook, name: w, url: shop}", ": \"shop\" is not a web address"},
		{"another scheme", "{type: webhook, name: w, url: 'ftp://shop.example'}", " is not a web address"},
		{"password in it", "{type: webhook, name: w, url: 'https://a:b@shop.example'}", ": the url holds a user name or password"},
		{"readable on the way", "{type: webhook, name: w, url: 'http://shop.example'}", ": warning: http:// sends everything readable"},
		{"unset variable", "{type: webhook, name: w, url: '${NONE}'}", "warning: what \"${NONE}\" stands for, which is empty"},
		{"variable of no use", "{type: webhook, name: w, url: '${KEY}'}", ": what \"${KEY}\" stands for is not a web address"},
		{"key in the file", "{type: webhook, name: w, url: 'https://shop.example', headers: {X-Api-Key: abc}}", ": warning: X-Api-Key stands here for everybody to read"},
		{"secret in the file", "{type: webhook, name: w, url: 'https://shop.example', secret: abc}", ": warning: secret stands here for everybody to read"},
		{"not in its list", "{type: webhook, name: w, url: 'https://shop.example/x', allow: [b.example, '*.shop.example', 'shop.example:8443']}", ": the url is not among what allow names"},
		{"in its list", "{type: webhook, name: w, url: 'https://eu.shop.example/v1/x', allow: [b.example, '*.shop.example/v1']}", ""},
		{"no map", "{type: webhook, name: w, url: 'https://shop.example', headers: [a]}", ": headers must be a map"},
		{"twice", "{type: webhook, name: w, url: 'https://shop.example', config: {url: 'https://b.example'}}", ": url is written twice and differs"},
		{"wrong method", "{type: webhook, name: w, url: 'https://shop.example', method: FETCH}", ": \"FETCH\" is not a method: it is GET"},
		{"long", "{type: webhook, name: w, url: 'https://shop.example', timeout: 5m}", ": warning: timeout is more than 2 minutes"},
		{"no time", "{type: webhook, name: w, url: 'https://shop.example', timeout: soon}", ": timeout must be seconds"},
		{"unknown", "{type: webhook, name: w, url: 'https://shop.example', headres: {}}", "warning: unknown key \"headres\" in spec.tools[0]: it has no effect; did you mean \"headers\"?"},
		{"unknown below", "{type: webhook, name: w, webhook: {url: 'https://shop.example', methd: GET}}", "unknown key \"methd\" in spec.tools[0].webhook: it has no effect; did you mean \"method\"?"},
	}
}

func mcpCases() []toolCase {
	return []toolCase{
		{"mcp program", "{type: mcp, name: m, mcp: {transport: stdio, command: npx, args: [-y, server], env: {TOKEN: '${KEY}', LANG: C}}}", ""},
		{"mcp address", "{type: mcp, name: m, url: 'https://tools.example/mcp', transport: streamable-http, tools: [a], rate_limit: {max_calls: 3}}", ""},
		{"neither", "{type: mcp, name: m}", ": this MCP server has no command and no url"},
		{"both", "{type: mcp, name: m, command: npx, url: 'https://tools.example'}", ": this MCP server has both a command and a url"},
		{"no url for http", "{type: mcp, name: m, transport: http}", ": this MCP server has no url"},
		{"stdio with url", "{type: mcp, name: m, url: 'https://tools.example', transport: stdio}", ": the transport stdio does not go with what else is here"},
		{"sse with command", "{type: mcp, name: m, command: npx, transport: sse}", ": the transport sse does not go with what else is here"},
		{"no transport", "{type: mcp, name: m, command: npx, transport: pigeon}", ": \"pigeon\" is not a transport"},
		{"no name", "{type: mcp, command: npx}", ": this tool has no name"},
		{"key for a program", "{type: mcp, name: m, command: npx, env: {GITHUB_TOKEN: abc}}", ": warning: GITHUB_TOKEN stands here for everybody to read"},
		{"of a control plane", "{type: mcp, name: m, connection: main}", ": warning: connection is not supported"},
		{"parameters", "{type: mcp, name: m, command: npx, parameters: {a: string}}", ": warning: parameters has no effect here"},
		{"http_request", "{type: builtin, name: http_request, config: {allow: [shop.example, '*.parts.example', 'https://a.example/v1'], methods: [GET, post], timeout: 5}}", ""},
		{"no list", "{type: builtin, name: http_request}", ": warning: http_request names no host in config.allow"},
		{"empty list", "{type: builtin, name: http_request, config: {allow: []}}", ": warning: http_request names no host in config.allow"},
		{"everywhere", "{type: builtin, name: http_request, config: {allow: ['*']}}", ": warning: \"*\" lets the model ask every host"},
		{"readable list", "{type: builtin, name: http_request, config: {allow: ['http://shop.example']}}", ": warning: http:// sends everything readable"},
		{"no host", "{type: builtin, name: http_request, config: {allow: ['shop.*']}}", ": \"shop.*\" is not a host"},
		{"no method", "{type: builtin, name: http_request, config: {allow: shop.example, methods: [LOOK]}}", ": \"LOOK\" is not a method"},
		{"unknown setting", "{type: builtin, name: http_request, config: {allow: shop.example, allow_localhost: true}}", "unknown key \"allow_localhost\""},
	}
}

// Keys for every host at once, and what an agent with an MCP server may call.
func TestOutsideToolsTogether(t *testing.T) {
	const yaml = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: a}
spec:
  model: {primary: {provider: ollama, model: m}}
  tools:
    - type: builtin
      name: http_request
      config:
        allow: ["*"]
        headers: {X-Shop: "${KEY}"}
    - {type: mcp, name: crm, command: npx}
  permissions: {allowed_actions: [http_request, find_customer]}
`
	_, problems := ParseAgent("a", []byte(yaml), func(string) (string, bool) { return "sesame", true })
	errs, warnings := problems.Errors(), problems.Warnings()
	if len(errs) != 1 || errs[0].Line != 11 || !strings.Contains(errs[0].Text, "would be sent to every host") {
		t.Errorf("errors %v", errs)
	}
	if len(warnings) != 1 || warnings[0].Line != 10 {
		t.Errorf("warnings %v", warnings)
	}
}
