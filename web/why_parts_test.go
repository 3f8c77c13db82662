package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

const partedTurn = `{"steps":[
{"stage":"model","name":"ollama/m","duration":300000000,"data":{"part":"plan"}},
{"stage":"pattern","name":"plan","duration":300000000,"data":{"kind":"plan","result":"1. Look up the order\n2. Look up the hours"}},
{"stage":"pattern","name":"step 1 of 2","duration":400000000,"data":{"kind":"step","number":1,"of":2,"task":"Look up the order","result":"It left on Monday."}},
{"stage":"pattern","name":"step 2 of 2","duration":500000000,"data":{"kind":"step","number":2,"of":2,"task":"Look up the hours","error":"the model gave no answer that a customer may read, twice: try another model"}},
{"stage":"pattern","name":"stock: plan","duration":1000000,"data":{"kind":"plan"}},
{"stage":"pattern","name":"stage:draft 1 of 2","duration":1000000,"data":{"kind":"stage","who":"draft","number":1,"of":2}},
{"stage":"pattern","name":"branch:prices 1 of 2","duration":1000000,"data":{"kind":"branch","who":"prices","number":1,"of":2}},
{"stage":"pattern","name":"worker:billing","duration":1000000,"data":{"kind":"worker","who":"billing"}},
{"stage":"pattern","name":"member:orders","duration":1000000,"data":{"kind":"member","who":"orders"}},
{"stage":"pattern","name":"later","duration":1000000,"data":{"kind":"later"}},
{"stage":"pattern","name":"answer","duration":600000000,"data":{"kind":"answer","result":"On its way."}}]}`

// The steps of a pattern stand in why-this-answer, in the reader's words.
func TestWhyShowsTheStepsOfAPattern(t *testing.T) {
	d, _ := chatDash(t)
	row := d.arrives("wamid.p", "34600111333", "Luz", "Where is my order?", time.Now())
	err := d.store.CommitTurn(store.TurnCommit{
		Turn: store.Turn{ID: "parted", ConversationID: row.Conversation.ID, Agent: "shop", Outcome: "answered", Trace: partedTurn,
			ReceivedAt: store.At(time.Now()), StartedAt: store.At(time.Now()), EndedAt: store.At(time.Now())},
		InboxIDs: []int64{row.ID},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/conversations/%d/turns/parted", row.Conversation.ID)
	for language, want := range map[string][]string{
		"en": {"How the answer was made", ">The plan<", "Step 1 of 2", "It left on Monday.", "Nothing came of it:", "the model gave no answer that a customer may read",
			"stock · The plan", "It could be answered at once.", "Stage 1 of 2: draft", "Part 1 of 2, side by side: prices", "Work for: billing", "In charge: orders", ">later<", "The answer from all of it", "600 ms"},
		"es":    {"Cómo se hizo la respuesta", "El plan", "Paso 1 de 2", "Etapa 1 de 2: draft", "No salió nada:", "el modelo no dio"},
		"pt-BR": {"Como a resposta foi feita", "O plano", "Passo 1 de 2", "Não deu em nada:", "o modelo não deu"},
	} {
		page := d.staff.get(path, "HX-Request", "true", "Accept-Language", language).Body.String()
		shows(t, page, want...)
		if strings.Contains(page, "!!") || strings.Contains(page, "why.part") {
			t.Errorf("%s: a text is missing", language)
		}
	}
	if page := d.staff.page(fmt.Sprintf("/conversations/%d/turns/t1", d.ana())); strings.Contains(page, "How the answer was made") {
		t.Error("an answer without a pattern has steps of one")
	}
}
