package whatsapp

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"astromesh/runtime/channel"
)

func textBody(elements ...string) []byte {
	return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"34911223344","phone_number_id":"` + ownAccount + `"},"messages":[` +
		strings.Join(elements, ",") + `]},"field":"messages"}]}]}`)
}

func textElement(id int, text string) string {
	quoted, _ := json.Marshal(text)
	return fmt.Sprintf(`{"from":"34600111222","id":"wamid.%d==","timestamp":"1793000000","type":"text","text":{"body":%s}}`, id, quoted)
}

func TestParseRefusesOnlyWhatIsNoJSON(t *testing.T) {
	deep := `{"object":"whatsapp_business_account","x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`
	for _, body := range []string{"", " ", "{", "[", "nul", `"x`, `{"a":}`, `{"a":1}x`, "<html>", "\x00", deep, `{"a":1,}`} {
		if _, err := Parse([]byte(body), ""); !errors.Is(err, ErrNotJSON) {
			t.Errorf("%.20q: error %v", body, err)
		}
	}
	for _, body := range []string{"{}", " {\n}\t", `{"object":1}`, `{"object":{},"entry":{}}`,
		`{"object":"whatsapp_business_account"}`, `{"object":"whatsapp_business_account","entry":[]}`} {
		batch, err := Parse([]byte(body), "")
		if err != nil || len(batch.Messages) != 0 {
			t.Errorf("%q: %v, %+v", body, err, batch)
		}
	}
	for _, body := range []string{"null", "[]", `"x"`, "12", `[{"object":"whatsapp_business_account"}]`} {
		batch, err := Parse([]byte(body), "")
		if err != nil || len(batch.Messages) != 0 || len(batch.Oddities) != 1 {
			t.Errorf("%q: %v, %+v", body, err, batch)
		}
	}
}

func TestParseDeepGarbageBesideAMessage(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 4000) + strings.Repeat(`]}`, 4000)
	element := strings.Replace(textElement(1, "hi"), `"type"`, `"garbage":`+deep+`,"type"`, 1)
	batch, err := Parse(textBody(element, deep), ownAccount)
	if err != nil || len(batch.Messages) != 1 || len(batch.Oddities) != 3 {
		t.Fatalf("error %v, %d messages, oddities %+v", err, len(batch.Messages), batch.Oddities)
	}
}

func TestParseThousandUpdatesInOrder(t *testing.T) {
	var elements []string
	for i := range 1000 {
		elements = append(elements, textElement(i, "hello"))
	}
	batch, err := Parse(textBody(elements...), "")
	if err != nil || len(batch.Messages) != 1000 {
		t.Fatalf("error %v, %d messages", err, len(batch.Messages))
	}
	for i, m := range batch.Messages {
		if m.ID != fmt.Sprintf("wamid.%d==", i) || m.Treatment != channel.Answer {
			t.Fatalf("message %d is %+v", i, m)
		}
	}
}

func TestParseBoundsOddities(t *testing.T) {
	body := textBody(strings.TrimSuffix(strings.Repeat("7,", 100_000), ","))
	batch, err := Parse(body, "")
	if err != nil {
		t.Fatal(err)
	}
	last := batch.Oddities[len(batch.Oddities)-1]
	if len(batch.Oddities) != maxOddities+1 || last.What != "99800 more oddities in this body" {
		t.Fatalf("%d oddities, last %+v", len(batch.Oddities), last)
	}
}

func TestParseKeepsLongTextsWhole(t *testing.T) {
	long := strings.Repeat("ñ", maxTextRunes)
	batch, err := Parse(textBody(textElement(1, long), textElement(2, long+"x")), "")
	if err != nil || len(batch.Messages) != 2 {
		t.Fatal(err, len(batch.Messages))
	}
	if batch.Messages[0].Text != long {
		t.Error("a text of 65,536 characters was changed")
	}
	if n := utf8.RuneCountInString(batch.Messages[1].Text); n != maxTextRunes+1 {
		t.Errorf("a longer text was cut to %d", n)
	}
}

func TestParseCleansBytes(t *testing.T) {
	element := strings.Replace(textElement(1, "XX"), "XX", "a\xff\\u0000b\xc3", 1)
	batch, err := Parse(textBody(element), "")
	if err != nil || len(batch.Messages) != 1 {
		t.Fatal(err, batch.Oddities)
	}
	if got := batch.Messages[0].Text; got != "a\uFFFDb\uFFFD" {
		t.Errorf("text %q", got)
	}
}

func TestParseAcceptsAnyNumberWithoutAccount(t *testing.T) {
	for _, file := range []string{"foreign_number", "dashboard_test", "metadata_missing"} {
		body, err := os.ReadFile("testdata/webhook/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		batch, err := Parse(body, "")
		if err != nil {
			t.Fatal(err)
		}
		if want := file == "foreign_number"; (len(batch.Messages) == 1) != want {
			t.Errorf("%s: messages %+v", file, batch.Messages)
		}
	}
}

// TestParseNamesNoNumber: oddities and notes are logged.
func TestParseNamesNoNumber(t *testing.T) {
	body := textBody(`{"from":"34600111222","id":"w1","timestamp":"1","type":"34600111222"}`,
		`{"from":"34600111222","id":"w2","timestamp":"1","type":"text","34600111222":1,"text":{"body":"x"}}`,
		`{"from":"34600111222","id":"w3","timestamp":"1","type":"unsupported","errors":[{"code":131051,"message":"about +34 600 111 222"}]}`)
	batch, err := Parse(body, "")
	if err != nil || len(batch.Messages) != 3 {
		t.Fatal(err, batch)
	}
	written := fmt.Sprint(batch.Oddities, batch.Messages[0].Note, batch.Messages[2].Note)
	for _, secret := range []string{"34600111222", "600 111 222"} {
		if strings.Contains(written, secret) {
			t.Errorf("%q stands in %s", secret, written)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := os.ReadDir("testdata/webhook")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file.Name(), ".golden.json") {
			continue
		}
		body, err := os.ReadFile("testdata/webhook/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "")
		f.Add(body, ownAccount)
	}
	f.Fuzz(func(t *testing.T, body []byte, account string) {
		batch, err := Parse(body, account)
		if isJSON := json.Valid(body); isJSON != (err == nil) {
			t.Fatalf("JSON %v, but error %v", isJSON, err)
		}
		var object map[string]json.RawMessage
		if err == nil && (json.Unmarshal(body, &object) != nil || object == nil) && len(batch.Oddities) == 0 {
			t.Fatal("a body that is no object is nothing odd")
		}
		checkBatch(t, batch, account)
	})
}

// checkBatch holds what is true of every batch, whatever the body.
func checkBatch(t *testing.T, batch channel.Batch, account string) {
	t.Helper()
	for _, m := range batch.Messages {
		if m.ID == "" || m.From.Phone == "" && m.From.UserID == "" || m.Kind == "" || m.Treatment == "" {
			t.Errorf("incomplete message %+v", m)
		}
		if account != "" && m.Account != account {
			t.Errorf("message for %q", m.Account)
		}
		if !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, 0) || !utf8.ValidString(m.Note) {
			t.Errorf("unclean text %q, note %q", m.Text, m.Note)
		}
		if strings.Trim(m.From.Phone, "0123456789") != "" {
			t.Errorf("phone %q", m.From.Phone)
		}
	}
	for _, s := range batch.Statuses {
		if s.MessageID == "" || s.Delivery == "" {
			t.Errorf("incomplete status %+v", s)
		}
	}
	if len(batch.Oddities) > maxOddities+1 {
		t.Errorf("%d oddities", len(batch.Oddities))
	}
}

func BenchmarkParse(b *testing.B) {
	body, err := os.ReadFile("testdata/webhook/text.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if batch, err := Parse(body, ownAccount); err != nil || len(batch.Messages) != 1 {
			b.Fatal(err)
		}
	}
}
