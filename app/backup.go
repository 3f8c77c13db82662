package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"astromesh/store"

	"golang.org/x/term"
)

// passphraseVariable gives the passphrase to backup and restore where nobody
// sits at a terminal.
const passphraseVariable = "ASTROMESH_BACKUP_PASSPHRASE"

// passphraseFlag is shared by both commands. A passphrase is never an argument:
// the list of processes shows those to everybody.
type passphraseFlag struct {
	PassphraseFile string `help:"File that holds the passphrase in its first line; - is standard input. Also: ASTROMESH_BACKUP_PASSPHRASE." placeholder:"FILE"`
}

type backupCmd struct {
	passphraseFlag
	File string `arg:"" help:"Where the backup goes."`
}

// Run writes a backup, also beside a program that runs on the same data folder.
func (b backupCmd) Run(c *command) error {
	passphrase, err := b.passphrase(c, "Passphrase, to move to another computer (empty: the credentials stay sealed to this one): ", true)
	if err != nil {
		return err
	}
	m, err := store.Backup(c.ctx, c.dataDir(), b.File, store.BackupOptions{Passphrase: passphrase, Program: Version()})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("there is nothing to back up in %s yet: name the folder with --data-dir if it is another", c.dataDir())
	case err != nil:
		return err
	case m.Sealed:
		_, err = fmt.Fprintf(c.stdout, "The backup is in %s. It holds everything, and opens with the passphrase alone: keep the two apart.\n", b.File)
	default:
		_, err = fmt.Fprintf(c.stdout, "The backup is in %s. Without a passphrase it is not encrypted, and holds the saved credentials sealed to this computer's key: on another one they must be entered again.\n", b.File)
	}
	return err
}

// passphrase comes from the flag, the variable or a terminal, which asks twice
// where it is a new one. "" where none is given.
func (f passphraseFlag) passphrase(c *command, question string, twice bool) (string, error) {
	switch {
	case f.PassphraseFile == "-":
		return firstLine(c.stdin)
	case f.PassphraseFile != "":
		file, err := os.Open(f.PassphraseFile)
		if err != nil {
			return "", fmt.Errorf("the file of the passphrase cannot be read: %w", err)
		}
		defer func() { _ = file.Close() }() // it was only read
		return firstLine(file)
	}
	if given := c.variable(passphraseVariable, ""); given != "" {
		return given, nil
	}
	in, isFile := c.stdin.(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) {
		return "", nil
	}
	typed, err := ask(c, in, question)
	if err != nil || typed == "" || !twice {
		return typed, err
	}
	again, err := ask(c, in, "Once more: ")
	if err == nil && typed != again {
		err = errors.New("the two are not the same: no backup was made, try again")
	}
	return typed, err
}

func ask(c *command, terminal *os.File, question string) (string, error) {
	_, _ = fmt.Fprint(c.stderr, question) // a closed terminal shows in the reading
	b, err := term.ReadPassword(int(terminal.Fd()))
	_, _ = fmt.Fprintln(c.stderr) // as above
	if err != nil {
		return "", fmt.Errorf("the passphrase cannot be read: %w", err)
	}
	return string(b), nil
}

// firstLine reads a passphrase from a file; an empty one is a mistake there.
func firstLine(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, 4096))
	if err != nil {
		return "", fmt.Errorf("the passphrase cannot be read: %w", err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimRight(line, "\r"); line == "" {
		return "", errors.New("the file of the passphrase is empty: put the passphrase into its first line")
	}
	return line, nil
}
