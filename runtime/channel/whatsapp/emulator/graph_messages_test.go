package emulator

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// sendRule is a request and how it is judged; code 0 means accepted.
type sendRule struct {
	body         string
	status, code int
}

func sendRules() map[string]sendRule {
	long := strings.Repeat("ä", 4096)
	wrap := func(rest string) string {
		return `{"messaging_product":"whatsapp","to":"+49 151 12345678",` + rest + `}`
	}
	button := func(title string, n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"type":"reply","reply":{"id":"%d","title":"%s%d"}}`, i, title, i))
		}
		return wrap(`"type":"interactive","interactive":{"type":"button","body":{"text":"?"},"action":{"buttons":[` + strings.Join(list, ",") + `]}}`)
	}
	return map[string]sendRule{
		"text":                {textBody("to", ana.Phone, "hi"), 200, 0},
		"4096 characters":     {textBody("to", ana.Phone, long), 200, 0},
		"4097 characters":     {textBody("to", ana.Phone, long+"ä"), 400, 100},
		"empty text":          {textBody("to", ana.Phone, ""), 400, 131008},
		"no text":             {wrap(`"type":"text"`), 400, 131008},
		"type defaults":       {wrap(`"text":{"body":"x"}`), 200, 0},
		"no product":          {`{"to":"4915112345678","text":{"body":"x"}}`, 400, 100},
		"no address":          {`{"messaging_product":"whatsapp","text":{"body":"x"}}`, 400, 131008},
		"not a number":        {textBody("to", "somebody", "x"), 400, 131009},
		"not a user id":       {textBody("recipient", "4915112345678", "x"), 400, 131009},
		"to itself":           {textBody("to", "15550001234", "x"), 400, 131021},
		"unknown type":        {wrap(`"type":"poll"`), 400, 100},
		"not JSON":            {`{"messaging_product":`, 400, 100},
		"opaque too long":     {wrap(`"text":{"body":"x"},"biz_opaque_callback_data":"` + strings.Repeat("o", 513) + `"`), 400, 100},
		"id and link":         {wrap(`"type":"image","image":{"id":"1","link":"https://x"}`), 400, 100},
		"audio with caption":  {wrap(`"type":"audio","audio":{"link":"https://x","caption":"c"}`), 400, 100},
		"image by link":       {wrap(`"type":"image","image":{"link":"https://x"}`), 200, 0},
		"three buttons":       {button("ok", 3), 200, 0},
		"four buttons":        {button("ok", 4), 400, 131009},
		"button of 21 chars":  {button(strings.Repeat("b", 20), 1), 400, 131009},
		"reaction":            {wrap(`"type":"reaction","reaction":{"message_id":"wamid.X","emoji":"👍"}`), 200, 0},
		"reaction to nothing": {wrap(`"type":"reaction","reaction":{"emoji":"👍"}`), 400, 131008},
		"group":               {wrap(`"recipient_type":"group","text":{"body":"x"}`), 400, 131020},
	}
}

func TestSendRules(t *testing.T) {
	b := newBench(t, Config{})
	for name, c := range sendRules() {
		t.Run(name, func(t *testing.T) {
			status, body := b.graph(http.MethodPost, messagesPath, c.body)
			code, _ := dig(t, body, "error", "code").(float64)
			if status != c.status || int(code) != c.code {
				t.Errorf("%d %v, want %d code %d", status, body, c.status, c.code)
			}
			if c.code != 0 && !strings.HasPrefix(dig(t, body, "error", "message").(string), fmt.Sprintf("(#%d) ", c.code)) {
				t.Errorf("message %v", dig(t, body, "error", "message"))
			}
		})
	}
}

func TestAddressing(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	both := User{Phone: "5215512345678", UserID: "MX.1"}
	b.wrote(both)
	b.wrote(hide)
	for name, c := range map[string]struct {
		body              string
		input, waID, user any
		reaches           User
	}{
		"number":      {textBody("to", "+49 (151) 1234-5678", "1"), "+49 (151) 1234-5678", "4915112345678", nil, ana},
		"wa_id of MX": {textBody("to", "525512345678", "2"), "525512345678", "5215512345678", nil, both},
		"user id":     {textBody("recipient", "PE.967744529547245", "3"), "PE.967744529547245", nil, "PE.967744529547245", hide},
		"both": {`{"messaging_product":"whatsapp","to":"4915112345678","recipient":"MX.1","text":{"body":"4"}}`,
			"4915112345678", "4915112345678", "MX.1", ana},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := b.graph(http.MethodPost, messagesPath, c.body)
			contact := dig(t, body, "contacts", 0)
			if status != 200 || dig(t, contact, "input") != c.input || dig(t, contact, "wa_id") != c.waID || dig(t, contact, "user_id") != c.user {
				t.Errorf("%d %v", status, body)
			}
			id, _ := dig(t, body, "messages", 0, "id").(string)
			for _, s := range b.Sent() {
				if s.WAMID == id && s.Reached() && s.User.same(c.reaches) {
					return
				}
			}
			t.Errorf("%s did not reach %v: %+v", id, c.reaches, b.Sent())
		})
	}
}

// TestUserIDInTo: Graph says 200 with a message id, and nobody ever hears of it.
func TestUserIDInTo(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(hide)
	status, body := b.graph(http.MethodPost, messagesPath, textBody("to", hide.UserID, "lost"))
	if status != 200 || dig(t, body, "messages", 0, "id") == nil || dig(t, body, "contacts", 0, "wa_id") != nil {
		t.Errorf("%d %v", status, body)
	}
	b.settle()
	if n := len(b.biz.all()); n != 0 {
		t.Errorf("%d statuses", n)
	}
	if s := b.Sent(); len(s) != 1 || !s[0].Dropped {
		t.Errorf("journal %+v", s)
	}
	if lines := b.Phone(hide).Reads(); len(lines) != 0 {
		t.Errorf("the customer reads %v", lines)
	}
}

func TestErrorBody(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{TestRecipients: []string{"491"}}})
	read := func(path, token string) (int, string) {
		resp, err := b.call(http.MethodPost, path, textBody("to", ana.Phone, "x"), token)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil || resp.Header.Get("Content-Type") != "application/json; charset=UTF-8" || resp.Header.Get("facebook-api-version") == "" {
			t.Errorf("%v %v", err, resp.Header)
		}
		body := string(raw)
		if at := strings.Index(body, `"fbtrace_id":"A`); at > 0 {
			body = body[:at] + body[at+len(`"fbtrace_id":"A`)+22:]
		}
		return resp.StatusCode, body
	}
	for _, c := range []struct {
		path, token string
		status      int
		body        string
	}{
		{messagesPath, "Bearer EAAtoken", 400, `{"error":{"message":"(#131030) Recipient phone number not in allowed list","type":"OAuthException","code":131030,"error_data":{"messaging_product":"whatsapp","details":"Recipient phone number not in allowed list: add it to the list and try again."},"}}`},
		{"/v25.0/999/messages", "Bearer EAAtoken", 400, `{"error":{"message":"Unsupported post request. Object with ID '999' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https:\/\/developers.facebook.com\/docs\/graph-api","type":"GraphMethodException","code":100,"error_subcode":33,"}}`},
		{messagesPath, "", 401, `{"error":{"message":"An access token is required to request this resource.","type":"OAuthException","code":190,"}}`},
		{messagesPath, "Bearer wrong", 401, `{"error":{"message":"Invalid OAuth access token - Cannot parse access token","type":"OAuthException","code":190,"}}`},
	} {
		if status, body := read(c.path, c.token); status != c.status || body != c.body {
			t.Errorf("%d %s\nwant %d %s", status, body, c.status, c.body)
		}
	}
	b.ExpireToken("EAAtoken")
	if status, body := read(messagesPath, "Bearer EAAtoken"); status != 401 || !strings.Contains(body, `"code":190,"error_subcode":463`) {
		t.Error(status, body)
	}
	b.SetAccessTokens("EAAnew")
	if status, _ := read("/3000000000000003/messages?access_token=EAAnew", ""); status != 400 { // 131030 again: authorised
		t.Error(status)
	}
	if n := len(b.Refused()); n != 6 {
		t.Errorf("%d refused calls in the journal", n)
	}
}

// markRead marks a message and returns the HTTP status and success or the code.
func (b *bench) markRead(id, more string) (int, any) {
	status, body := b.graph(http.MethodPost, messagesPath,
		`{"messaging_product":"whatsapp","status":"read","message_id":"`+id+`"`+more+`}`)
	if status == 200 {
		return status, body["success"]
	}
	return status, dig(b.t, body, "error", "code")
}

func TestMarkAndTyping(t *testing.T) {
	b := newBench(t, Config{})
	it := b.wrote(ana)
	mark := b.markRead
	const typing = `,"typing_indicator":{"type":"text"}`
	if status, ok := mark(it.ID, ""); status != 200 || ok != true || b.Typing(ana) {
		t.Error(status, ok)
	}
	if status, code := mark("wamid.unknown", typing); status != 400 || code != 131009.0 {
		t.Error(status, code)
	}
	if status, ok := mark(it.ID, typing); status != 200 || ok != true || !b.Typing(ana) {
		t.Error("not typing", status, ok)
	}
	b.advance(typingLife - 1)
	if !b.Typing(ana) {
		t.Error("typing went out early")
	}
	b.advance(1)
	if b.Typing(ana) {
		t.Error("typing after 25 s")
	}
	mark(it.ID, typing)
	b.sendText(ana.Phone, "done")
	if b.Typing(ana) {
		t.Error("typing after the answer")
	}
	if marks := b.Marks(); len(marks) != 3 || marks[0].Typing || !marks[1].Typing || !marks[1].User.same(ana) {
		t.Errorf("%+v", marks)
	}
	if lines := b.Conversation(ana); lines[0].Status != "read" {
		t.Errorf("%+v", lines)
	}
	b.advance(markAge)
	if status, code := mark(it.ID, ""); status != 400 || code != 131009.0 {
		t.Error("an old message was marked:", status, code)
	}
}
