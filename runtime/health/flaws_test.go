package health

import (
	"time"

	"astromesh/config"
	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/model"
	"astromesh/store"
)

func refusedDoor(n int64, accepted time.Time) func(*Inputs) {
	return func(in *Inputs) {
		in.Door.RefusedCount, in.Door.RefusedSince, in.Door.RefusedAt, in.Door.AcceptedAt = n, now.Add(-time.Hour), now.Add(-time.Minute), accepted
	}
}

// swapped puts another word in the place of the app secret, after Meta came often.
func swapped(secret config.Secret) func(*Inputs) {
	return func(in *Inputs) {
		refusedDoor(9, now.Add(-time.Hour))(in)
		in.WhatsApp.AppSecret = secret
	}
}

var doorFlaws = []flaw{
	{"a stranger once", refusedDoor(1, now.Add(-2*time.Hour)), "signature", Warn, []string{"1 webhook with a missing or wrong signature", "stranger"}},
	{"since the start", refusedDoor(5, now.Add(-2*time.Hour)), "signature", Fail, []string{"5 webhooks", "since 2026-11-23 11:00", "that of another app"}},
	{"verify token used", swapped(testVerify), "signature", Fail, []string{"The verify token was put in the place of the app secret"}},
	{"access token used", swapped("EAAanother"), "signature", Fail, []string{"An access token was put"}},
	{"not a secret", swapped("secret"), "signature", Fail, []string{"32 characters"}},
	{"the same word", func(in *Inputs) { in.WhatsApp.AppSecret = testVerify }, "signature", Warn, []string{"same word"}},

	{"never", func(in *Inputs) { in.Door = Door{AcceptedAt: now} }, "handshake", OK, nil},
	{"refused at last", func(in *Inputs) { in.Door.HandshakeOK = false }, "handshake", Warn, []string{"1 hour ago", "not the one configured", "stranger"}},
	{"no webhook for long", func(in *Inputs) { in.Door.AcceptedAt = now.Add(-9 * 24 * time.Hour) }, "webhook", Warn, []string{"9 days ago", "Webhook fields, messages", "/subscribed_apps", "/healthz", "Live"}},
	{"never a webhook", func(in *Inputs) { in.Door.AcceptedAt = time.Time{} }, "webhook", Warn, []string{"No webhook has come yet", "Webhook fields, messages"}},
	{"asked by the command", func(in *Inputs) { in.Door.AcceptedAt, in.Outside = time.Time{}, true }, "webhook", Warn, []string{"astromesh serve"}},
}

func refusal(outcome channel.Outcome, code, subcode, status int, reason string) *channel.SendError {
	return &channel.SendError{Outcome: outcome, Code: code, Subcode: subcode, Status: status, Reason: reason, Detail: "(#" + testToken + ")"}
}

func tokenUntil(t time.Time) func(*Inputs) {
	return func(in *Inputs) { in.Graph.Token.ExpiresAt = t }
}

var metaFlaws = []flaw{
	{"token ends soon", tokenUntil(now.Add(20 * time.Hour)), "graph", Warn, []string{"temporary", "20 hours", "Never"}},
	{"token ends later", tokenUntil(now.Add(50 * 24 * time.Hour)), "graph", OK, nil},
	{"a person's token", func(in *Inputs) { in.Graph.Token.Type = "USER" }, "graph", Warn, []string{"belongs to a person"}},
	{"may not send", func(in *Inputs) { in.Graph.Token.Scopes = []string{accountScope} }, "graph", Fail, []string{sendScope}},
	{"may not look", func(in *Inputs) { in.Graph.Token.Scopes = []string{sendScope} }, "graph", Warn, []string{accountScope}},
	{"token not described", func(in *Inputs) {
		in.Graph.Token, in.Graph.TokenErr = whatsapp.TokenInfo{}, refusal(channel.Refused, 100, 0, 400, "x.")
	}, "graph", OK, nil},
	{"unknown number", func(in *Inputs) {
		in.Graph.Number, in.Graph.NumberErr = whatsapp.NumberInfo{}, refusal(channel.Refused, 100, 33, 400, "Meta does not know this phone number id.")
	}, "graph", Fail, []string{"does not know this phone number id. [100/33]", "API Setup"}},
	{"unreachable", func(in *Inputs) {
		e := refusal(channel.Rejected, 0, 0, 0, "Meta's server could not be reached.")
		in.Graph = Graph{TokenErr: e, NumberErr: e, Apps: in.Graph.Apps}
	}, "graph", Fail, []string{"could not be reached", "are kept"}},
	{"yellow", func(in *Inputs) { in.Graph.Number.Quality = "YELLOW" }, "graph", Warn, []string{"YELLOW"}},
	{"red", func(in *Inputs) { in.Graph.Number.Quality = "RED" }, "graph", Warn, []string{"RED"}},
	{"banned", func(in *Inputs) { in.Graph.Number.Status = "BANNED" }, "graph", Warn, []string{"BANNED", "WhatsApp Manager"}},

	{"nobody", func(in *Inputs) { in.Graph.Apps = nil }, "subscription", Fail, []string{"No app is subscribed", "tools/explorer"}},
	{"somebody else", func(in *Inputs) { in.Graph.Apps[0].ID = "9" }, "subscription", Fail, []string{"Another app"}},
	{"known by the token", func(in *Inputs) { in.WhatsApp.AppID = "" }, "subscription", OK, nil},
	{"not known whose", func(in *Inputs) { in.WhatsApp.AppID, in.Graph.Token.AppID = "", "" }, "subscription", Warn, []string{"app_id"}},
	{"wrong account id", func(in *Inputs) {
		in.Graph.AppsErr = refusal(channel.Refused, 100, 33, 400, "Not there.")
	}, "subscription", Warn, []string{"[100/33]", "waba_id"}},
	{"no account id", func(in *Inputs) { in.WhatsApp.WABAID, in.Graph.Apps = "", nil }, "subscription", OK, nil},
}

func down(detail string) model.ServerHealth {
	return model.ServerHealth{Endpoint: "http://127.0.0.1:11434", Detail: detail}
}

const notThere = "The model llava:7b is not on this computer. Open Health and press Download, or run: ollama pull llava:7b."

var agentFlaws = []flaw{
	{"missing", func(in *Inputs) { in.WhatsApp.DefaultAgent, in.Models = "sales", nil }, "agent", Fail, []string{`"sales"`, "default_agent"}},
	{"none named", func(in *Inputs) { in.WhatsApp.DefaultAgent = "" }, "agent", Fail, []string{"default_agent"}},
	{"draft that answers", func(in *Inputs) { in.Agents[0].Errors = []string{"shop.agent.yaml:3:1: bad", "more"} }, "agent", Warn, []string{"last good one", "shop.agent.yaml:3:1: bad (and 1 more problem)"}},
	{"draft that does not", func(in *Inputs) { in.Agents[0] = Agent{Name: "shop", Errors: []string{"bad"}} }, "agent", Fail, []string{"nobody answers", "bad"}},
	{"another's draft", func(in *Inputs) { in.Agents = append(in.Agents, Agent{Name: "b", Errors: []string{"bad"}}) }, "agent", Warn, []string{"not in service"}},

	{"down", func(in *Inputs) {
		in.Models[0].Servers = []model.ServerHealth{down("Ollama does not answer at http://127.0.0.1:11434. Start it.")}
	}, "models", Fail, []string{"does not answer", "Start it.", "cannot answer"}},
	{"down, another answers", func(in *Inputs) { in.Models[0].Servers = append(in.Models[0].Servers, down("It is down. Start it.")) }, "models", Warn, []string{"answers with llava:7b and llama3.1:8b"}},
	{"down, a list answers", func(in *Inputs) {
		in.Models[0].Builtin, in.Models[0].Servers = 1, []model.ServerHealth{down("It is down.")}
	}, "models", Warn, []string{"its own list"}},
	{"another agent's", func(in *Inputs) {
		in.Models = append([]AgentModels{{Agent: "b", Servers: []model.ServerHealth{down("It is down.")}}}, in.Models...)
	}, "models", Warn, []string{"The agent b cannot answer"}},
	{"shared, said once as the worst", func(in *Inputs) {
		gone := []model.ServerHealth{down("It is down.")}
		in.Models = []AgentModels{{Agent: "b", Servers: gone}, {Agent: "shop", Servers: gone}}
	}, "models", Fail, []string{"The agent shop cannot answer"}},
	{"not pulled", func(in *Inputs) {
		in.Models[0].Servers[0].Models[0] = model.ModelHealth{Name: "llava:7b", Detail: notThere}
	}, "models", Warn, []string{"ollama pull llava:7b", "answers with llama3.1:8b"}},
	{"blind", func(in *Inputs) { in.Models[0].Servers[0].Models[0].Capabilities.Vision = false }, "models", Warn, []string{"can see", "llava:7b"}},
	{"no hands", func(in *Inputs) { in.Models[0].Servers[0].Models[1].Capabilities.Tools = false }, "models", Warn, []string{"tools"}},
	{"needs no hands", func(in *Inputs) {
		in.Models[0].Tools, in.Models[0].Servers[0].Models[1].Capabilities.Tools = false, false
	}, "models", OK, nil},
	{"builtin only", func(in *Inputs) { in.Models = []AgentModels{{Agent: "shop", Builtin: 1, Tools: true}} }, "models", OK, nil},
}

var queueFlaws = []flaw{
	{"paused", func(in *Inputs) {
		in.Queues = Queues{Paused: true, PausedSince: now.Add(-time.Hour), PausedWhy: "The access token has expired.", Outbox: store.OutboxCounts{Waiting: 3, TokenRefused: 1}}
	}, "sending", Fail, []string{"since 11:00", "3 replies wait", "has expired", "Nothing is lost"}},
	{"paused, seen from outside", func(in *Inputs) { in.Queues.Outbox = store.OutboxCounts{Waiting: 1, TokenRefused: 1} }, "sending", Fail, []string{"1 reply waits", "[190]"}},
	{"failed", func(in *Inputs) { in.Queues.Outbox.Failed = 2 }, "sending", Warn, []string{"2 replies were not delivered"}},
	{"unsure", func(in *Inputs) { in.Queues.Outbox.Unsure = 1 }, "sending", Warn, []string{"not known"}},
	{"slow", func(in *Inputs) {
		in.Queues.Outbox = store.OutboxCounts{Waiting: 40, OldestDue: store.At(now.Add(-20 * time.Minute))}
	}, "sending", Warn, []string{"40 replies wait", "20 minutes", "rate_limit"}},
	{"on their way", func(in *Inputs) {
		in.Queues.Outbox = store.OutboxCounts{Waiting: 4, OldestDue: store.At(now.Add(-time.Minute))}
	}, "sending", OK, nil},
	{"some", func(in *Inputs) { in.Queues.Inbox, in.Queues.OldestInbox = 2, now.Add(-time.Minute) }, "inbox", OK, nil},
	{"slow", func(in *Inputs) { in.Queues.Inbox, in.Queues.OldestInbox = 2, now.Add(-6*time.Minute) }, "inbox", Warn, []string{"2 messages wait", "6 minutes"}},
	{"stuck", func(in *Inputs) { in.Queues.Inbox, in.Queues.OldestInbox = 1, now.Add(-time.Hour) }, "inbox", Fail, []string{"1 message waits", "1 hour"}},
	{"stuck, seen from outside", func(in *Inputs) {
		in.Outside, in.Queues.Inbox, in.Queues.OldestInbox = true, 1, now.Add(-time.Hour)
	}, "inbox", Fail, []string{"astromesh serve"}},
	{"people", func(in *Inputs) { in.Queues.NeedPerson = 3 }, "people", Warn, []string{"3 conversations wait"}},
}

var machineFlaws = []flaw{
	{"not writable", func(in *Inputs) { in.Disk.WriteProblem = "permission denied" }, "disk", Fail, []string{"/data", "permission denied", "--data-dir"}},
	{"low", func(in *Inputs) { in.Disk.Free = 499 << 20 }, "disk", Warn, []string{"499 MB"}},
	{"full", func(in *Inputs) { in.Disk.Free = 49 << 20 }, "disk", Fail, []string{"49 MB"}},
	{"not there yet", func(in *Inputs) { in.Disk = Disk{Dir: "/data", Missing: true} }, "disk", OK, nil},
	{"not known", func(in *Inputs) { in.Disk = Disk{Dir: "/data"} }, "disk", OK, nil},
	{"ahead", func(in *Inputs) { in.Graph.Ahead = 6 * time.Minute }, "clock", Warn, []string{"6 minutes ahead"}},
	{"behind", func(in *Inputs) { in.Graph.Ahead = -3 * time.Hour }, "clock", Warn, []string{"3 hours behind"}},

	{"two nights without", func(in *Inputs) { in.Backup.Last = now.Add(-49 * time.Hour) }, "backup", Warn, []string{"made 2 days ago", "due every night", "Make one now"}},
	{"never", func(in *Inputs) { in.Backup.Last = time.Time{} }, "backup", Warn, []string{"There is no backup, although", "full disk"}},
	{"last night missed", func(in *Inputs) { in.Backup.Last = now.Add(-47 * time.Hour) }, "backup", OK, nil},
	{"new here", func(in *Inputs) { in.Backup = Backup{Wanted: true, Since: now.Add(-time.Minute)} }, "backup", OK, nil},
	{"nobody here yet", func(in *Inputs) { in.Backup = Backup{Wanted: true} }, "backup", OK, nil},
	{"not wanted", func(in *Inputs) { in.Backup = Backup{Last: now.Add(-99 * 24 * time.Hour)} }, "backup", OK, nil},
	{"never wanted", func(in *Inputs) { in.Backup = Backup{} }, "backup", OK, nil},
}
