package storetest

import (
	"path/filepath"
	"testing"
	"time"

	"astromesh/store"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Log adds to an open store in dir what Make leaves out: so many messages that
// came in and were answered over the last thirty days, with two events for each,
// what triggers count of them, and an operator's act for each tenth.
func Log(t testing.TB, dir string, turns int) {
	t.Helper()
	db, err := gorm.Open(sqlite.Open("file:"+filepath.Join(dir, store.FileName)+"?_synchronous=OFF&_busy_timeout=60000&_cache_size=-200000"), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]any{"n": turns, "now": time.Now().UnixMilli()}
	err = db.Transaction(func(tx *gorm.DB) error {
		for _, statement := range logged {
			if err := tx.Exec("WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < @n) "+statement, args).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("fill the log: %v", err)
	}
	raw, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
}

// at is when turn i began: the last one a minute ago.
const at = "(@now - 60000 - (@n - i) * (2592000000 / @n))"

var logged = []string{
	"INSERT INTO inbox (message_id, conversation_id, kind, treatment, state, turn_id, at, received_at) SELECT 'wamid.log' || i, i % 20000 + 1, 'text', 'answer', 'done', '', " + at + ", " + at + " FROM k",
	"INSERT INTO guardrail (turn_id, conversation_id, agent, direction, rule, entity, action, at) SELECT '', i % 20000 + 1, 'shop', 'input', 'pii_detection', CASE i % 3 WHEN 0 THEN 'EMAIL' ELSE 'PHONE' END, 'rewrite', " + at + " FROM k WHERE i % 10 = 0",
	`INSERT INTO event (at, kind, level, conversation_id, agent, stage, text, data) SELECT ` + at + `, CASE WHEN i % 10 = 0 THEN 'guardrail' WHEN i % 3 = 0 THEN 'model' ELSE 'message' END, CASE WHEN i % 997 = 0 THEN 'error' ELSE 'info' END,
		i % 20000 + 1, 'shop', 'outbox', 'turn answered', '{"turn":"t' || i || '","messages":1,"replies":1,"waited_ms":4000}' FROM k`,
	"INSERT INTO event (at, kind, level, conversation_id, agent, stage, text, data) SELECT " + at + ` + 100, 'message', 'info', i % 20000 + 1, 'shop', 'send', 'A reply was accepted by WhatsApp.', '{"outbox":"o' || i || '","result":"sent"}' FROM k`,
	"INSERT INTO audit (at, user, action, target, detail) SELECT " + at + ", 'Olga', 'conversation taken over', i % 20000 + 1, '' FROM k WHERE i % 10 = 0",
	"INSERT INTO counter SELECT hour, 'out', count(*) FROM (SELECT " + at + " / 3600000 AS hour FROM k) GROUP BY hour",
	"INSERT INTO counter SELECT hour, 'wait:' || step, count(*) FROM (SELECT " + at + " / 3600000 AS hour, (i % 40 + 1) * 500 AS step FROM k) GROUP BY hour, step",
}
