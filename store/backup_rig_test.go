package store

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// PackAnything makes a backup of any database file, with right sums and other
// words in its manifest, for tests of what Restore refuses.
func PackAnything(file, db string, words func(manifest string) string) error {
	seal, err := lookSealer(filepath.Join(filepath.Dir(db), keyFileName))
	if err != nil {
		return err
	}
	plain := file + ".plain"
	m := Manifest{Format: backupFormat, Kind: BackupManual, Schema: 1, KeyID: seal.id()}
	if err := packBackup(context.Background(), plain, db, seal, "", progress{}, &m); err != nil {
		return err
	}
	return rewriteManifest(plain, file, words)
}

// rewriteManifest copies a backup and changes the words of its manifest.
func rewriteManifest(from, to string, words func(string) string) error {
	z, err := zip.OpenReader(from)
	if err != nil {
		return err
	}
	defer func() { _ = z.Close() }()
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	out := zip.NewWriter(f)
	for _, e := range z.File {
		if e.Name != entryManifest {
			if err := out.Copy(e); err != nil {
				return err
			}
			continue
		}
		r, err := e.Open()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		err = packEntry(out, e.Name, func(w io.Writer) error { _, err := io.WriteString(w, words(string(text))); return err })
		if err != nil {
			return err
		}
	}
	return errors.Join(out.Close(), f.Close())
}

// MakeOld makes a store as a program wrote it that knew so many migrations.
func MakeOld(dir string, known int) error {
	db, err := openDB(filepath.Join(dir, FileName), writerPragmas, 1)
	if err != nil {
		return err
	}
	defer closeDB(db)
	list, err := migrations()
	for _, m := range list[:known] {
		err = errors.Join(err, apply(db, m))
	}
	return err
}
