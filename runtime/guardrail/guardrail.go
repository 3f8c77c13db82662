// Package guardrail looks at a text and says what may pass. It knows neither
// the store nor the channel.
package guardrail

// Action is what a guardrail decides.
type Action string

// The actions of a verdict, weakest first.
const (
	Allow   Action = "allow"
	Rewrite Action = "rewrite"
	Block   Action = "block"
)

// Finding is one thing a rule saw. Start and End are byte offsets into the text
// that was given to the chain, also when earlier rules rewrote it.
type Finding struct {
	Rule   string `json:"rule"`   // pii_detection, max_length …
	Entity string `json:"entity"` // EMAIL, PHONE, SSN, CC, IBAN …; the rule's own word otherwise
	Start  int    `json:"start"`
	End    int    `json:"end"`
}

// Verdict is the outcome for one text. It never carries what was found, only
// where: it goes to the event log.
type Verdict struct {
	Action   Action    `json:"action"`
	Text     string    `json:"text"` // what may go on; empty when blocked
	Findings []Finding `json:"findings"`
	Rule     string    `json:"rule,omitempty"` // which rule blocked

	edits []edit // how Text was made of the given text; nil: unknown or unchanged
}

// Check is one guardrail. Implementations: one per file.
type Check interface {
	// Rule is the type as written in the agent's YAML.
	Rule() string
	// Check judges text. Findings' offsets are in the text it is given.
	Check(text string) Verdict
}
