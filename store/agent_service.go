package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// Retire takes an agent out of service: no version of it is live any more, all are
// kept. base is the live version that the operator saw. ErrConflict: it is
// another one by now, or none.
func (s *Store) Retire(name string, base int) error {
	return s.writer.do(func(tx *gorm.DB) error {
		r := tx.Exec("UPDATE agent_version SET live = 0 WHERE name = ? AND live = 1 AND version = ?", name, base)
		if r.Error != nil {
			return fmt.Errorf("retire agent: %w", r.Error)
		}
		if r.RowsAffected == 0 {
			return ErrConflict
		}
		return nil
	})
}

// Revive puts a version of a retired agent back in service, without making a new
// one. ErrConflict: a version is live already. ErrNotFound: there is no such version.
func (s *Store) Revive(name string, version int) error {
	return s.writer.do(func(tx *gorm.DB) error {
		var live int64
		if err := tx.Model(&AgentVersion{}).Where("name = ? AND live = 1", name).Count(&live).Error; err != nil {
			return fmt.Errorf("find live version: %w", err)
		}
		if live > 0 {
			return ErrConflict
		}
		r := tx.Exec("UPDATE agent_version SET live = 1 WHERE name = ? AND version = ?", name, version)
		if r.Error != nil {
			return fmt.Errorf("revive agent: %w", r.Error)
		}
		if r.RowsAffected == 0 {
			return ErrNotFound
		}
		return nil
	})
}

// RetiredAgents gives the newest version of each agent that was taken out of
// service, by name.
func (s *Store) RetiredAgents(ctx context.Context) ([]AgentVersion, error) {
	var list []AgentVersion
	err := s.read(ctx).Where(`version = (SELECT max(version) FROM agent_version o WHERE o.name = agent_version.name)
		AND NOT EXISTS (SELECT 1 FROM agent_version o WHERE o.name = agent_version.name AND o.live = 1)`).Order("name").Find(&list).Error
	return list, translate(err)
}

// RetiredAgent is one of them, or ErrNotFound.
func (s *Store) RetiredAgent(ctx context.Context, name string) (AgentVersion, error) {
	var v AgentVersion
	err := s.read(ctx).Where(`name = ? AND NOT EXISTS (SELECT 1 FROM agent_version o WHERE o.name = agent_version.name AND o.live = 1)`, name).
		Order("version DESC").Take(&v).Error
	return v, translate(err)
}
