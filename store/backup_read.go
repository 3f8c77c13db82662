package store

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// What may be wrong with a backup; each is a sentence.
var (
	ErrNotBackup       = errors.New("this file is not an Astromesh backup")
	ErrBackupBroken    = errors.New("the backup is not whole: copy or download it once more, or take another one")
	ErrBackupNewer     = errors.New("the backup was made by a newer program: install that version here first")
	ErrNeedsPassphrase = errors.New("this backup is sealed: the passphrase is needed that was given when it was made")
	ErrWrongPassphrase = errors.New("that is not the passphrase of this backup")
)

const (
	mostManifest = 64 << 10
	mostKey      = 16 << 10
	// mostWork bounds the memory that a stranger's file may ask scrypt for: 256 MB
	// times 4. Ours ask for 256 MB.
	mostWork = 20
)

// BackupFile is an open backup. What it says of itself was not believed, only
// read: Unpack compares it.
type BackupFile struct {
	Manifest Manifest

	file *os.File // nil where the bytes came from elsewhere
	zip  *zip.Reader
}

// OpenBackup opens a file and reads its manifest. The errors are sentences.
func OpenBackup(path string) (*BackupFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the backup %s cannot be read: %w", path, pathless(err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotBackup
	}
	var b *BackupFile
	if err == nil {
		b, err = readBackup(f, info.Size())
	}
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	b.file = f
	return b, nil
}

// Close closes the file.
func (b *BackupFile) Close() error {
	if b.file == nil {
		return nil
	}
	return b.file.Close()
}

func readBackup(r io.ReaderAt, size int64) (*BackupFile, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		if startsLikeBackup(r) {
			return nil, ErrBackupBroken
		}
		return nil, ErrNotBackup
	}
	b := &BackupFile{zip: z}
	text, err := b.small(entryManifest, mostManifest)
	if errors.Is(err, errNoEntry) {
		return nil, ErrNotBackup
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &b.Manifest); err != nil || b.Manifest.Format < 1 {
		return nil, ErrNotBackup
	}
	if b.Manifest.Format > backupFormat {
		return nil, ErrBackupNewer
	}
	list, err := migrations()
	if err != nil {
		return nil, err
	}
	if b.Manifest.Schema > len(list) {
		return nil, ErrBackupNewer
	}
	return b, nil
}

// startsLikeBackup tells one that was cut off, whose directory at the end is
// missing, from any other file.
func startsLikeBackup(r io.ReaderAt) bool {
	head := make([]byte, 64)
	n, _ := r.ReadAt(head, 0) // a short file is a short head
	head = head[:n]
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) && bytes.Contains(head, []byte(entryDB))
}

var errNoEntry = errors.New("no such entry")

func (b *BackupFile) entry(name string) (*zip.File, error) {
	for _, f := range b.zip.File {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, errNoEntry
}

// small reads an entry of a few bytes.
func (b *BackupFile) small(name string, most int64) ([]byte, error) {
	f, err := b.entry(name)
	if err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, ErrBackupBroken
	}
	defer func() { _ = r.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil || int64(len(text)) > most {
		return nil, ErrBackupBroken
	}
	return text, nil
}

// check reads everything that can be read without the passphrase.
func (b *BackupFile) check() error {
	if !b.Manifest.Sealed {
		return b.database(io.Discard, nil)
	}
	f, err := b.entry(entrySealed)
	if err != nil {
		return ErrBackupBroken
	}
	r, err := f.Open()
	if err != nil {
		return ErrBackupBroken
	}
	_, err = io.Copy(io.Discard, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return ErrBackupBroken
	}
	_, err = b.sealedKey()
	return err
}

func (b *BackupFile) sealedKey() ([]byte, error) {
	blob, err := b.small(entryKey, mostKey)
	if err != nil {
		return nil, ErrBackupBroken
	}
	if sum := sha256.Sum256(blob); hex.EncodeToString(sum[:]) != b.Manifest.KeySHA256 {
		return nil, ErrBackupBroken
	}
	return blob, nil
}

// key opens the key with the passphrase; nil for a backup that holds none.
func (b *BackupFile) key(passphrase string) (*age.X25519Identity, error) {
	if !b.Manifest.Sealed {
		return nil, nil
	}
	if passphrase == "" {
		return nil, ErrNeedsPassphrase
	}
	blob, err := b.sealedKey()
	if err != nil {
		return nil, err
	}
	by, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, ErrWrongPassphrase
	}
	by.SetMaxWorkFactor(mostWork)
	r, err := age.Decrypt(bytes.NewReader(blob), by)
	if err != nil { // the bytes are those that were written: the sum said so
		return nil, ErrWrongPassphrase
	}
	text, err := io.ReadAll(io.LimitReader(r, mostKey))
	if err != nil {
		return nil, ErrBackupBroken
	}
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, ErrBackupBroken
	}
	return identity, nil
}

// database writes the database out and compares its size and sum with the
// manifest. It writes no more than the manifest says.
func (b *BackupFile) database(to io.Writer, key *age.X25519Identity) error {
	name := entryDB
	if b.Manifest.Sealed {
		name = entrySealed
	}
	f, err := b.entry(name)
	if err != nil {
		return ErrBackupBroken
	}
	packed, err := f.Open()
	if err != nil {
		return ErrBackupBroken
	}
	defer func() { _ = packed.Close() }() // it was only read
	var r io.Reader = packed
	if b.Manifest.Sealed {
		opened, err := age.Decrypt(packed, key)
		if err != nil {
			return ErrBackupBroken
		}
		r = flate.NewReader(opened)
	}
	sum := sha256.New()
	out := &failingWriter{to: io.MultiWriter(sum, to)}
	n, err := io.Copy(out, io.LimitReader(r, b.Manifest.Bytes+1))
	switch {
	case out.err != nil: // the disk's fault, not the backup's
		return cause(out.err)
	case err != nil, n != b.Manifest.Bytes, hex.EncodeToString(sum.Sum(nil)) != b.Manifest.SHA256:
		return ErrBackupBroken
	default:
		return nil
	}
}

// failingWriter remembers that it was the writing that failed.
type failingWriter struct {
	to  io.Writer
	err error
}

func (w *failingWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if err != nil {
		w.err = err
	}
	return n, err
}
