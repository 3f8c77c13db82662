package config

import "strings"

// The words that docs/agent-yaml.md allows. What this release does not act on yet
// loads with a warning, once by name.
// They are functions so that nothing can change them while the program runs.

func patterns() []string {
	return []string{"react", "plan_and_execute", "parallel_fan_out", "pipeline", "supervisor", "swarm"}
}

func strategies() []string {
	return []string{"capability_match", "cost_optimized", "latency_optimized", "quality_first", "round_robin"}
}

func providerTypes() []string {
	return []string{"ollama", "openai_compat", "openai", "vllm", "llamacpp", "hf_tgi", "litellm", "builtin"}
}

func toolTypes() []string {
	return []string{"builtin", "agent", "client", "webhook", "mcp", "rag"}
}

func memoryBackends() []string { return []string{"sqlite", "redis", "postgres", "in_memory"} }

func memoryStrategies() []string { return []string{"sliding_window", "summary", "token_budget"} }

// guardrailTypes gives the types and the actions of each.
func guardrailTypes() map[string][]string {
	filter := []string{"block", "redact", "warn"}
	return map[string][]string{
		"pii_detection":  {"redact", "block", "warn"},
		"max_length":     {"block", "truncate"},
		"topic_filter":   filter,
		"content_filter": filter,
		"cost_limit":     {"truncate", "block", "warn"},
	}
}

// wordsForLater are the words that are allowed, and acted on by a later release.
func wordsForLater() []string { return []string{"rag"} }

// keysForLater are the keys of an agent that are read and kept, and acted on by
// a later release.
func keysForLater() []string {
	return []string{"spec.knowledge", "spec.chain", "spec.channels", "spec.memory.episodic"}
}

// parameterKinds are the parameters of a candidate that goes to a model server.
func parameterKinds() map[string]string {
	return map[string]string{
		"temperature": "number", "top_p": "number", "min_p": "number",
		"top_k": "integer", "seed": "integer", "num_ctx": "integer",
		"max_tokens": "integer", "num_predict": "integer", "stop": "texts",
		"presence_penalty": "number", "frequency_penalty": "number",
		"typical_p": "number", "repeat_penalty": "number", "repeat_last_n": "integer", "num_keep": "integer",
	}
}

// entities are what pii_detection can look for.
func entities() []string {
	return []string{"EMAIL", "PHONE", "SSN", "CC", "IBAN", "IP", "ES_NIF", "BR_CPF", "BR_CNPJ", "AR_CUIT", "AR_DNI", "MX_CURP", "MX_RFC"}
}

// isEntity also takes the names that other programs have for them.
func isEntity(name string) bool {
	others := []string{
		"CREDIT_CARD", "CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS",
		"US_SSN", "IBAN_CODE", "NIF", "NIE", "ES_NIE", "ES_DNI", "CPF", "CNPJ",
		"CUIT", "CUIL", "AR_CUIL", "CURP", "RFC",
	}
	name = strings.ToUpper(strings.TrimSpace(name))
	return contains(entities(), name) || contains(others, name)
}
