package config

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// longestCall is the longest that a call of a tool outside the program may take.
const longestCall = 2 * time.Minute

// outsideKeys are the keys of tools outside the program, by type. They stand
// beside the tool's name, under config, or under a key of the type's own name.
func outsideKeys() map[string][]string {
	return map[string][]string{
		"webhook": {"url", "method", "headers", "secret", "allow", "timeout"},
		"mcp":     {"command", "args", "env", "cwd", "url", "headers", "transport", "tools", "include", "timeout"},
	}
}

// longTimeout is another name of timeout, as files of other programs have it.
const longTimeout = "timeout_seconds"

// elsewhere tells whether a key of a tool outside the program is one that is
// looked at in another way: the block of its settings, another name, or what
// another program has in the place of an address.
func elsewhere(kind, key string) bool {
	_, is := outsideKeys()[kind]
	return is && (key == kind || key == longTimeout || key == "connection")
}

func httpMethodNames() []string { return []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} }

// anything leaves a setting to a check of its own.
func anything(any) string { return "" }

// httpRequestSettings are the keys of config of http_request; httpRequest looks at them.
func httpRequestSettings() map[string]func(any) string {
	return map[string]func(any) string{"allow": anything, "methods": anything, "headers": anything, "timeout": anything}
}

// setting is a value of the file with its path.
type setting struct {
	path  string
	value any
}

// outside checks a tool that reaches out of the program.
func (d *decoder) outside(at string, t Tool) {
	switch {
	case t.Type == "builtin" && t.Name == "http_request":
		found := map[string]setting{}
		d.gather(found, at+".config", t.Config, nil)
		d.httpRequest(at, found)
	case t.Type == "webhook":
		d.webhook(at, d.outsideSettings(at, t))
	case t.Type == "mcp":
		d.mcp(at, t, d.outsideSettings(at, t))
	}
}

// outsideSettings finds each setting wherever it stands.
func (d *decoder) outsideSettings(at string, t Tool) map[string]setting {
	known := outsideKeys()[t.Type]
	found := map[string]setting{}
	rest := map[string]any{}
	for key, value := range t.Rest {
		if contains(known, key) || key == longTimeout {
			rest[key] = value
		}
	}
	d.gather(found, at, rest, known)
	d.gather(found, at+".config", t.Config, known)
	if block, ok := t.Rest[t.Type].(map[string]any); ok {
		d.gather(found, at+"."+t.Type, block, known)
	}
	return found
}

// gather adds the settings of one place. known is nil where the keys have been
// looked at before.
func (d *decoder) gather(found map[string]setting, at string, values map[string]any, known []string) {
	for _, key := range sortedKeys(values) {
		path := join(at, key)
		before, twice := found[key]
		switch {
		case known != nil && !contains(known, key) && key != longTimeout:
			d.addAt(d.keyPlace(path), Warning, "unknown key "+quote(key)+within(at)+": it has no effect"+didYouMean(key, known))
		case twice && !reflect.DeepEqual(before.value, values[key]):
			d.errorf(path, "%s is written twice and differs; keep one", key)
		default:
			found[key] = setting{path, values[key]}
		}
	}
}

func (d *decoder) httpRequest(at string, s map[string]setting) {
	lines := d.allowed(s["allow"])
	if len(lines) == 0 && !d.failed(s["allow"].path) {
		path := at + ".name"
		if s["allow"].path != "" {
			path = s["allow"].path
		}
		d.warnf(path, "http_request names no host in config.allow, so the model is not offered it")
	}
	for i, m := range texts(s["methods"].value) {
		d.method(fmt.Sprintf("%s[%d]", s["methods"].path, i), m)
	}
	d.headers(s["headers"])
	if headers, _ := s["headers"].value.(map[string]any); len(headers) > 0 && contains(lines, "*") {
		d.errorf(s["headers"].path, "headers would be sent to every host, since allow has \"*\"; name the hosts, or take the headers out")
	}
	d.callLimit(s)
}

func (d *decoder) webhook(at string, s map[string]setting) {
	d.webAddress(at, "url", s["url"], "this webhook has no url: write the address that is called")
	if m, ok := s["method"].value.(string); ok {
		d.method(s["method"].path, m)
	}
	d.headers(s["headers"])
	d.plainSecret(s["secret"].path, "secret", s["secret"].value)
	address, _ := s["url"].value.(string)
	if lines := d.allowed(s["allow"]); len(lines) > 0 && !d.failed(s["allow"].path) && !amongHosts(address, lines) {
		d.errorf(s["url"].path, "the url is not among what allow names: the model would not be offered this tool")
	}
	d.callLimit(s)
}

func (d *decoder) mcp(at string, t Tool, s map[string]setting) {
	way, _ := s["transport"].value.(string)
	way = strings.ToLower(strings.ReplaceAll(way, "-", "_"))
	command, address := s["command"], s["url"]
	switch {
	case t.Name == "":
		d.errorf(at+".name", "this tool has no name: it stands in sentences about the server")
	case command.path != "" && address.path != "":
		d.errorf(address.path, "this MCP server has both a command and a url; keep one")
	case command.path == "" && (address.path != "" || way != "" && way != "stdio"):
		d.webAddress(at, "url", address, "this MCP server has no url: write its address")
	case scalarEmpty(command.value):
		d.missing(at, command.path, "this MCP server has no command and no url: write the program to start, or its address")
	}
	switch ways := []string{"stdio", "http", "streamable_http", "sse"}; {
	case way == "":
	case !contains(ways, way):
		d.errorf(s["transport"].path, "%s is not a transport: it is stdio, http or sse", d.word(s["transport"].path, way))
	case (way == "stdio") != (command.path != "") && (command.path != "" || address.path != ""):
		d.errorf(s["transport"].path, "the transport %s does not go with what else is here: a command is spoken to over stdio, a url over http or sse", way)
	}
	if len(t.Parameters) > 0 {
		d.addAt(d.keyPlace(at+".parameters"), Warning, "parameters has no effect here: the server's tools have their own")
	}
	d.headers(s["headers"])
	d.environment(s["env"])
	d.callLimit(s)
}

// missing says that a tool cannot work. Where a variable was to give the value,
// or another program's connection stands in its place, it may on another machine.
func (d *decoder) missing(at, path, text string) {
	_, changed := d.written[path]
	switch {
	case changed:
		d.warnf(path, "%s", d.fromVariable(path)+", which is empty: the model is not offered this tool")
	case d.has(at + ".connection"):
		d.addAt(d.keyPlace(at+".connection"), Warning, "connection is not supported: write url, and headers with ${NAME}. Until then the model is not offered this tool")
	default:
		d.errorf(at, "%s", text)
	}
}

// webAddress checks the url of a tool.
func (d *decoder) webAddress(at, name string, s setting, none string) {
	if s.path == "" || scalarEmpty(s.value) {
		d.missing(at, s.path, none)
		return
	}
	text, _ := s.value.(string)
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		d.errorf(s.path, "%s is not a web address; write it like https://example.com/orders", d.word(s.path, text))
	case u.User != nil:
		d.errorf(s.path, "the %s holds a user name or password; write them as a header, with ${NAME}", name)
	case u.Scheme == "http" && !isNear(u.Hostname()):
		d.warnf(s.path, "http:// sends everything readable for all on the way; write https:// if the other side has it")
	}
}
