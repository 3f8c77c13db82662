package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAccountCalls(t *testing.T) {
	b := newBench(t, Config{MoreNumbers: []Number{{ID: "4000000000000004", Display: "493012345678", Name: "Zwei"}}})
	b.ExpireToken("EAAold")
	for name, c := range map[string]struct {
		method, path string
		status       int
		want         string
	}{
		"number":         {"GET", "/v25.0/3000000000000003", 200, `{"display_phone_number":"+1 555-000-1234","id":"3000000000000003","quality_rating":"GREEN","verified_name":"Emulated Business"}`},
		"fields":         {"GET", "/3000000000000003?fields=throughput,status,nothing", 200, `{"id":"3000000000000003","status":"CONNECTED","throughput":{"level":"STANDARD"}}`},
		"numbers":        {"GET", "/v25.0/2000000000000002/phone_numbers", 200, `{"data":[{"display_phone_number":"+1 555-000-1234","id":"3000000000000003","quality_rating":"GREEN","verified_name":"Emulated Business"},{"display_phone_number":"+493012345678","id":"4000000000000004","quality_rating":"GREEN","verified_name":"Zwei"}],"paging":{"cursors":{"after":"QVFIUB","before":"QVFIUA"}}}`},
		"token":          {"GET", "/debug_token?input_token=EAAtoken", 200, `{"data":{"app_id":"1000000000000001","application":"Emulated App","data_access_expires_at":0,"expires_at":0,"granular_scopes":[{"scope":"whatsapp_business_management","target_ids":["2000000000000002"]},{"scope":"whatsapp_business_messaging","target_ids":["2000000000000002"]}],"is_valid":true,"issued_at":1700000000,"scopes":["whatsapp_business_management","whatsapp_business_messaging"],"type":"SYSTEM_USER","user_id":"100000000000001"}}`},
		"expired token":  {"GET", "/debug_token?input_token=EAAold", 200, `{"data":{"error":{"code":190,"message":"Error validating access token: Session has expired.","subcode":463},"is_valid":false,"scopes":[]}}`},
		"subscribed":     {"GET", "/v25.0/2000000000000002/subscribed_apps", 200, `{"data":[{"whatsapp_business_api_data":{"id":"1000000000000001","link":"https://www.facebook.com/games/?app_id=1000000000000001","name":"Emulated App"}}]}`},
		"foreign number": {"GET", "/v25.0/555", 400, ""},
		"no such edge":   {"GET", "/v25.0/3000000000000003/nothing", 400, ""},
		"system token":   {"POST", "/v25.0/1000000000000001/subscriptions", 400, ""},
		"too deep":       {"GET", "/v25.0/1/2/3", 400, ""},
		"nothing":        {"GET", "/", 400, ""},
		"only a version": {"GET", "/v25.0", 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := b.graph(c.method, c.path, "")
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.NewReplacer(`\u0026`, "&").Replace(string(raw))
			if status != c.status || c.want != "" && got != c.want {
				t.Errorf("%d %s\nwant %d %s", status, got, c.status, c.want)
			}
		})
	}
}

// asApp makes a call with the app's own token.
func (b *bench) asApp(method, path string) (int, string) {
	b.t.Helper()
	resp, err := b.call(method, path, "", "Bearer 1000000000000001|s3cret")
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw)
}

func TestSubscriptions(t *testing.T) {
	b := newBench(t, Config{NotSubscribed: true, CallbackURL: "https://old.test/"})
	const path = "/v25.0/1000000000000001/subscriptions"
	app := func(method, query string) (int, string) { return b.asApp(method, path+query) }
	const good = "?object=whatsapp_business_account&callback_url=https://new.test/hook&verify_token=t&fields=messages"
	if status, body := app("POST", good); status != 200 || body != `{"success":true}` {
		t.Error(status, body)
	}
	if status, body := b.graph("POST", path+good, ""); status != 400 || dig(t, body, "error", "code") != 15.0 {
		t.Error("a system token was taken:", status, body)
	}
	if status, body := app("GET", ""); status != 200 || body != `{"data":[{"object":"whatsapp_business_account","callback_url":"https:\/\/new.test\/hook","active":true,"fields":[{"name":"messages","version":"v25.0"}]}]}` {
		t.Error(status, body)
	}
	if _, err := b.Post(b.ctx, b.Text(ana, "x")); err == nil {
		t.Error("a webhook came without subscribed_apps")
	}
	joinApp(b, app, good)
}

// joinApp goes through subscribed_apps once the field is subscribed.
func joinApp(b *bench, app func(method, query string) (int, string), good string) {
	t := b.t
	t.Helper()
	const apps = "/v25.0/2000000000000002/subscribed_apps"
	if status, body := b.graph("POST", apps, ""); status != 200 || body["success"] != true {
		t.Error(status, body)
	}
	if _, err := b.Post(b.ctx, b.Text(ana, "x")); err != nil {
		t.Error(err)
	}
	if _, err := b.Post(b.ctx, b.Echo(ana, "x")); err == nil {
		t.Error("a field that is not subscribed came")
	}
	if status, _ := b.graph("POST", apps, `{"override_callback_uri":"https://over.test/","verify_token":"t"}`); status != 200 {
		t.Error(status)
	}
	if url, _ := b.target(); url != "https://over.test/" {
		t.Error("override:", url)
	}
	b.SetCallbackHandler(http.NotFoundHandler())
	if status, body := app("POST", good); status != 400 || !strings.Contains(body, `"code":2200`) {
		t.Error("an unverified callback was taken:", status, body)
	}
	if status, _ := b.graph("DELETE", apps, ""); status != 200 {
		t.Error(status)
	}
	if _, err := b.Post(b.ctx, b.Text(ana, "x")); err == nil {
		t.Error("a webhook came after unsubscribing")
	}
	if status, body := app("DELETE", "?object=whatsapp_business_account"); status != 200 {
		t.Error(status, body)
	}
	if _, body := app("GET", ""); body != `{"data":[]}` {
		t.Error(body)
	}
}
