package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"astromesh/store"
	"astromesh/web/form"

	"github.com/alexedwards/argon2id"
	"golang.org/x/term"
)

type passwordCmd struct {
	Who  string `arg:"" optional:"" help:"Whose password; the same as --name." placeholder:"NAME"`
	Name string `help:"Whose password. May be left out while there is one operator; makes the first owner while there is none." placeholder:"NAME"`
}

// passwordSaid are the terminal's words for what is wrong with a password.
var passwordSaid = map[string]string{
	"password.empty":      "no password was typed",
	"password.short":      "that is too short: a password has at least 10 characters",
	"password.long":       "that is longer than 200 characters",
	"password.plain":      "that is the same few characters over and over, which is guessed at once",
	"password.like_name":  "that is nearly the name, which is guessed first",
	"password.name_empty": "a name is needed: --name NAME",
	"password.name_odd":   "a name has up to 60 characters on one line",
}

// Run sets an operator's password and signs them out everywhere. It works while
// the program runs: who has forgotten the password need not leave customers
// waiting, and the write is one row that a running program reads anew anyway.
func (p passwordCmd) Run(c *command) error {
	p.Name = orElse(p.Name, p.Who)
	st, err := store.OpenBeside(c.dataDir())
	if errors.Is(err, store.ErrNotFound) {
		st, err = store.Open(c.dataDir(), store.Options{}) // before the first start
	}
	if err != nil {
		return err
	}
	err = p.set(c, st)
	if closed := st.Close(); err == nil && closed != nil {
		return fmt.Errorf("close store: %w", closed)
	}
	return err
}

func (p passwordCmd) set(c *command, st *store.Store) error {
	u, err := p.who(c.ctx, st)
	if err != nil {
		return err
	}
	password, err := readPassword(c, u.Name)
	if err != nil {
		return err
	}
	f := form.Account{Name: u.Name, Password: password}
	if !f.Validate() {
		for _, key := range f.Errors {
			return errors.New(passwordSaid[key])
		}
	}
	hash, err := argon2id.CreateHash(password, argon2id.DefaultParams)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	if u.ID == 0 {
		u.PasswordHash = hash
		u, err = st.FirstOwner(u)
	} else {
		err = st.SetPassword(u.ID, hash)
	}
	if err != nil {
		return fmt.Errorf("the password could not be saved: %w", err)
	}
	if err := st.Audit("terminal", "password set", u.Name, ""); err != nil {
		return fmt.Errorf("the change could not be recorded: %w", err)
	}
	_, err = fmt.Fprintf(c.stdout, "The password of %s is set. Sign in with it at the dashboard; older sessions have ended.\n", u.Name)
	return err
}

// who finds the operator; one without an id is to be made.
func (p passwordCmd) who(ctx context.Context, st *store.Store) (store.User, error) {
	users, err := st.Users(ctx)
	if err != nil {
		return store.User{}, fmt.Errorf("the operators cannot be read: %w", err)
	}
	if len(users) == 0 {
		return store.User{Name: orElse(strings.TrimSpace(p.Name), "owner")}, nil
	}
	var names []string
	for _, u := range users {
		if strings.EqualFold(u.Name, strings.TrimSpace(p.Name)) || p.Name == "" && len(users) == 1 {
			return u, nil
		}
		names = append(names, u.Name)
	}
	if p.Name == "" {
		return store.User{}, fmt.Errorf("say whose password, with the name at the end of the command: %s", strings.Join(names, ", "))
	}
	return store.User{}, fmt.Errorf("there is no operator named %q: there is %s", p.Name, strings.Join(names, ", "))
}

// readPassword asks twice on a terminal, without showing what is typed; from a
// pipe it takes one line.
func readPassword(c *command, name string) (string, error) {
	in, isFile := c.stdin.(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(c.stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("the password cannot be read: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, question := range []string{fmt.Sprintf("New password for %s (at least %d characters): ", name, form.ShortestPassword), "Once more: "} {
		_, _ = fmt.Fprint(c.stderr, question) // a closed terminal shows in the reading
		b, err := term.ReadPassword(int(in.Fd()))
		_, _ = fmt.Fprintln(c.stderr) // as above
		if err != nil {
			return "", fmt.Errorf("the password cannot be read: %w", err)
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two are not the same: nothing was changed, try again")
	}
	return typed[0], nil
}
