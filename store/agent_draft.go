package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// AgentDraft is an agent's YAML as an operator left it: it answers nobody. There
// is one a name.
type AgentDraft struct {
	Name      string `gorm:"primaryKey"`
	YAML      string `gorm:"column:yaml"`
	Author    string
	Base      int    // the live version that it was begun from; 0 = there was none
	UpdatedAt Millis `gorm:"autoUpdateTime:false"`
}

// TableName is the table of the type.
func (AgentDraft) TableName() string { return "agent_draft" }

// SaveDraft keeps a draft in the place of the one that is there, which it gives
// back (of no name, if there was none): the last save wins, and the caller says
// whose it overwrote. Of a draft that goes on, the base stays unless d.Base is
// higher.
func (s *Store) SaveDraft(d AgentDraft) (saved, before AgentDraft, err error) {
	d.UpdatedAt = s.millis()
	err = s.writer.do(func(tx *gorm.DB) error {
		saved, before = d, AgentDraft{}
		err := tx.Take(&before, "name = ?", d.Name).Error
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			before = AgentDraft{}
		case err != nil:
			return fmt.Errorf("find draft: %w", err)
		default:
			saved.Base = max(d.Base, before.Base)
		}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&saved).Error
	})
	return saved, before, err
}

// Draft gives an agent's draft, or ErrNotFound.
func (s *Store) Draft(ctx context.Context, name string) (AgentDraft, error) {
	var d AgentDraft
	err := s.read(ctx).Take(&d, "name = ?", name).Error
	return d, translate(err)
}

// Drafts gives all drafts, by name.
func (s *Store) Drafts(ctx context.Context) ([]AgentDraft, error) {
	var list []AgentDraft
	err := s.read(ctx).Order("name").Find(&list).Error
	return list, translate(err)
}

// DeleteDraft throws a draft away; one that is not there is no error.
func (s *Store) DeleteDraft(name string) error {
	return s.writer.do(func(tx *gorm.DB) error { return tx.Delete(&AgentDraft{}, "name = ?", name).Error })
}

// Publish makes a YAML the live version of its agent, and its draft is done
// with. base is the live version that the author saw, 0 for none. ErrConflict:
// another version went live since, whose number live gives.
func (s *Store) Publish(name, yaml, author string, base int) (live int, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		if err := tx.Raw("SELECT coalesce(max(version), 0) FROM agent_version WHERE name = ? AND live = 1", name).Scan(&live).Error; err != nil {
			return fmt.Errorf("find live version: %w", err)
		}
		if live != base {
			return ErrConflict
		}
		if err := tx.Delete(&AgentDraft{}, "name = ?", name).Error; err != nil {
			return fmt.Errorf("delete draft: %w", err)
		}
		err := publish(tx, AgentVersion{Name: name, YAML: yaml, Origin: OriginDashboard, Author: author, CreatedAt: s.millis()})
		if err != nil {
			return err
		}
		return tx.Raw("SELECT version FROM agent_version WHERE name = ? AND live = 1", name).Scan(&live).Error
	})
	return live, err
}

// Versions gives all versions of an agent, newest first, without their YAML.
func (s *Store) Versions(ctx context.Context, name string) ([]AgentVersion, error) {
	var list []AgentVersion
	err := s.read(ctx).Omit("yaml").Where("name = ?", name).Order("version DESC").Find(&list).Error
	return list, translate(err)
}

// Version gives one version of an agent, or ErrNotFound.
func (s *Store) Version(ctx context.Context, name string, version int) (AgentVersion, error) {
	var v AgentVersion
	err := s.read(ctx).Take(&v, "name = ? AND version = ?", name, version).Error
	return v, translate(err)
}

// LiveAgent gives the live version of an agent, or ErrNotFound.
func (s *Store) LiveAgent(ctx context.Context, name string) (AgentVersion, error) {
	var v AgentVersion
	err := s.read(ctx).Take(&v, "name = ? AND live = 1", name).Error
	return v, translate(err)
}
