package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"filippo.io/age"
)

// keyFileName lies beside the database and never in it: a copy of the database
// alone gives no secret away.
const keyFileName = "astromesh.key"

// sealer encrypts the secrets that are kept in the database (age, X25519).
type sealer struct {
	identity *age.X25519Identity

	once sync.Once
	ids  [sha256.Size]byte
}

// idKey is the key of message ids' hashes. It is made once: every webhook asks.
func (s *sealer) idKey() [sha256.Size]byte {
	s.once.Do(func() { s.ids = sha256.Sum256([]byte("ids of erased messages " + s.identity.String())) })
	return s.ids
}

// openSealer reads the key file, or makes one (0600).
func openSealer(path string) (*sealer, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createSealer(path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key file %s cannot be read: %w", path, cause(err))
	}
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("the key file %s is damaged: put back the one from your backup. Without it the saved credentials cannot be read and must be entered again", path)
	}
	return &sealer{identity: identity}, nil
}

func createSealer(path string) (*sealer, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	// Written aside and renamed: a half-written key would lock everything out.
	if err := writeThrough(path+".new", identity.String()+"\n"); err != nil {
		return nil, fmt.Errorf("the key file %s cannot be written: %w", path, cause(err))
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, fmt.Errorf("the key file %s cannot be written: %w", path, cause(err))
	}
	return &sealer{identity: identity}, nil
}

// writeThrough writes a file of its owner's alone that is on disk when it returns.
func writeThrough(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func (s *sealer) seal(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, s.identity.Recipient())
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

func (s *sealer) open(sealed []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), s.identity)
	if err != nil {
		return nil, fmt.Errorf("open a sealed setting: %w", err)
	}
	return io.ReadAll(r)
}
