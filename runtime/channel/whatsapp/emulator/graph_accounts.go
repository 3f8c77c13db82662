package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// phoneNumber answers GET /{phone_number_id}, with the fields asked for.
func (e *Emulator) phoneNumber(q *request) {
	n := e.number(q.object)
	all := e.numberObject(n.Number).
		with("status", "CONNECTED").with("name_status", "APPROVED").with("account_mode", "LIVE").
		with("code_verification_status", "VERIFIED").with("platform_type", "CLOUD_API").
		with("throughput", object{}.with("level", "STANDARD")).
		with("webhook_configuration", object{}.with("application", e.applicationURL())).
		with("whatsapp_business_manager_messaging_limit", "TIER_250")
	want := q.r.URL.Query().Get("fields")
	if want == "" {
		want = "verified_name,display_phone_number,quality_rating"
	}
	fields := strings.Split(want, ",")
	answer := object{}
	for _, m := range all {
		if m.key != "id" && slices.Contains(fields, m.key) {
			answer = append(answer, m)
		}
	}
	e.answer(q, http.StatusOK, answer.with("id", n.ID))
}

func (e *Emulator) applicationURL() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.callback
}

// numberObject is a number as account calls list it: formatted, unlike in
// webhooks.
func (e *Emulator) numberObject(n Number) object {
	return object{}.with("verified_name", n.Name).with("display_phone_number", formatted(n.Display)).
		with("quality_rating", "GREEN").with("id", n.ID)
}

// formatted writes a number as "+1 555-000-1234" if it is North American, else
// with a plus in front.
func formatted(digits string) string {
	if len(digits) != 11 || digits[0] != '1' {
		return "+" + digits
	}
	return "+1 " + digits[1:4] + "-" + digits[4:7] + "-" + digits[7:]
}

// phoneNumbers answers GET /{waba_id}/phone_numbers.
func (e *Emulator) phoneNumbers(q *request) {
	e.mu.Lock()
	ids := make([]string, 0, len(e.numbers))
	for id := range e.numbers {
		ids = append(ids, id)
	}
	e.mu.Unlock()
	slices.Sort(ids)
	data := make([]object, 0, len(ids))
	for _, id := range ids {
		data = append(data, e.numberObject(e.number(id).Number))
	}
	cursors := object{}.with("before", "QVFIUA").with("after", "QVFIUB")
	e.answer(q, http.StatusOK, object{}.with("data", data).with("paging", object{}.with("cursors", cursors)))
}
