package app

import (
	"bytes"
	"strings"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"

	"github.com/alexedwards/argon2id"
)

// password runs the command and gives its exit code and what it said.
func password(t *testing.T, dir, input string, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	c := &command{ctx: t.Context(), stdin: strings.NewReader(input), stdout: &out, stderr: &out, env: func(string) (string, bool) { return "", false }}
	code = run(c, append([]string{"password", "--data-dir", dir}, args...))
	return code, out.String()
}

func matches(t *testing.T, dir, name, password string) bool {
	t.Helper()
	st, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	u, err := st.UserByName(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	ok, err := argon2id.ComparePasswordAndHash(password, u.PasswordHash)
	return ok && err == nil
}

func TestPasswordBeforeTheFirstStart(t *testing.T) {
	dir := t.TempDir()
	if code, said := password(t, dir, "too short\n"); code != 1 || !strings.Contains(said, "at least 10") {
		t.Errorf("short: %d %s", code, said)
	}
	if code, said := password(t, dir, "carrots and peas\r\n", "--name", "Ana"); code != 0 || !strings.Contains(said, "Ana") || strings.Contains(said, "carrots") {
		t.Errorf("%d %s", code, said)
	}
	if !matches(t, dir, "Ana", "carrots and peas") {
		t.Error("it is another password")
	}
}

func TestPasswordWhileItRuns(t *testing.T) {
	dir := t.TempDir()
	st := storetest.Open(t, dir, nil)
	for _, u := range []store.User{{Name: "Ana", Role: store.RoleOwner}, {Name: "Ben", Role: store.RoleStaff}} {
		if _, err := st.CreateUser(u); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		input string
		args  []string
		code  int
		says  string
	}{
		"whose":            {"carrots and peas", nil, 1, "Ana, Ben"},
		"nobody":           {"carrots and peas", []string{"--name", "Carla"}, 1, `no operator named "Carla"`},
		"without the flag": {"carrots and peas", []string{"Carla"}, 1, `no operator named "Carla"`},
		"nothing":          {"", []string{"--name", "ana"}, 1, "no password was typed"},
		"well":             {"carrots and peas", []string{"--name", "ana"}, 0, "password of Ana"},
	} {
		if code, said := password(t, dir, c.input, c.args...); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: %d %s", name, code, said)
		}
	}
	if !matches(t, dir, "Ana", "carrots and peas") {
		t.Error("it is another password")
	}
	if list, err := st.Audits(t.Context(), 0, 10); err != nil || len(list) != 1 || list[0].Target != "Ana" {
		t.Errorf("audit: %v, %v", list, err)
	}
}
