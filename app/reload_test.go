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
		if calls := refusedSends(r); len(calls) != i+1 || !strings.HasPrefix(calls[i].Path, "/"+version+"/") {
			t.Errorf("%s: called %+v", version, calls)
		}
	}
}

// A file that is saved in pieces may be good YAML in between. None of them opens the
// door to unsigned messages, nor takes the channel out of service.
func TestAHalfWrittenChannelStaysSigned(t *testing.T) {
	whole := "channels:\n  whatsapp:\n    default_agent: shop\n    debounce: {quiet_seconds: 0, max_seconds: 5}\n" +
		"    phone_number_id: \"" + testPhone + "\"\n    access_token: " + testToken + "\n    verify_token: v\n    app_secret: " + testSecret + "\n"
	r := newRig(t, rigOptions{})
	for _, lines := range []int{0, 1, 2, 3, 4, 5, 6, 7} {
		before := r.app.live.Load()
		r.write("channels.yaml", strings.Join(strings.SplitAfter(whole, "\n")[:lines], ""))
		r.until("the reload", func() bool { return r.app.live.Load() != before })
		webhook, _ := r.app.Addrs()
		res, err := http.Post("http://"+webhook+"/v1/channels/whatsapp/webhook", "application/json", strings.NewReader("{}"))
		if err != nil || res.Body.Close() != nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("after %d lines an unsigned message is answered with %d, %v", lines, res.StatusCode, err)
		}
		if problems := r.app.live.Load().problems.Errors().String(); !strings.Contains(problems, "channels.yaml:") {
			t.Errorf("nothing is said after %d lines: %s", lines, problems)
		}
	}
	r.post(r.meta.Text(ana, "still there?"))
	r.reads(ana, "re: still there?")
	r.write("channels.yaml", whole)
	r.until("the whole file", func() bool { return len(r.app.live.Load().problems.Errors()) == 0 })
	r.post(r.meta.Text(ana, "and now?"))
	r.reads(ana, "re: and now?")
}
