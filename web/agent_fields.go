package web

import (
	"slices"
	"strings"

	"astromesh/config"
	"astromesh/web/form"
	"astromesh/web/view"
)

// otherNames are what other programs call them.
var otherNames = map[string]string{
	"CREDIT_CARD": "CC", "CARD": "CC", "PHONE_NUMBER": "PHONE", "EMAIL_ADDRESS": "EMAIL", "IP_ADDRESS": "IP", "US_SSN": "SSN",
	"IBAN_CODE": "IBAN", "NIF": "ES_NIF", "NIE": "ES_NIF", "ES_NIE": "ES_NIF", "ES_DNI": "ES_NIF", "CPF": "BR_CPF", "CNPJ": "BR_CNPJ",
	"CUIT": "AR_CUIT", "CUIL": "AR_CUIT", "AR_CUIL": "AR_CUIT", "CURP": "MX_CURP", "RFC": "MX_RFC",
}

// ownTools are the tools that the program brings along and that need nothing
// else in the file; http_request needs a list of addresses.
var ownTools = []string{"datetime_now", "get_user_context", "hand_over", "send_message", "cache_store", "text_summarize", "json_transform"}

// agentFields fills the form from a YAML, as it is written there.
func agentFields(e *config.Edit) form.Agent {
	f := form.Agent{
		DisplayName: form.Line(e.Text("spec", "identity", "display_name")), About: form.Line(e.Text("spec", "identity", "description")),
		Instructions: form.Text(e.Text("spec", "prompts", "system")),
		HideIn:       entitiesIn(e, "input"), HideOut: entitiesIn(e, "output"),
		Turns: e.Text("spec", "memory", "conversational", "max_turns"),
	}
	f.Primary, f.FixedPrimary = modelIn(e, "primary")
	f.Fallback, f.FixedFallback = modelIn(e, "fallback")
	if e.Get("spec", "model", "default") != nil {
		f.FixedPrimary, f.FixedFallback = "model.default", "model.default"
	}
	if i := ruleAt(e, "input", "max_length"); i >= 0 {
		f.MaxLength = e.Text("spec", "guardrails", "input", i, "max_chars")
	}
	wayIn(e, &f)
	for _, name := range toolNames(e) {
		f.Tools = append(f.Tools, form.AgentTool{Name: name, On: toolAt(e, name) >= 0 && allowed(e, name)})
	}
	return f
}

// modelIn is the model of a candidate, or what else answers in its place.
func modelIn(e *config.Edit, candidate string) (name, fixed string) {
	at := func(key string) string { return e.Text("spec", "model", candidate, key) }
	kind := at("provider")
	if kind == "" {
		kind = at("source")
	}
	name = form.Line(at("model"))
	if ref := at("providerRef"); ref != "" {
		return name, strings.TrimSpace(ref + " " + name)
	}
	if kind != "" && kind != "ollama" {
		return name, strings.TrimSpace(kind + " " + name)
	}
	return name, ""
}

// ruleAt is where the first guardrail of a type stands, or -1.
func ruleAt(e *config.Edit, direction, kind string) int {
	for i := range e.Len("spec", "guardrails", direction) {
		if e.Text("spec", "guardrails", direction, i, "type") == kind {
			return i
		}
	}
	return -1
}

func entitiesIn(e *config.Edit, direction string) []string {
	i := ruleAt(e, direction, "pii_detection")
	if i < 0 {
		return nil
	}
	list, _ := e.Get("spec", "guardrails", direction, i, "entities").([]any)
	if len(list) == 0 {
		return view.HiddenKinds()
	}
	var names []string
	for _, v := range list {
		name, _ := v.(string)
		name = strings.ToUpper(strings.TrimSpace(name))
		if other, ok := otherNames[name]; ok {
			name = other
		}
		names = append(names, name)
	}
	return names
}

// toolNames are the program's own tools and what else the YAML declares.
func toolNames(e *config.Edit) []string {
	names := slices.Clone(ownTools)
	for i := range e.Len("spec", "tools") {
		if name := e.Text("spec", "tools", i, "name"); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func toolAt(e *config.Edit, name string) int {
	for i := range e.Len("spec", "tools") {
		if e.Text("spec", "tools", i, "name") == name {
			return i
		}
	}
	return -1
}

func allowed(e *config.Edit, name string) bool {
	list, limited := e.Get("spec", "permissions", "allowed_actions").([]any)
	return !limited || slices.Contains(list, any(name))
}
