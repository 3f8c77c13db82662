package config

import (
	"regexp"
	"strings"
)

// checkChannels checks channels.yaml.
func (d *decoder) checkChannels(c *Channels) {
	const at = "channels.whatsapp"
	w := &c.Channels.WhatsApp
	if !d.has(at) {
		d.errorf(at, "channels.whatsapp is missing: the channel's keys belong under it")
		return
	}
	d.duration(at+".rate_limit.window_seconds", w.RateLimit.WindowSeconds)
	d.positive(at+".rate_limit.max_messages", w.RateLimit.MaxMessages)
	d.duration(at+".loop_guard.window_seconds", w.LoopGuard.WindowSeconds)
	d.positive(at+".loop_guard.max_messages", w.LoopGuard.MaxMessages)
	d.duration(at+".unsure_wait_seconds", w.UnsureWaitSeconds)
	if q := at + ".debounce.quiet_seconds"; w.Debounce.MaxSeconds < w.Debounce.QuietSeconds {
		d.errorf(q, "debounce.quiet_seconds must not be more than debounce.max_seconds")
	}
	if p := at + ".unsure_policy"; w.UnsurePolicy != "resend" && w.UnsurePolicy != "ask" {
		d.errorf(p, "%s is not an unsure_policy: it is resend or ask%s", d.word(p, w.UnsurePolicy), didYouMean(w.UnsurePolicy, []string{"resend", "ask"}))
	}
	if p := at + ".phone_number_id"; !isDigits(w.PhoneNumberID) {
		d.warnf(p, "phone_number_id should be the long number that Meta gives the phone number as its id, digits only, not the phone number itself")
	}
	d.graphVersion(at+".graph_version", w)
	if w.DefaultAgent == "" {
		d.errorf(at+".default_agent", "default_agent is missing: name the agent that answers on WhatsApp")
	}
}

// graphVersion keeps a version that Meta could not know out of every address.
func (d *decoder) graphVersion(path string, w *WhatsApp) {
	switch {
	case w.GraphVersion == "": // a variable that is not set, and noted as such
		w.GraphVersion = DefaultGraphVersion
	case regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`).MatchString(w.GraphVersion):
	case d.has(path):
		d.errorf(path, "%s is not a version of the Graph API; write it like %s", d.word(path, w.GraphVersion), DefaultGraphVersion)
	default:
		d.errorf(path, "ASTROMESH_GRAPH_VERSION is not a version of the Graph API; write it like %s", DefaultGraphVersion)
	}
}

func isDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// checkProviders checks providers.yaml.
func (d *decoder) checkProviders(p *Providers) {
	d.header(p.APIVersion, p.Kind, "ProviderConfig", false)
	for name, server := range p.Spec.Providers {
		at := "spec.providers." + name
		if server.Type == "" && !d.has(at+".type") {
			d.errorf(at, "the provider %s has no type: it is %s", quote(name), oneOf(providerTypes()))
		}
		d.choice(at+".type", server.Type, "provider", providerTypes())
		d.server(at, server.Type, server.Endpoint, server.APIKeyEnv)
		d.needsEndpoint(at, server.Type, server.Endpoint)
		d.duration(at+".health_check_interval", server.HealthCheckInterval)
		if server.Parallel < 0 {
			d.errorf(at+".parallel", "parallel must not be negative; leave it out to have it found out")
		}
	}
	const routing = "spec.routing"
	d.choice(routing+".default_strategy", p.Spec.Routing.DefaultStrategy, "strategy", strategies())
	d.positive(routing+".circuit_breaker.failure_threshold", p.Spec.Routing.CircuitBreaker.FailureThreshold)
	d.duration(routing+".circuit_breaker.recovery_timeout", p.Spec.Routing.CircuitBreaker.RecoveryTimeout)
}

// checkRuntime checks runtime.yaml.
func (d *decoder) checkRuntime(r *Runtime) {
	d.header(r.APIVersion, r.Kind, "RuntimeConfig", false)
	if r.RetryFor != nil {
		if d.has("spec.retry_for") {
			d.errorf("retry_for", "retry_for stands at the top and in spec; keep one")
		}
		r.Spec.RetryFor, r.RetryFor = *r.RetryFor, nil
	}
	if d.has("spec.api") {
		d.warnf("spec.api", "api is read and kept; the listeners are set by --webhook-addr and --admin-addr")
	}
	d.orchestration("spec.defaults.orchestration", r.Spec.Defaults.Orchestration)
}
