package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// prove counts what is left in the tables and searches the files.
func (s *Store) prove(ctx context.Context, b belonging, proof *Erased) error {
	for i, t := range b.ofCustomer() {
		err := s.read(ctx).Raw("SELECT count(*) FROM "+t.table+" WHERE "+t.where, t.args...).Scan(&proof.Rows[i].Left).Error
		if err != nil {
			return translate(err)
		}
	}
	var words []needle
	for _, w := range []needle{{"number", b.phone}, {"user_id", b.userID}, {"name", b.name}, {"username", b.username}} {
		if len(w.text) >= 4 { // a shorter one stands everywhere by chance
			words = append(words, w)
		}
	}
	if len(b.phone) >= 6 { // Meta's message ids hold the number in base64
		for shift := range 3 {
			words = append(words, needle{"message_ids", inBase64(b.phone, shift)})
		}
	}
	times, size, err := s.searchFiles(words)
	if err != nil {
		return fmt.Errorf("search the data folder: %w", err)
	}
	proof.Files, proof.Found = size, nil
	for i, w := range words {
		if n := len(proof.Found); n > 0 && proof.Found[n-1].What == w.what {
			proof.Found[n-1].Times += times[i]
			continue
		}
		proof.Found = append(proof.Found, ErasedTrace{What: w.what, Times: times[i]})
	}
	return nil
}

// needle is what the files are searched for.
type needle struct{ what, text string }

// inBase64 is how a text looks within a longer one that was encoded, at one of
// the three places that it may stand at; the edges, which depend on what is
// around it, are cut off.
func inBase64(text string, shift int) string {
	full := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
	first := (shift*8 + 5) / 6
	whole := (shift + len(text)) * 8 / 6
	return full[first:whole]
}

// searchFiles counts words in every file of the data folder. The database itself
// must not be opened and closed here, see openFiles; its index of the log, which
// is locked too, holds numbers of pages and nothing else, and is left out.
func (s *Store) searchFiles(words []needle) (times []int, size int64, err error) {
	times = make([]int, len(words))
	entries, err := os.ReadDir(s.dir())
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name() == FileName+"-shm" {
			continue
		}
		n, err := s.searchNamed(e.Name(), words, times)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the log comes and goes
			return nil, 0, err
		}
		size += n
	}
	return times, size, nil
}

func (s *Store) searchNamed(name string, words []needle, times []int) (size int64, err error) {
	if name == FileName {
		return searchIn(io.NewSectionReader(s.file, 0, math.MaxInt64), words, times)
	}
	f, err := os.Open(filepath.Join(s.dir(), name))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return searchIn(f, words, times)
}

// searchIn reads in pieces that overlap by the longest word.
func searchIn(f io.Reader, words []needle, times []int) (size int64, err error) {
	overlap := 0
	for _, w := range words {
		overlap = max(overlap, len(w.text)-1)
	}
	buf := make([]byte, 1<<20)
	kept := 0 // bytes of the piece before, at the beginning of buf
	for {
		n, err := io.ReadFull(f, buf[kept:])
		size += int64(n)
		piece := buf[:kept+n]
		for i, w := range words {
			// What lies whole in the kept part was counted with the piece before.
			times[i] += bytes.Count(piece, []byte(w.text)) - bytes.Count(piece[:kept], []byte(w.text))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return size, nil
		}
		if err != nil {
			return size, err
		}
		kept = copy(buf, piece[max(0, len(piece)-overlap):])
	}
}
