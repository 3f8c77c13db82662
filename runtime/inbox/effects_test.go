package inbox

import (
	"strings"
	"testing"

	"astromesh/runtime/channel"
)

// A turn has one name, however often it is begun and whoever joins it: tools give it
// to the outside world.
func TestATurnKeepsItsName(t *testing.T) {
	at := func(row int64, id, account string) item {
		return item{row: row, event: channel.Inbound{ID: id, Account: account}}
	}
	first, second, third := at(4, "wamid.34600111222.a", "1"), at(5, "wamid.b", "1"), at(9, "wamid.c", "1")
	name := turnID([]item{first})
	for what, burst := range map[string][]item{
		"begun again":      {first},
		"joined":           {first, second, third},
		"in another order": {third, first, second}, // by Meta's clock
	} {
		if got := turnID(burst); got != name {
			t.Errorf("%s: %s, want %s", what, got, name)
		}
	}
	for what, burst := range map[string][]item{
		"the next turn":                {second, third},
		"the same id of another phone": {at(4, first.event.ID, "2")},
		"an event without an id":       {at(4, "", "1")},
	} {
		if got := turnID(burst); got == name || len(got) != len(name) {
			t.Errorf("%s: %s", what, got)
		}
	}
	if strings.Contains(name, "34600111222") {
		t.Error("the name tells the customer's number")
	}
}
