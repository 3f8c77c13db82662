package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Usage is what one model was used for in a turn, in one role.
type Usage struct {
	ID             int64  `gorm:"primaryKey"`
	TurnID         string // "" = between turns: a summary of older ones
	ConversationID int64  // 0 = the turn belongs to none
	Agent          string
	Candidate      string // "ollama/llava:7b"
	Role           string // what a pattern asked for; "" = the agent itself
	Calls          int64
	TokensIn       int64
	TokensOut      int64
	WaitMS         int64 // in the queue in front of its server
	LoadMS         int64
	PromptMS       int64 // reading the prompt
	WriteMS        int64 // generating the answer
	At             Millis
}

// TableName is the table of the type.
func (Usage) TableName() string { return "usage" }

// insertUsage writes a turn's usage with the turn. As with guardrail hits, gorm
// must not write ids into the caller's rows.
func insertUsage(tx *gorm.DB, t Turn, rows []Usage) error {
	for _, u := range rows {
		u.ID, u.TurnID, u.ConversationID, u.Agent, u.At = 0, t.ID, t.ConversationID, t.Agent, t.EndedAt
		if err := tx.Create(&u).Error; err != nil {
			return fmt.Errorf("insert usage: %w", err)
		}
	}
	return nil
}

// AddUsage writes what models were used for between two turns of a conversation.
func (s *Store) AddUsage(conversation int64, agent string, rows []Usage) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return insertUsage(tx, Turn{ConversationID: conversation, Agent: agent, EndedAt: s.millis()}, rows)
	})
}

// TurnUsage gives the rows of a turn, in the order in which models were first asked.
func (s *Store) TurnUsage(ctx context.Context, turn string) ([]Usage, error) {
	var rows []Usage
	err := s.read(ctx).Where("turn_id = ?", turn).Order("id").Find(&rows).Error
	return rows, translate(err)
}

// ModelUsage adds up what each model was used for from a moment on, by candidate,
// ordered by it. TurnID, Agent, Role and At are empty. As with [Store.Figures],
// it is read from counts by the hour: hours are whole ones of UTC.
func (s *Store) ModelUsage(ctx context.Context, from time.Time) ([]Usage, error) {
	var sums []struct {
		Name string
		N    int64
	}
	err := s.read(ctx).Raw("SELECT name, sum(n) AS n FROM counter WHERE hour >= ? AND name >= 'model:' AND name < 'model;' GROUP BY name ORDER BY name", hourOf(from)).Scan(&sums).Error
	if err != nil {
		return nil, translate(err)
	}
	at := map[string]int{}
	var list []Usage
	for _, sum := range sums {
		what, candidate, _ := strings.Cut(strings.TrimPrefix(sum.Name, "model:"), ":")
		if what == "calls" { // the first of each by the alphabet
			at[candidate] = len(list)
			list = append(list, Usage{Candidate: candidate})
		}
		i, known := at[candidate]
		if !known {
			continue
		}
		switch u := &list[i]; what {
		case "calls":
			u.Calls = sum.N
		case "in":
			u.TokensIn = sum.N
		case "out":
			u.TokensOut = sum.N
		case "wait":
			u.WaitMS = sum.N
		case "load":
			u.LoadMS = sum.N
		case "prompt":
			u.PromptMS = sum.N
		case "write":
			u.WriteMS = sum.N
		}
	}
	return list, nil
}
