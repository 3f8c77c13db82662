package web

import (
	"strings"
	"testing"
)

// The list shows what an agent's file says of it: version, namespace, labels and
// avatar.
func TestAgentsShowWhatTheFileSays(t *testing.T) {
	d := newAgentDash(t)
	yaml := shopWith(t, `metadata: {name: shop, version: "1.0.0"}`, "metadata: {name: shop, version: 2.1-summer, namespace: branch-north, labels: {team: counter}}")
	yaml = strings.Replace(yaml, "{display_name: Shop}", `{display_name: The shop, avatar: "🥐"}`, 1)
	if _, err := d.store.ImportAgent("shop", "agents/shop.agent.yaml", yaml); err != nil {
		t.Fatal(err)
	}
	if err := d.server.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := d.owner.page("/agents")
	for _, part := range []string{"2.1-summer · branch-north", "team: counter", "🥐", "The shop"} {
		if !strings.Contains(page, part) {
			t.Errorf("the list does not show %q", part)
		}
	}
}
