package config

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// server checks how a candidate, or a provider of providers.yaml, reaches its
// server: with the address and the key.
func (d *decoder) server(at, kind, endpoint, keyEnv string) {
	path := at + ".endpoint"
	d.address(path, endpoint)
	u, err := url.Parse(endpoint)
	switch {
	case endpoint == "" || err != nil || d.failed(path):
	case u.User != nil, SpeaksOpenAI(kind) && (u.RawQuery != "" || u.Fragment != ""):
		d.errorf(path, "the endpoint holds more than the address of a server; a key belongs into an environment variable that api_key_env names, and nowhere in a file")
	case keyEnv != "" && u.Scheme == "http" && isPublic(u.Hostname()):
		d.warnf(path, "the key of api_key_env would travel to this address without encryption; write https")
	}
	d.key(at, kind, keyEnv)
}

// key checks that a name is given, and not the key itself, and that there is
// something under that name.
func (d *decoder) key(at, kind, name string) {
	path := at + ".api_key_env"
	switch {
	case name == "":
	case !isVariable(name):
		// Not shown: it may be the key.
		d.errorf(path, "api_key_env is the name of an environment variable, like OPENAI_API_KEY, and not the key itself")
	case kind == "builtin" || kind == "ollama":
		d.addAt(d.keyPlace(path), Warning, "api_key_env has no effect on "+kind+", which takes no key")
	default:
		if value, _ := d.env(name); strings.TrimSpace(value) == "" {
			at := d.where(path)
			d.add(Problem{Line: at.line, Col: at.col, Severity: Note, Variable: name,
				Text: "the environment variable " + name + ", which is to hold the key of this server, is not set"})
		}
	}
}

// isPublic tells whether a host is on the open internet: neither an address of a
// private network nor a name that only such a network knows.
func isPublic(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast()
	}
	for _, ending := range []string{".local", ".lan", ".internal", ".home.arpa", ".localhost", ".test"} {
		if strings.HasSuffix(host, ending) {
			return false
		}
	}
	return strings.Contains(host, ".")
}

// needsEndpoint: only Ollama and OpenAI have an address that is known.
func (d *decoder) needsEndpoint(at, kind, endpoint string) {
	switch path := at + ".endpoint"; {
	case endpoint != "" || d.has(path) || !SpeaksOpenAI(kind) || kind == "openai" || d.failed(at):
	case kind == "litellm":
		// Other programs have LiteLLM inside them, and their files name no server.
		d.warnf(at, "litellm is a server of its own here: without endpoint, its address, this model is left out")
	default:
		d.errorf(path, "a server of the kind %s needs endpoint, its address; write it like http://127.0.0.1:8000/v1", kind)
	}
}

// openAIParameters are what OpenAI's chat API knows.
func openAIParameters() []string {
	return []string{"temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "stop", "max_tokens", "num_predict"}
}

// parametersOf checks what a candidate sets by the kind of its server, which its
// providerRef may be alone to tell.
func (d *decoder) parametersOf(at string, c *Candidate, kind string) {
	switch path := at + ".parameters"; {
	case kind == "ollama":
		kinds := parameterKinds()
		for _, name := range sortedKeys(c.Parameters) {
			if _, known := kinds[name]; !known {
				d.addAt(d.keyPlace(join(path, name)), Warning, "unknown parameter "+quote(name)+": it has no effect"+didYouMean(name, sortedKeys(kinds)))
			}
		}
	case SpeaksOpenAI(kind):
		d.withoutEffect(at, c)
		if !d.failed(join(path, "temperature")) {
			d.between(path, c.Parameters, "temperature", 0, 2)
		}
	}
}

// withoutEffect warns of what a candidate of an OpenAI-like server sets and its
// API has no word for.
func (d *decoder) withoutEffect(at string, c *Candidate) {
	var names []string
	for name := range c.Parameters {
		if !slices.Contains(openAIParameters(), name) {
			names = append(names, "parameters."+name)
		}
	}
	if c.KeepAlive != nil {
		names = append(names, d.either(at, "keep_alive"))
	}
	if c.Think != nil {
		names = append(names, d.either(at, "think"))
	}
	slices.Sort(names)
	for _, name := range names {
		d.addAt(d.keyPlace(join(at, name)), Warning, name+" has no effect: OpenAI's chat API, which this server speaks, does not know it")
	}
}

// either is where a key stands that may also be among the parameters.
func (d *decoder) either(at, key string) string {
	if _, written := d.keys[at+"."+key]; written {
		return key
	}
	return "parameters." + key
}
