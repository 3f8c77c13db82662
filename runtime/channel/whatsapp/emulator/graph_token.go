package emulator

import (
	"net/http"
	"strings"
)

type tokenState int

const (
	tokenUnknown tokenState = iota
	tokenValid
	tokenExpired
)

// SetAccessTokens makes exactly these tokens valid.
func (e *Emulator) SetAccessTokens(tokens ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tokens = map[string]tokenState{}
	for _, t := range tokens {
		e.tokens[t] = tokenValid
	}
}

// ExpireToken makes calls with the token fail with 190, subcode 463.
func (e *Emulator) ExpireToken(token string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tokens[token] = tokenExpired
}

// bearer is the token of a call, from the header or the access_token parameter.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") && token != "" {
		return token
	}
	return r.URL.Query().Get("access_token")
}

func (e *Emulator) tokenState(token string) tokenState {
	e.mu.Lock()
	defer e.mu.Unlock()
	if token == e.appToken() {
		return tokenValid
	}
	return e.tokens[token]
}

func (e *Emulator) appToken() string { return e.cfg.AppID + "|" + e.cfg.AppSecret }

// authorize returns the refusal of a call without a valid token. Graph writes
// these messages without the (#code) prefix.
func (e *Emulator) authorize(r *http.Request) *graphError {
	token := bearer(r)
	ge := graphError{http: http.StatusUnauthorized, code: 190, plain: true}
	switch {
	case token == "":
		ge.message = "An access token is required to request this resource."
	case e.tokenState(token) == tokenValid:
		return nil
	case e.tokenState(token) == tokenExpired:
		ge.subcode = 463
		ge.message = "Error validating access token: Session has expired."
	default:
		ge.message = "Invalid OAuth access token - Cannot parse access token"
	}
	return &ge
}

// debugToken describes input_token; a bad one is still answered with 200. Like
// every read, it also takes its parameters from the form of a POST that says
// method=get.
func (e *Emulator) debugToken(q *request) {
	given := parameters(q.r)
	if q.r.Method != http.MethodGet && !strings.EqualFold(given.Get("method"), http.MethodGet) {
		e.refuse(q, noObject(q))
		return
	}
	if refusal := e.authorize(q.r); refusal != nil {
		e.refuse(q, *refusal)
		return
	}
	input := given.Get("input_token")
	state := e.tokenState(input)
	data := object{}.with("app_id", e.cfg.AppID).with("type", "SYSTEM_USER").
		with("application", "Emulated App").with("data_access_expires_at", 0).
		with("expires_at", 0).with("is_valid", state == tokenValid).with("issued_at", 1700000000)
	if state != tokenValid {
		subcode, message := 0, "Invalid OAuth access token"
		if state == tokenExpired {
			subcode, message = 463, "Error validating access token: Session has expired."
		}
		failure := object{}.with("code", 190).with("message", message).with("subcode", subcode)
		data = object{}.with("error", failure).with("is_valid", false).with("scopes", []string{})
		e.answer(q, http.StatusOK, object{}.with("data", data))
		return
	}
	scopes := []string{"whatsapp_business_management", "whatsapp_business_messaging"}
	granular := []object{}
	for _, s := range scopes {
		granular = append(granular, object{}.with("scope", s).with("target_ids", []string{e.cfg.WABAID}))
	}
	e.answer(q, http.StatusOK, object{}.with("data", data.with("scopes", scopes).
		with("granular_scopes", granular).with("user_id", "100000000000001")))
}
