package web

import (
	"fmt"
	"testing"
)

// Where an agent is chosen or named, it bears the name that its owner gave it.
func TestAgentsBearTheirOwnersName(t *testing.T) {
	d := newAnsweringDash(t)
	id := d.ana()
	for page, want := range map[string]string{
		"/settings/channel": ">Shop (night)<", "/setup/agent": ">Shop (night)<", "/logs": ">Shop (night)<", "/logs?agent=gone": ">gone<",
		fmt.Sprintf("/conversations/%d/turns/t1", id): "<dd>Shop <small>v3", "/guardrails": `"Agent">Shop<`,
	} {
		has(t, d.owner.page(page), want)
	}
}
