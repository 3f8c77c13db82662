package config

import "time"

// Providers is the file providers.yaml (kind ProviderConfig).
type Providers struct {
	APIVersion string        `yaml:"apiVersion,omitempty" json:"apiVersion"`
	Kind       string        `yaml:"kind,omitempty" json:"kind"`
	Metadata   Metadata      `yaml:"metadata,omitempty" json:"metadata"`
	Spec       ProvidersSpec `yaml:"spec,omitempty" json:"spec"`
}

// ProvidersSpec lists model servers by name; providerRef in an agent points here.
type ProvidersSpec struct {
	Providers map[string]Provider `yaml:"providers,omitempty" json:"providers"`
	Routing   ProvidersRouting    `yaml:"routing,omitempty" json:"routing"`
}

// Provider is one model server.
type Provider struct {
	Type                string   `yaml:"type,omitempty" json:"type"`
	Endpoint            string   `yaml:"endpoint,omitempty" json:"endpoint"`
	APIKeyEnv           string   `yaml:"api_key_env,omitempty" json:"api_key_env,omitempty"`
	Models              []string `yaml:"models,omitempty" json:"models,omitempty"`
	HealthCheckInterval Duration `yaml:"health_check_interval,omitempty" json:"health_check_interval,omitempty"`
	// Parallel is how many requests the server works on at once
	// (OLLAMA_NUM_PARALLEL there). 0 = found out while running.
	Parallel int `yaml:"parallel,omitempty" json:"parallel,omitempty"`
}

// ProvidersRouting holds what applies to all candidates.
type ProvidersRouting struct {
	DefaultStrategy string         `yaml:"default_strategy,omitempty" json:"default_strategy,omitempty"`
	FallbackEnabled *bool          `yaml:"fallback_enabled,omitempty" json:"fallback_enabled,omitempty"`
	CircuitBreaker  CircuitBreaker `yaml:"circuit_breaker,omitempty" json:"circuit_breaker"`
}

// CircuitBreaker opens after FailureThreshold failures in a row (3) and tries
// once more after RecoveryTimeout (60 s).
type CircuitBreaker struct {
	FailureThreshold int      `yaml:"failure_threshold,omitempty" json:"failure_threshold"`
	RecoveryTimeout  Duration `yaml:"recovery_timeout,omitempty" json:"recovery_timeout"`
}

// Runtime is the file runtime.yaml (kind RuntimeConfig).
type Runtime struct {
	APIVersion string      `yaml:"apiVersion,omitempty" json:"apiVersion"`
	Kind       string      `yaml:"kind,omitempty" json:"kind"`
	Metadata   Metadata    `yaml:"metadata,omitempty" json:"metadata"`
	Spec       RuntimeSpec `yaml:"spec,omitempty" json:"spec"`
	// RetryFor is spec.retry_for as a plain file writes it, without kind and
	// spec. Loading moves it there.
	RetryFor *Duration `yaml:"retry_for,omitempty" json:"-"`
}

// RuntimeSpec bounds the whole program's work.
type RuntimeSpec struct {
	// RetryFor is how long a turn waits for a model while none can be reached.
	RetryFor Duration       `yaml:"retry_for,omitempty" json:"retry_for"` // default 2m
	API      map[string]any `yaml:"api,omitempty" json:"api,omitempty"`   // read and kept: the listeners are set by flags
	Defaults struct {
		Orchestration Orchestration `yaml:"orchestration,omitempty" json:"orchestration"`
	} `yaml:"defaults,omitempty" json:"defaults"`
}

// Duration is a span of time, written as a number of seconds or as "2m", "1h30m".
type Duration time.Duration

// D converts to the standard type.
func (x Duration) D() time.Duration { return time.Duration(x) }
