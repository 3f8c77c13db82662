package health

import (
	"slices"
	"time"

	"astromesh/config"
	"astromesh/store"
)

// Inputs is everything that the diagnoses judge by: values, gathered by the
// running program from its parts, or by the command from the files and a look
// into the store. No diagnosis asks anybody.
type Inputs struct {
	Now      time.Time
	Outside  bool            // asked by the command, which cannot see into the running program
	Unread   bool            // channels.yaml cannot be used: what it would say is not judged
	Problems config.Problems // of all files
	WhatsApp config.WhatsApp // with what was typed in the dashboard filled in
	Door     Door
	Agents   []Agent
	Models   []AgentModels
	Graph    Graph
	Queues   Queues
	Disk     Disk
	Backup   Backup
	Reach    Reach
}

// Agent is one configured assistant.
type Agent struct {
	Name    string
	Serving bool     // it answers, if need be with its last good version
	Errors  []string // of its newest version
}

// Queues are what waits, inside and for people.
type Queues struct {
	Paused      bool // nothing is sent
	PausedSince time.Time
	PausedWhy   string // one sentence
	Outbox      store.OutboxCounts
	Inbox       int64
	OldestInbox time.Time
	NeedPerson  int64
}

// failedWithin is how long a reply that was given up shows on the health page.
const failedWithin = 24 * time.Hour

// Diagnose runs every diagnosis, in the order in which an owner mends: files,
// Meta's side, the agent, what waits, the machine.
func Diagnose(in Inputs) []Check {
	type diagnoses []func(Inputs) []Check
	channel, door := diagnoses{credentials, signature}, diagnoses{wayIn, handshake, webhook}
	meta, answers, waiting := diagnoses{graph, subscription}, diagnoses{agents, models}, diagnoses{sending, inbox, people}
	kept := diagnoses{backup}
	if in.Unread {
		channel, door, meta, answers = nil, nil, nil, nil
	}
	if in.Disk.StoreProblem != "" { // these judge by what the store holds
		door, waiting, kept = nil, nil, nil
	}
	var checks []Check
	for _, diagnosis := range slices.Concat(diagnoses{configuration, variables}, channel, door, meta, answers, waiting, diagnoses{disk}, kept, diagnoses{clock}) {
		checks = append(checks, diagnosis(in)...)
	}
	return checks
}

func ok(name, detail string) []Check { return []Check{{Name: name, Status: OK, Detail: detail}} }

func warn(name, detail, mend string) []Check {
	return []Check{{Name: name, Status: Warn, Detail: detail, Mend: mend}}
}

func fail(name, detail, mend string) []Check {
	return []Check{{Name: name, Status: Fail, Detail: detail, Mend: mend}}
}
