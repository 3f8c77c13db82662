package form

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	// ShortestPassword is in characters. Ten that somebody chose hold out against
	// guessing over the network by far; longer ones end up on a note.
	ShortestPassword = 10
	// longestPassword keeps the hash from being fed a book.
	longestPassword = 200
	longestName     = 60
)

// passwordProblem is the key of what is wrong with a new password, or "".
func passwordProblem(password, name string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case password == "":
		return "password.empty"
	case n < ShortestPassword:
		return "password.short"
	case n > longestPassword:
		return "password.long"
	case len(distinct(password)) < 4:
		return "password.plain"
	case name != "" && strings.Contains(strings.ToLower(password), strings.ToLower(name)) && n < utf8.RuneCountInString(name)+6:
		return "password.like_name"
	default:
		return ""
	}
}

func distinct(s string) map[rune]bool {
	set := map[rune]bool{}
	for _, r := range s {
		set[r] = true
	}
	return set
}

// nameProblem is the key of what is wrong with an operator's name, or "".
func nameProblem(name string) string {
	switch {
	case name == "":
		return "password.name_empty"
	case utf8.RuneCountInString(name) > longestName, strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }), !utf8.ValidString(name):
		return "password.name_odd"
	default:
		return ""
	}
}

// Account is a new operator's name and password.
type Account struct {
	Name     string
	Password string
	Role     string // owner or staff; the first operator is an owner whatever it says
	Language string
	Token    string // of the setup link
	Errors   Errors
}

// BindAccount reads the form.
func BindAccount(v url.Values) Account {
	return Account{
		Name: strings.TrimSpace(first(v, "name")), Password: first(v, "password"),
		Role: first(v, "role"), Language: first(v, "language"), Token: first(v, "token"),
	}
}

// Validate fills Errors and says whether there are none.
func (f *Account) Validate() bool {
	f.Errors = Errors{}
	f.Errors.add("name", nameProblem(f.Name))
	f.Errors.add("password", passwordProblem(f.Password, f.Name))
	return len(f.Errors) == 0
}

// NewPassword is an operator's own change of password, or an owner's for
// somebody else, who then need not know the old one.
type NewPassword struct {
	Old, New string
	Name     string // whose
	ID       int64  // whose; 0 = one's own
	Errors   Errors
}

// BindNewPassword reads the form.
func BindNewPassword(v url.Values) NewPassword {
	return NewPassword{Old: first(v, "old"), New: first(v, "password")}
}

// Validate fills Errors and says whether there are none.
func (f *NewPassword) Validate() bool {
	f.Errors = Errors{}
	if f.ID == 0 && f.Old == "" {
		f.Errors.add("old", "password.old_empty")
	}
	f.Errors.add("password", passwordProblem(f.New, f.Name))
	return len(f.Errors) == 0
}
