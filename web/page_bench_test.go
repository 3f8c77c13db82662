package web

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/health"
	"astromesh/runtime/model"
	"astromesh/store/storetest"
)

// pageLimit is what a page may take with a million messages in the store, on a
// computer that does sorting in sortTime. A slower or busier one has more, in
// proportion: else how busy it is decides whether the pages are quick enough.
const (
	pageLimit = 100 * time.Millisecond
	sortTime  = 17 * time.Millisecond
)

// limitHere is pageLimit on this computer, as it is just now.
func limitHere() time.Duration {
	quickest := time.Duration(math.MaxInt64)
	for range 3 { // as often as a page is asked for at least
		r, list := rand.New(rand.NewPCG(1, 2)), make([]uint64, 1<<18)
		for i := range list {
			list[i] = r.Uint64()
		}
		began := time.Now()
		slices.Sort(list)
		quickest = min(quickest, time.Since(began))
	}
	return time.Duration(float64(pageLimit) * max(1, float64(quickest)/float64(sortTime)))
}

// asked is one page, fragment or stream that is measured.
type asked struct {
	route string // as in the router
	path  string // with what fills its places and its filters; "" = the route
	form  url.Values
	part  string // id of the fragment that htmx asks for; "" = the whole page
	work  bool   // it does a piece of work, and says so: no limit, but told
}

// notPages are the routes for GET that are as long as what they hand out, wait for
// somebody else, lead elsewhere, or are there on the program's own computer only.
var notPages = []string{
	"/logs/download", "/conversations/:id/export", "/conversations/:id/export/data", "/settings/whatsapp/check", "/setup/model/stream", "/settings", "/setup/next", "/settings/computer",
	"/settings/backup/file/:name", "/settings/backup/moving/file", "/settings/backup/stream", "/setup/test/number",
}

// bigPages are all the others. Conversation 1 is of a talker: 18,000 exchanges.
func bigPages(newest int64) []asked {
	day := time.Now().AddDate(0, 0, -1).Format("2006-01-02T15:04")
	stream := fmt.Sprint("?seen=", newest)
	list := []asked{
		{route: "/home/stream"}, {route: "/"},
		{route: "/conversations"}, {route: "/conversations", path: "?filter=needs"}, {route: "/conversations", path: "?filter=off"}, {route: "/conversations", path: "?filter=failed"},
		{route: "/conversations", path: "?q=pizzas"}, {route: "/conversations", path: "?q=pizzas+tomorrow"}, {route: "/conversations", path: "?q=the+piz"}, {route: "/conversations", path: "?q=a"},
		{route: "/conversations", path: "?q=34600012345"}, {route: "/conversations", path: "?q=nobody+says+this"}, {route: "/conversations", path: "?q=pizzas", part: "chat-rows"},
		{route: "/conversations/:id"}, {route: "/conversations/:id", part: "chat-rows"}, {route: "/conversations/:id/earlier", path: "?before=500000"},
		{route: "/conversations/stream", path: stream}, {route: "/conversations/:id/stream", path: stream + "&after=999000"}, {route: "/conversations/:id/stream"},
		{route: "/conversations/:id/turns/:turn", part: "drawer"}, {route: "/conversations/:id/turns/:turn"}, {route: "/conversations/:id/memory"},
		{route: "/agents"}, {route: "/agents/:name"}, {route: "/agents/:name", path: "?tab=yaml"}, {route: "/agents/:name", path: "?tab=versions"}, {route: "/agents/schema.json"}, {route: "/agent-models"}, {route: "/new-agent"},
		{route: "/logs"}, {route: "/logs", path: "?level=error"}, {route: "/logs", path: "?span=month"}, {route: "/logs", path: "?conversation=77"}, {route: "/logs", path: "?q=nobody+says+this"}, {route: "/logs", path: "?q=turn"},
		{route: "/logs", path: "?q=nobody&span=month"}, {route: "/logs", path: "?agent=nobody"}, {route: "/logs", path: "?from=" + day}, {route: "/logs", path: "?kind=model"}, {route: "/logs", path: "?q=accepted", part: "log"},
		{route: "/logs/more", path: "?before=500000"}, {route: "/logs/stream", path: fmt.Sprint("?after=", newest-5)},
		{route: "/guardrails"}, {route: "/health"}, {route: "/health/stream"},
	}
	for _, path := range []string{"/settings/account", "/settings/appearance", "/settings/channel", "/settings/operators", "/settings/retention", "/settings/about", "/settings/whatsapp", "/settings/backup", "/settings/reachability", "/settings/reachability/state", "/setup/reachability",
		"/setup/model", "/setup/model/state", "/setup/meta", "/setup/agent", "/setup/test", "/setup/test/state", "/setup/done"} {
		list = append(list, asked{route: path})
	}
	return append(list, asked{route: "/guardrails/try", form: url.Values{"agent": {"shop"}, "direction": {"input"}, "text": {"my mail is ana@example.org"}}},
		asked{route: "/guardrails/dry", form: url.Values{"agent": {"shop"}, "length": {"1"}, "max_chars": {"60"}, "length_action": {"block"}}, work: true})
}

// talkersTurn is one of the last turns of conversation 1, as the filler chose it.
const talkersTurn = "turn-0499979"

func (a asked) address() string {
	return strings.NewReplacer(":id", "1", ":turn", talkersTurn, ":name", "shop").Replace(a.route) + a.path
}

// newBigDash is the dashboard over 1,000,000 messages of 20,000 customers, as
// many events and 500,000 received messages. Streams end after their first look.
func newBigDash(b *testing.B) *dash {
	b.Helper()
	dir := b.TempDir()
	st := storetest.Make(b, dir, storetest.Fill{Conversations: 20_000, Messages: 1_000_000, Newest: time.Now()})
	storetest.Log(b, dir, 500_000)
	if err := st.Checkpoint(); err != nil { // no program leaves a log of 200 MB behind
		b.Fatal(err)
	}
	servers := model.NewServers(model.Options{DefaultOllama: "http://127.0.0.1:1"})
	var d *dash
	d = newDash(b, func(p *Parts) {
		doorman, err := health.NewDoorman(b.Context(), st, p.Log)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(doorman.Close)
		p.Store, p.Doorman, p.Servers = st, doorman, servers
		p.DefaultAgent = func() string { return "shop" }
		p.Models = func(context.Context) ([]string, error) { return []string{"llava:7b"}, nil }
		p.Channel = func() Channel { return savedChannel(b, d, nil) }
		p.Compile = func(name string, yaml []byte) (*agent.Agent, config.Problems) {
			cfg, problems := config.ParseAgent(name, yaml, nil)
			if cfg == nil {
				return nil, problems
			}
			a, err := agent.New(cfg, 1, agent.Parts{Store: st, Servers: servers})
			if err != nil {
				b.Fatal(err)
			}
			return a, problems
		}
	})
	if _, err := st.ImportAgent("shop", "agents/shop.agent.yaml", shopYAML); err != nil {
		b.Fatal(err)
	}
	d.server.stop()
	return d
}

// took makes the request, which must succeed, and gives how long that took.
func (d *dash) took(a asked) time.Duration {
	d.t.Helper()
	var header []string
	if a.part != "" {
		header = []string{"HX-Request", "true", "HX-Target", a.part}
	}
	began, w := time.Now(), (*httptest.ResponseRecorder)(nil)
	if a.form != nil {
		w = d.owner.post(a.address(), a.form, header...)
	} else {
		w = d.owner.get(a.address(), header...)
	}
	if w.Code != http.StatusOK {
		d.t.Fatalf("%s: %d", a.address(), w.Code)
	}
	return time.Since(began)
}

// BenchmarkPages asks for every page, fragment and start of a stream. Each is to
// take under pageLimit; the quickest of its runs decides, for the machine may be busy.
func BenchmarkPages(b *testing.B) {
	d := newBigDash(b)
	newest, err := d.store.LastEvent(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, a := range bigPages(newest) {
		b.Run(a.name(), func(b *testing.B) {
			quickest := min(d.took(a), d.took(a), d.took(a)) // the first finds nothing in memory
			for b.Loop() {
				quickest = min(quickest, d.took(a))
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/page")
			b.ReportMetric(0, "ns/op")
			if !a.work {
				d.mustBeQuick(a, quickest)
			}
		})
	}
}

// mustBeQuick asks a page that was slow again for a while.
func (d *dash) mustBeQuick(a asked, quickest time.Duration) {
	d.t.Helper()
	limit := pageLimit
	for range 10 {
		if quickest <= limit {
			return
		}
		limit = limitHere()
		quickest = min(quickest, d.took(a), d.took(a), d.took(a))
	}
	if quickest > limit {
		d.t.Errorf("%s takes %v, more than %v", a.address(), quickest, limit)
	}
}

func (a asked) name() string {
	if a.part == "" {
		return a.route + a.path
	}
	return a.route + a.path + "#" + a.part
}

// A page that is added is measured too.
func TestEveryPageIsMeasured(t *testing.T) {
	pages, e := bigPages(0), newEcho()
	newDash(t).server.pageRoutes(e.Group(""))
	for _, r := range e.Routes() {
		measured := slices.ContainsFunc(pages, func(a asked) bool { return a.route == r.Path })
		if r.Method == http.MethodGet && !measured && !slices.Contains(notPages, r.Path) && !strings.HasSuffix(r.Path, "*") {
			t.Errorf("BenchmarkPages does not ask for %s", r.Path)
		}
	}
}
