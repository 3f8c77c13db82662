package app

import (
	"net/http"
	"strings"
	"testing"

	"astromesh/runtime/channel/whatsapp/emulator"
)

// The file of the agent that answers is gone, perhaps in the middle of being
// renamed: its last version goes on answering.
func TestTheDefaultAgentsFileIsTakenAway(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.write("agents/other.agent.yaml", strings.Replace(testAgent, "name: shop", "name: other", 1))
	r.remove("agents/shop.agent.yaml")
	r.until("the reload", func() bool { _, ok := r.app.agents.Get("other"); return ok })
	r.post(r.meta.Text(ana, "hello"))
	r.reads(ana, "re: hello")
}

// The version of Graph in the file is the one that is called, from the change on.
func TestTheGraphVersionChangesWithTheFile(t *testing.T) {
	const quiet = quickSettle + "    mark_as_read: false\n"
	r := newRig(t, rigOptions{channels: quiet})
	for i, version := range []string{"v24.0", "v23.0"} {
		r.write("channels.yaml", testChannels+quiet+"    graph_version: "+version+"\n")
		r.until("the reload", func() bool { return r.app.live.Load().whatsapp.GraphVersion == version })
		r.meta.Fail(emulator.Next(1), emulator.FaultError(http.StatusTooManyRequests, 130429)) // refused calls name their path
		r.post(r.meta.Text(ana, "hello "+version))
		r.reads(ana, "re: hello "+version)
		if calls := r.meta.Refused(); len(calls) != i+1 || !strings.HasPrefix(calls[i].Path, "/"+version+"/") {
			t.Errorf("%s: called %+v", version, calls)
		}
	}
}
