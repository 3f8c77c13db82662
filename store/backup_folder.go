package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BackupFolder lies in the data folder and holds the backups that are made by
// themselves.
const BackupFolder = "backups"

const (
	// DefaultBackups is how many nightly backups are kept where nobody chose.
	DefaultBackups = 7
	backupKeep     = "backup.keep"
	// updatesFor is how long a backup from before an update stays: by then the new
	// version is trusted or gone.
	updatesFor = 30 * day
	// replacedFor is the same for the store from before a restore.
	replacedFor = 7 * day
	// abandoned is the age at which a half-made copy belongs to nobody: its maker
	// was killed.
	abandoned = 6 * time.Hour

	makingPrefix = "making-"
	backupSuffix = ".backup"
	nameTime     = "20060102-150405"
)

// A name says all that the list shows.
var backupName = regexp.MustCompile(`^astromesh-(\d{8}-\d{6})-(` + BackupNightly + `|` + BackupManual + `|` + BackupUpdate + `)\.backup$`)

// BackupInfo is one backup of the folder.
type BackupInfo struct {
	Name  string
	Kind  string
	At    time.Time
	Bytes int64
}

// dir is the data folder.
func (s *Store) dir() string { return filepath.Dir(s.log) }

// Backups lists the folder's, newest first.
func (s *Store) Backups() ([]BackupInfo, error) { return backupsIn(s.dir()) }

func backupsIn(dir string) ([]BackupInfo, error) {
	entries, err := os.ReadDir(filepath.Join(dir, BackupFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the backups cannot be listed: %w", pathless(err))
	}
	var list []BackupInfo
	for _, e := range entries {
		parts := backupName.FindStringSubmatch(e.Name())
		if parts == nil || !e.Type().IsRegular() {
			continue
		}
		at, err := time.Parse(nameTime, parts[1])
		info, gone := e.Info()
		if err != nil || gone != nil {
			continue
		}
		list = append(list, BackupInfo{Name: e.Name(), Kind: parts[2], At: at, Bytes: info.Size()})
	}
	slices.SortFunc(list, func(a, b BackupInfo) int { return strings.Compare(b.Name, a.Name) })
	return list, nil
}

// clockSlip is how far a clock may have been set back since a backup was made.
const clockSlip = time.Hour

// LastBackup is the newest of the kinds, or of any where none is named. One from
// the future does not count: it was made while the clock was wrong, and would
// keep the others from being made until that day. ErrNotFound if there is none.
func (s *Store) LastBackup(now time.Time, kinds ...string) (BackupInfo, error) {
	list, err := s.Backups()
	if err != nil {
		return BackupInfo{}, err
	}
	for _, b := range list {
		if (len(kinds) == 0 || slices.Contains(kinds, b.Kind)) && !b.At.After(now.Add(clockSlip)) {
			return b, nil
		}
	}
	return BackupInfo{}, ErrNotFound
}

// BackupPath is where a backup of the list lies; ErrNotFound for any other name.
func (s *Store) BackupPath(name string) (string, error) {
	list, err := s.Backups()
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(list, func(b BackupInfo) bool { return b.Name == name }) {
		return "", ErrNotFound
	}
	return filepath.Join(s.dir(), BackupFolder, name), nil
}

// DeleteBackup removes one of the list.
func (s *Store) DeleteBackup(name string) error {
	path, err := s.BackupPath(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("the backup cannot be deleted: %w", pathless(err))
	}
	return nil
}

// KeepBackups is how many nightly backups are kept; 0 makes none.
func (s *Store) KeepBackups(ctx context.Context) (int, error) {
	text, err := s.Setting(ctx, backupKeep)
	if errors.Is(err, ErrNotFound) {
		return DefaultBackups, nil
	}
	if err != nil {
		return 0, err
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return n, nil
	}
	return DefaultBackups, nil
}

// SetKeepBackups keeps the owner's choice.
func (s *Store) SetKeepBackups(n int) error { return s.SetSetting(backupKeep, strconv.Itoa(n)) }

// Backup is the function Backup for this store.
func (s *Store) Backup(ctx context.Context, file string, o BackupOptions) (Manifest, error) {
	s.backup.Lock()
	defer s.backup.Unlock()
	o.Now = s.now
	return Backup(ctx, s.dir(), file, o)
}

// MakeBackup adds one to the folder, and removes those that are too many or too old.
func (s *Store) MakeBackup(ctx context.Context, kind, program string) (BackupInfo, error) {
	return s.AddBackup(ctx, BackupOptions{Kind: kind, Program: program})
}

// AddBackup is MakeBackup with options.
func (s *Store) AddBackup(ctx context.Context, o BackupOptions) (BackupInfo, error) {
	s.backup.Lock()
	defer s.backup.Unlock()
	o.Now = s.now
	b, err := makeBackup(ctx, s.dir(), o)
	if err != nil {
		return b, err
	}
	keep, err := s.KeepBackups(ctx)
	if err != nil {
		return b, err
	}
	return b, rotate(s.dir(), max(keep, 1), s.now())
}

func makeBackup(ctx context.Context, dir string, o BackupOptions) (BackupInfo, error) {
	folder := filepath.Join(dir, BackupFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return BackupInfo{}, fmt.Errorf("the folder of the backups cannot be created: %w", pathless(err))
	}
	b := BackupInfo{Kind: o.Kind, At: o.Now().UTC().Truncate(time.Second)}
	b.Name = "astromesh-" + b.At.Format(nameTime) + "-" + o.Kind + backupSuffix
	path := filepath.Join(folder, b.Name)
	if _, err := Backup(ctx, dir, path, o); err != nil {
		return b, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return b, fmt.Errorf("the backup cannot be read: %w", pathless(err))
	}
	b.Bytes = info.Size()
	return b, nil
}

// makingFolder is where a copy is made before it is anything: in the data folder,
// the owner's alone.
func makingFolder(dir string) (string, error) {
	folder := filepath.Join(dir, BackupFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", cause(err)
	}
	aside, err := os.MkdirTemp(folder, makingPrefix)
	if err != nil {
		return "", pathless(err)
	}
	return aside, nil
}

// syncFolder brings renames to the disk where the file system can: Windows opens
// no folder, and a stick's or a network's may not sync one.
func syncFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync() // see above
		_ = f.Close()
	}
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return cause(err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// SealedBackup makes one for moving house, to be handed out; done removes it. The
// options hold its passphrase.
func (s *Store) SealedBackup(ctx context.Context, o BackupOptions) (path string, done func(), err error) {
	aside, err := makingFolder(s.dir())
	if err != nil {
		return "", nil, err
	}
	done = func() { _ = os.RemoveAll(aside) } // what is left of it is swept later
	path = filepath.Join(aside, "astromesh-"+s.now().UTC().Format(nameTime)+backupSuffix)
	if _, err := s.Backup(ctx, path, o); err != nil {
		done()
		return "", nil, err
	}
	return path, done, nil
}

// StageFrom is Stage with a backup that comes in as bytes.
func (s *Store) StageFrom(r io.Reader, o RestoreOptions) (Restored, error) {
	aside, err := makingFolder(s.dir())
	if err != nil {
		return Restored{}, err
	}
	defer func() { _ = os.RemoveAll(aside) }() // what is left of it is swept later
	path := filepath.Join(aside, "given"+backupSuffix)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Restored{}, pathless(err)
	}
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Close()); err != nil {
		return Restored{}, fmt.Errorf("the backup could not be received: %w", pathless(err))
	}
	s.backup.Lock()
	defer s.backup.Unlock()
	return Stage(s.dir(), path, o)
}
