package store

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Whatever the bytes are, reading ends with an error or with what the manifest says.
func FuzzReadBackup(f *testing.F) {
	dir := f.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	seal, err := openSealer(filepath.Join(dir, keyFileName))
	if err != nil {
		f.Fatal(err)
	}
	small := filepath.Join(dir, "small") // the fuzzer changes little files faster
	if err := os.WriteFile(small, []byte("SQLite format 3\x00 and so on"), 0o600); err != nil {
		f.Fatal(err)
	}
	for _, passphrase := range []string{"", "p"} {
		m := Manifest{Format: backupFormat, Schema: 1}
		file := filepath.Join(dir, "x"+passphrase)
		if err := packBackup(f.Context(), file, small, seal, passphrase, progress{}, &m); err != nil {
			f.Fatal(err)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := readBackup(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		_ = file.check() // it must come back, whatever it says
		if file.Manifest.Sealed {
			_, _ = file.sealedKey() // as above
			_ = file.database(io.Discard, seal.identity)
			return
		}
		var out bytes.Buffer
		if err := file.database(&out, nil); err == nil && int64(out.Len()) != file.Manifest.Bytes {
			t.Errorf("%d bytes, the manifest says %d", out.Len(), file.Manifest.Bytes)
		}
	})
}
