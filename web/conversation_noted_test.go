package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

// TestNotedAndDataAreShown: what tools noted stands below the reply and in its
// reasons, the data of the answer in its reasons, as text whatever is in it.
func TestNotedAndDataAreShown(t *testing.T) {
	d, _ := chatDash(t)
	row := d.arrives("wamid.noted", "34600111222", "Ana", "tea please", time.Now())
	id, now := row.Conversation.ID, store.At(time.Now())
	err := d.store.CommitTurn(store.TurnCommit{
		Turn: store.Turn{ID: "noted", ConversationID: id, Agent: "shop", Outcome: "answered", Trace: tracedTurn, ReceivedAt: now, StartedAt: now, EndedAt: now,
			Noted: `[{"tool":"note_order","arguments":{"what":"<b>tea</b>","boxes":2}}]`, Data: `{"score":8,"mood":"<i>good</i>"}`},
		InboxIDs: []int64{row.ID},
		Messages: []store.Message{{ConversationID: id, TurnID: "noted", Author: "customer", Kind: "text", Text: "tea please", At: row.At},
			{ConversationID: id, TurnID: "noted", Author: "agent", Kind: "text", Text: "One.", OutboxID: "o-1", At: now},
			{ConversationID: id, TurnID: "noted", Author: "agent", Kind: "text", Text: "Two.", OutboxID: "o-2", At: now}},
	})
	if err != nil {
		t.Fatal(err)
	}
	page := d.staff.page(fmt.Sprintf("/conversations/%d", id))
	const line = "The agent noted: note_order: boxes = 2, what = &lt;b&gt;tea&lt;/b&gt;"
	if strings.Count(page, line) != 1 || strings.Index(page, line) < strings.Index(page, "Two.") {
		t.Errorf("the note is not below the turn's last line, once:\n%s", page)
	}
	why := d.staff.page(fmt.Sprintf("/conversations/%d/turns/noted", id))
	for _, words := range []string{"note_order: boxes = 2", "Data of the answer", "&#34;score&#34;: 8", "&lt;i&gt;good&lt;/i&gt;"} {
		if !strings.Contains(why, words) {
			t.Errorf("%q is missing in the reasons", words)
		}
	}
}
