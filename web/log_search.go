package web

import (
	"context"
	"strings"

	"astromesh/store"
	"astromesh/web/view"
)

// searchedSentences bounds how many sentences a search stands for: each is looked
// for in tens of thousands of events, and a word that more of them hold is no search.
const searchedSentences = 20

// meanings are the events whose shown words hold what is searched for, see
// eventWords: an owner searches for what the page says, in the page's language.
func meanings(ctx context.Context, search string) []store.EventMeaning {
	if search == "" {
		return nil
	}
	var list []store.EventMeaning
	for _, w := range worded() {
		if view.Shows(ctx, w.key, search) {
			list = append(list, w.as)
		}
	}
	for _, entity := range view.Entities() {
		if strings.Contains(strings.ToLower(view.Entity(ctx, entity)), strings.ToLower(search)) {
			list = append(list, store.EventMeaning{Level: "info", Data: []string{`"entity":"` + entity + `"`}})
		}
	}
	for _, pieces := range view.SaidWith(ctx, search, searchedSentences) {
		list = append(list, store.EventMeaning{Text: pieces})
	}
	return list
}

// wording is a text of the page and the events that it is shown for.
type wording struct {
	key string
	as  store.EventMeaning
}

func worded() []wording {
	const silent = `"replies":0`
	has := func(pieces ...string) store.EventMeaning { return store.EventMeaning{Level: "info", Data: pieces} }
	list := []wording{
		{"log.event_sent", store.EventMeaning{Level: "info", Stage: "send", Data: []string{`"result":"sent"`}}},
		{"log.event_model", has(`"candidate":"`)},
		{"log.turn_silent", store.EventMeaning{Level: "info", Text: []string{"turn "}, Data: []string{silent}}},
		{"log.hit_block", has(`"action":"block"`, `"entity":"`)},
		{"log.hit_rewrite", has(`"action":"rewrite"`, `"entity":"`)},
		{"log.hit_warn", has(`"action":"warn"`, `"entity":"`)},
		{"guardrail.in_input", has(`"direction":"input"`, `"entity":"`)},
		{"guardrail.in_output", has(`"direction":"output"`, `"entity":"`)},
	}
	for _, outcome := range shownOutcomes() {
		list = append(list, wording{"log.turn_" + outcome, store.EventMeaning{Level: "info", Text: []string{"turn " + outcome}, Without: silent}})
	}
	return list
}
