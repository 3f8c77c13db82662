package store

import (
	"encoding/json"
	"path/filepath"
	"testing"
)

// openAt makes a store as the program of an earlier schema left it.
func openAt(t *testing.T, dir string, version int, statements ...string) {
	t.Helper()
	db, err := openDB(filepath.Join(dir, FileName), writerPragmas, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(db)
	list, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list[:version] {
		if err := apply(db, m); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
	}
	for _, sql := range statements {
		if err := db.Exec(sql).Error; err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// Schema 4 counted a message when it came, schema 5 counts it when it is claimed:
// one that waited during the upgrade is counted once, whatever its state was.
func TestUpgradeCountsWhatWaitedOnce(t *testing.T) {
	dir := t.TempDir()
	openAt(t, dir, 4,
		`INSERT INTO contact (id, phone, created_at) VALUES (1, '346', 1)`,
		`INSERT INTO conversation (id, account, contact_id, session_id, created_at) VALUES (1, '5', 1, 'wa_346', 1)`,
		`INSERT INTO inbox (message_id, conversation_id, kind, treatment, state, payload, at, received_at) VALUES
			('done', 0, 'text', 'answer', 'new', '{"Phone":"346"}', 1, 3600000), ('claimed', 0, 'text', 'answer', 'new', '{"Phone":"346"}', 1, 3600000),
			('given back', 0, 'text', 'answer', 'new', '{"Phone":"346"}', 1, 7200000), ('fresh', 0, 'text', 'answer', 'new', '{"Phone":"346"}', 1, 7200000),
			('fresh too', 0, 'image', 'answer', 'new', '{"Phone":"347"}', 1, 10800000), ('echo', 0, 'echo', 'record', 'new', '{"Phone":"346"}', 1, 10800000)`,
		`UPDATE inbox SET conversation_id = 1 WHERE message_id IN ('done', 'claimed', 'given back')`,
		`UPDATE inbox SET state = 'claimed' WHERE message_id = 'claimed'`, `UPDATE inbox SET state = 'done', payload = NULL WHERE message_id = 'done'`)
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	counted := func(want int) {
		t.Helper()
		var n int
		if err := s.reader.Raw("SELECT coalesce(sum(n), 0) FROM counter WHERE name = 'in'").Scan(&n).Error; err != nil || n != want {
			t.Errorf("%d messages are counted, want %d (%v)", n, want, err)
		}
	}
	counted(3)
	if _, err := s.RecoverInbox(); err != nil {
		t.Fatal(err)
	}
	claimAll := func(want int) []int64 {
		t.Helper()
		rows, broken, err := s.ClaimInbox(100, func(p []byte) (string, Identity, error) {
			var who Identity
			err := json.Unmarshal(p, &who)
			return "5", who, err
		})
		if err != nil || len(rows) != want || len(broken) != 0 {
			t.Fatalf("%d rows, %d broken, %v", len(rows), len(broken), err)
		}
		var ids []int64
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return ids
	}
	ids := claimAll(5)
	counted(5)
	if err := s.Requeue(ids); err != nil {
		t.Fatal(err)
	}
	claimAll(5)
	counted(5)
}
