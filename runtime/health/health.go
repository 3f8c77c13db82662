// Package health says what is well and what is not, and how to mend it. The
// health page, the JSON API and the command "check" show the same diagnoses.
package health

// Status of a check.
type Status string

// The states of a diagnosis.
const (
	OK   Status = "ok"
	Warn Status = "warn" // works, but look at it
	Fail Status = "fail" // customers are not answered, or not safely
)

// Check is one diagnosis. Detail and Mend are sentences for the owner, without
// secrets or customers' data.
type Check struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Detail string `json:"detail"`
	Mend   string `json:"mend"`
}

// Overall is "ok", or "degraded" where a check fails.
func Overall(checks []Check) string {
	for _, c := range checks {
		if c.Status == Fail {
			return "degraded"
		}
	}
	return "ok"
}
