package store

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"filippo.io/age"
)

// A backup is a zip of three entries, so that it can still be looked into when
// this program is gone. The manifest comes last: it holds the others' sums.
//
//	astromesh.db           the database, deflated
//	astromesh.db.age       or, for moving house: deflated, then sealed to the key
//	astromesh.key.age      the key, sealed with the passphrase (age's scrypt)
//	manifest.json
const (
	backupFormat  = 1
	entryDB       = FileName
	entrySealed   = FileName + ".age"
	entryKey      = keyFileName + ".age"
	entryManifest = "manifest.json"
)

// Manifest says what a backup holds.
type Manifest struct {
	Format    int       `json:"format"`
	Program   string    `json:"program"` // the version that made it
	Kind      string    `json:"kind"`
	MadeAt    time.Time `json:"made_at"`
	Schema    int       `json:"schema"`
	Bytes     int64     `json:"bytes"`      // of the database
	SHA256    string    `json:"sha256"`     // of the database, in hex
	KeyID     string    `json:"key_id"`     // which key opens the saved credentials; says nothing about it
	Sealed    bool      `json:"sealed"`     // with a passphrase, the key inside
	KeySHA256 string    `json:"key_sha256"` // of the sealed key, in hex
}

// id names a key without telling it.
func (s *sealer) id() string {
	sum := sha256.Sum256([]byte("which key " + s.identity.Recipient().String()))
	return hex.EncodeToString(sum[:8])
}

// packBackup writes a backup of a copied database and fills the manifest's sums.
func packBackup(ctx context.Context, file, db string, seal *sealer, passphrase string, p progress, m *Manifest) (err error) {
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := out.Chmod(0o600); err != nil && !errors.Is(err, errors.ErrUnsupported) { // one that was there keeps its mode otherwise
		return err
	}
	z := zip.NewWriter(out)
	sum := sha256.New()
	pack := func(w io.Writer) error { return packFile(ctx, w, db, sum, p, m) }
	if passphrase == "" {
		err = packPlain(z, pack)
	} else {
		m.Sealed = true
		err = packSealed(z, pack, seal, passphrase, m)
	}
	if err != nil {
		return err
	}
	m.SHA256 = hex.EncodeToString(sum.Sum(nil))
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := packEntry(z, entryManifest, func(w io.Writer) error { _, err := w.Write(append(text, '\n')); return err }); err != nil {
		return err
	}
	return errors.Join(z.Close(), out.Sync())
}

// packEntry adds one that is stored as it is given.
func packEntry(z *zip.Writer, name string, fill func(io.Writer) error) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return err
	}
	return fill(w)
}

func packPlain(z *zip.Writer, pack func(io.Writer) error) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: entryDB, Method: zip.Deflate})
	if err != nil {
		return err
	}
	return pack(w)
}

func packSealed(z *zip.Writer, pack func(io.Writer) error, seal *sealer, passphrase string, m *Manifest) error {
	err := packEntry(z, entrySealed, func(w io.Writer) error {
		sealed, err := age.Encrypt(w, seal.identity.Recipient())
		if err != nil {
			return err
		}
		small, err := flate.NewWriter(sealed, flate.DefaultCompression)
		if err != nil {
			return err
		}
		return errors.Join(pack(small), small.Close(), sealed.Close())
	})
	if err != nil {
		return err
	}
	return packEntry(z, entryKey, func(w io.Writer) error {
		by, err := age.NewScryptRecipient(passphrase)
		if err != nil {
			return err
		}
		keySum := sha256.New()
		sealed, err := age.Encrypt(io.MultiWriter(w, keySum), by)
		if err != nil {
			return err
		}
		_, err = io.WriteString(sealed, seal.identity.String()+"\n")
		err = errors.Join(err, sealed.Close())
		m.KeySHA256 = hex.EncodeToString(keySum.Sum(nil))
		return err
	})
}

func packFile(ctx context.Context, w io.Writer, db string, sum hash.Hash, p progress, m *Manifest) error {
	in, err := os.Open(db)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	if m.Bytes, err = io.Copy(io.MultiWriter(w, sum), &counted{ctx: ctx, from: in, p: p, step: 1}); err != nil {
		return fmt.Errorf("pack the database: %w", err)
	}
	return nil
}

// verifyBackup reads a file back as it lies on the disk. What is sealed is read
// as it is: the zip's own sums stand for it.
func verifyBackup(file string, m Manifest) error {
	b, err := OpenBackup(file)
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }() // it was only read
	if b.Manifest != m {
		return fmt.Errorf("%w: what was written could not be read back", ErrBackupBroken)
	}
	return b.check()
}
