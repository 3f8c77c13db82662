package emulator

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestEscapeSet(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`"é"`, `"\u00e9"`},
		{`"😀"`, `"\ud83d\ude00"`},
		{`"a/b"`, `"a\/b"`},
		{`"a\/b"`, `"a\/b"`},
		{`"a\\/b"`, `"a\\\/b"`},
		{`"x@y.z"`, `"x\u0040y.z"`},
		{`"5%"`, `"5\u0025"`},
		{`"<b>&</b>"`, `"\u003Cb>&\u003C\/b>"`},
		{`"\n\"\u00E9"`, `"\n\"\u00E9"`},
		{`"שלום"`, `"\u05e9\u05dc\u05d5\u05dd"`},
		{"\"\xff\"", `"\ufffd"`},
		{"\"\u007f\"", "\"\u007f\""},
		{`{"a":[1,2.5,true,null]}`, `{"a":[1,2.5,true,null]}`},
	} {
		if got := string(escape([]byte(c.in))); got != c.want {
			t.Errorf("escape(%s) = %s, want %s", c.in, got, c.want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "é😀/@%<&>", "\\", "\x00\u2028\xff", `a\/b`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		documents := [][]byte{[]byte(s)}
		quoted, err := plainJSON(object{}.with(s, []string{s}))
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range append(documents, quoted) {
			if !json.Valid(doc) {
				continue
			}
			escaped := escape(doc)
			for _, c := range escaped {
				if c >= 0x80 {
					t.Fatalf("not ASCII: %q", escaped)
				}
			}
			var before, after any
			if err := json.Unmarshal(doc, &before); err != nil {
				continue // numbers out of range
			}
			if err := json.Unmarshal(escaped, &after); err != nil {
				t.Fatalf("%v: %q from %q", err, escaped, doc)
			}
			if !reflect.DeepEqual(before, after) {
				t.Fatalf("%q became %q", before, after)
			}
		}
	})
}

// TestGolden compares whole bodies, byte for byte, with testdata/golden.
// EMULATOR_UPDATE=1 rewrites the files; read the difference before committing.
func TestGolden(t *testing.T) {
	b := newBench(t, Config{})
	for name, items := range goldenItems(b) {
		t.Run(name, func(t *testing.T) {
			for i := range items {
				if strings.HasPrefix(items[i].ID, "wamid.") && len(items[i].ID) > 20 {
					items[i].ID = "wamid.GOLDEN"
				}
			}
			body, err := b.body(batchOf(items))
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, name, maskMedia(body))
		})
	}
}

// goldenItems makes one POST per kind.
func goldenItems(b *bench) map[string][]Item {
	second := Number{ID: "3000000000000009", Display: "493012345678"}
	parent := User{UserID: "US.13491208655302741918", ParentUserID: "US.ENT.118157"}
	cases := map[string][]Item{
		"text_escapes":   {b.Text(ana, "Füße 😀 5% a/b <x@y.z> & \"q\"\n")},
		"text_user_id":   {b.Text(hide, "hola")},
		"text_parent":    {b.Text(parent, "hi").WithoutContact()},
		"text_reply":     {b.Text(ana, "yes").ReplyTo("wamid.X")},
		"text_forwarded": {b.Text(ana, "look").Forwarded(true)},
		"text_ad":        {b.Text(ana, "price?").FromAd("120", "Sale")},
		"text_group":     {b.Text(ana, "all").InGroup("Y2FwaQ")},
		"reaction":       {b.Reaction(ana, "wamid.X", "👍"), b.Reaction(ana, "wamid.X", ""), b.ReactionRemoved(ana, "wamid.X")},
		"system":         {b.System(ana, "4917000000000")},
		"unsupported":    {b.Unsupported(ana, "poll"), b.Unsupported(ana, "")},
		"welcome":        {b.Welcome(ana)},
		"edit_revoke":    {b.Edit(ana, "wamid.X", "new"), b.Revoke(ana, "wamid.X")},
		"echo":           {b.Echo(ana, "owner here"), b.Echo(hide, "owner here")},
		"user_id_update": {b.UserIDUpdate(hide, "PE.2")},
		"broken":         {b.InteractiveBroken(ana)},
		"account_error":  {b.AccountError(130429)},
		"dashboard_test": {b.DashboardTest()},
		"status":         {b.Status("wamid.S", ana, "sent", "row-1"), b.Status("wamid.S", hide, "read", "")},
		"status_failed":  {b.FailedStatus("wamid.S", ana, 131047, "row-1")},
		"mixed":          {b.Text(ana, "1"), b.Text(hide, "2").On(second), b.Status("wamid.S", ana, "delivered", ""), b.Text(ana, "3")},
		"raw":            {b.Raw(`{ "object": "whatsapp_business_account", "x": "é/" }`)},
		"raw_not_json":   {b.Raw("{é")},
		"raw_message":    {b.RawMessage(ana, json.RawMessage(`{"from":"1","id":"wamid.R","type":"é"}`))},
	}
	maps.Copy(cases, goldenContents(b))
	return cases
}

// goldenContents are the kinds that carry more than text.
func goldenContents(b *bench) map[string][]Item {
	photo := Media{Data: []byte("jpeg"), Caption: "Wie ist das?"}
	return map[string][]Item{
		"image":        {b.Image(ana, photo)},
		"audio":        {b.Audio(ana, Media{Data: []byte("ogg"), NoURL: true})},
		"video":        {b.Video(ana, Media{Data: []byte("mp4"), Forward: true})},
		"document":     {b.Document(ana, Media{Data: []byte("pdf"), Filename: "Übersicht.pdf"})},
		"sticker":      {b.Sticker(ana, Media{Data: []byte("webp"), Animated: true})},
		"location":     {b.Location(ana, 52.52, 13.405, "Café", "Straße 1/2")},
		"contacts":     {b.Contacts(ana, Card{Name: "Bo", Phone: "+49 151 1", Email: "b@c.de"}, Card{Phone: "+4915199"})},
		"button_reply": {b.ButtonReply(ana, "b1", "Yes")},
		"list_reply":   {b.ListReply(ana, "r1", "Small", "up to 5 kg")},
		"nfm_reply":    {b.NFMReply(ana, "flow", json.RawMessage(`{"a":"b/c"}`))},
		"button":       {b.TemplateButton(ana, "P", "Stop", "wamid.T"), b.TemplateButton(ana, "P", "Stop", "")},
		"order":        {b.Order(ana, "C1", "please", OrderLine{"SKU/1", 2, 7.99, "EUR"})},
	}
}

// maskMedia makes media ids and hashes, which are drawn, comparable.
func maskMedia(body []byte) []byte {
	s := string(body)
	for _, cut := range []struct{ start, end string }{{`"id":"1`, `"`}, {"?mid=", "&"}, {"&hash=", `"`}} {
		at := strings.Index(s, cut.start)
		if at < 0 || !strings.Contains(s, "mid=") && !strings.Contains(s, "voice") {
			continue
		}
		at += len(cut.start)
		length := strings.Index(s[at:], cut.end)
		s = s[:at] + "MASKED" + s[at+length:]
	}
	return []byte(s)
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".json")
	if os.Getenv("EMULATOR_UPDATE") != "" {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPlainUTF8(t *testing.T) {
	b := newBench(t, Config{PlainUTF8: true})
	body, err := b.body(batchOf([]Item{b.Text(ana, "é/<")}))
	if err != nil || !strings.Contains(string(body), `"body":"é/<"`) {
		t.Fatalf("%v %s", err, body)
	}
}

func TestWAMIDLayout(t *testing.T) {
	b := newBench(t, Config{})
	for _, c := range []struct {
		id      string
		address string
		dir     byte
		digits  int
	}{
		{b.Text(ana, "x").ID, ana.Phone, 0x12, 20},
		{b.Echo(ana, "x").ID, ana.Phone, 0x11, 18},
		{b.Text(hide, "x").ID, hide.UserID, 0x12, 20},
	} {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.id, "wamid."))
		if err != nil {
			t.Fatal(err)
		}
		want := "\x1c\x18" + string(rune(len(c.address))) + c.address + "\x15\x02\x00" +
			string(rune(c.dir)) + "\x18" + string(rune(c.digits))
		if !strings.HasPrefix(string(raw), want) || len(raw) != len(want)+c.digits+1 || raw[len(raw)-1] != 0 {
			t.Errorf("%x, want %x and %d digits", raw, want, c.digits)
		}
	}
	if first, second := b.Text(ana, "x").ID, b.Text(ana, "x").ID; first == second {
		t.Error("two messages share an id")
	}
}
