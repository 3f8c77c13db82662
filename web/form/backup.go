package form

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// mostBackups is three months of nights.
	mostBackups = 90
	// ShortestPassphrase is for a file that anybody may try at leisure, unlike a
	// login, which is slowed down.
	ShortestPassphrase = 12
	longestPassphrase  = 200
)

// Backups is how many nightly backups are kept, as typed.
type Backups struct {
	Keep   string
	Errors Errors
}

// BindBackups reads the form.
func BindBackups(v url.Values) Backups { return Backups{Keep: strings.TrimSpace(first(v, "keep"))} }

// Validate gives the number; 0 makes none. ok is false where Errors say what is wrong.
func (f *Backups) Validate() (keep int, ok bool) {
	f.Errors = Errors{}
	keep, err := strconv.Atoi(f.Keep)
	if err != nil || keep < 0 || keep > mostBackups {
		f.Errors.add("keep", "backup.keep_odd")
	}
	return keep, len(f.Errors) == 0
}

// Moving asks for a backup that opens with a passphrase.
type Moving struct {
	Passphrase string
	Errors     Errors
}

// BindMoving reads the form. White space at the ends is a slip of copying.
func BindMoving(v url.Values) Moving {
	return Moving{Passphrase: strings.TrimSpace(first(v, "passphrase"))}
}

// Validate fills Errors and says whether there are none.
func (f *Moving) Validate() bool {
	f.Errors = Errors{}
	switch n := utf8.RuneCountInString(f.Passphrase); {
	case n < ShortestPassphrase:
		f.Errors.add("passphrase", "backup.passphrase_short")
	case n > longestPassphrase:
		f.Errors.add("passphrase", "backup.passphrase_long")
	}
	return len(f.Errors) == 0
}

// Restore is a file to restore, with what it needs; the file itself is on disk.
type Restore struct {
	Token      string // of the first run; "" for an owner who is signed in
	Passphrase string
	Given      bool // a file came
	Errors     Errors
}

// Validate fills Errors and says whether there are none.
func (f *Restore) Validate() bool {
	f.Errors = Errors{}
	if !f.Given {
		f.Errors.add("file", "backup.file_none")
	}
	return len(f.Errors) == 0
}

// Refuse notes what was wrong with the file or the passphrase.
func (f *Restore) Refuse(field, key string) {
	f.Errors = Errors{}
	f.Errors.add(field, key)
}
