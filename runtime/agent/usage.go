package agent

import (
	"slices"

	"astromesh/store"
)

// UsageRows adds up what the turn's calls took, by model and role, in the order
// in which they were first asked.
func (r Result) UsageRows() []store.Usage {
	var rows []store.Usage
	for _, u := range r.Usage {
		at := slices.IndexFunc(rows, func(row store.Usage) bool { return row.Candidate == u.Candidate && row.Role == u.Role })
		if at < 0 {
			at = len(rows)
			rows = append(rows, store.Usage{Candidate: u.Candidate, Role: u.Role})
		}
		row := &rows[at]
		row.Calls++
		row.TokensIn, row.TokensOut = row.TokensIn+int64(u.TokensIn), row.TokensOut+int64(u.TokensOut)
		row.WaitMS, row.LoadMS = row.WaitMS+u.Wait.Milliseconds(), row.LoadMS+u.Load.Milliseconds()
		row.PromptMS, row.WriteMS = row.PromptMS+u.PromptEval.Milliseconds(), row.WriteMS+u.Generation.Milliseconds()
	}
	return rows
}
