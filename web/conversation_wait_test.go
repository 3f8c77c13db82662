package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/web/view"
)

// While the model cannot be reached, the agent is not said to be writing.
func TestAWaitForTheModelIsSaid(t *testing.T) {
	var tries time.Time
	d := newDash(t, func(p *Parts) { p.WaitsForModel = func(int64) time.Time { return tries } })
	id := d.ana()
	d.arrives("m2", "34600111222", "Ana", "are you there?", time.Now())
	page := func() string { return d.staff.page(fmt.Sprintf("/conversations/%d", id)) }
	has(t, page(), "The agent is writing")
	tries = time.Now().Add(time.Minute)
	has(t, page(), "The model cannot be reached", tries.Local().Format("15:04"))
	if strings.Contains(page(), "The agent is writing") {
		t.Error("the agent writes without a model")
	}
	if (view.ChatPending{Writing: true}).Key() == (view.ChatPending{Writing: true, Tries: tries}).Key() {
		t.Error("an open page is not drawn anew when the model is gone")
	}
}
