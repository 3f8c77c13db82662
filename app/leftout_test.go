package app

import (
	"strings"
	"testing"
)

// A tool that cannot be made is told with its line at loading, once, also on the
// Logs page; the agent works without it.
func TestAToolThatIsLeftOutIsSaid(t *testing.T) {
	r := newRig(t, rigOptions{agent: `  tools:
    - {type: builtin, name: datetime_now}
    - type: builtin
      name: read_file
    - type: builtin
      name: json_transform
      config: {expression: "[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]"}
`})
	var said []string
	for _, p := range r.app.live.Load().problems.Warnings() {
		said = append(said, p.String())
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{`18:13: warning: there is no builtin tool "read_file" here`, `19:7: warning: tool "json_transform" is not offered to the model: config.expression: the expression names too much at once`} {
		if strings.Count(all, want) != 1 {
			t.Errorf("%q is not there once in:\n%s", want, all)
		}
	}
	if len(said) != 2 {
		t.Errorf("%d warnings:\n%s", len(said), all)
	}
	a, _ := r.app.agents.Get("shop")
	if got := strings.Join(a.Warnings(), "\n"); !strings.Contains(got, "spec.tools[1]") || !strings.Contains(got, "spec.tools[2]") {
		t.Errorf("the agent's own warnings: %s", got)
	}
	r.write("agents/other.agent.yaml", strings.Replace(testAgent, "name: shop", "name: other", 1)+"  color: red\n")
	r.until("the reload", func() bool { _, ok := r.app.agents.Get("other"); return ok })
	for _, want := range append(said, `warning: unknown key "color"`) {
		r.until("the event of "+want, func() bool { return strings.Contains(events(r, "system"), want) })
	}
	for _, known := range said { // read again with the new file, and not said again
		if n := strings.Count(events(r, "system"), known); n != 1 {
			t.Errorf("%d events say %q", n, known)
		}
	}
}
