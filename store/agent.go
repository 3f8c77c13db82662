package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Where a version came from.
const (
	OriginFile      = "file"
	OriginDashboard = "dashboard"
)

// AgentVersion is one version of an agent's YAML. Versions are never changed:
// the live one answers, the others can be restored as a new one.
type AgentVersion struct {
	ID        int64 `gorm:"primaryKey"`
	Name      string
	Version   int    // 1, 2, 3 … within the name
	YAML      string `gorm:"column:yaml"`
	Origin    string
	File      string
	Author    string
	Live      bool
	CreatedAt Millis `gorm:"autoCreateTime:false"`
}

// TableName is the table of the type.
func (AgentVersion) TableName() string { return "agent_version" }

// ImportAgent makes a file's content the live version of its agent, if it
// differs from what was last imported from a file: a file that nobody touched
// does not undo what was published in the dashboard. added says whether it did.
func (s *Store) ImportAgent(name, file, yaml string) (added bool, err error) {
	err = s.writer.do(func(tx *gorm.DB) error {
		added = false
		var last AgentVersion
		err := tx.Where("name = ? AND origin = ?", name, OriginFile).Order("version DESC").Take(&last).Error
		if err == nil && last.YAML == yaml {
			return nil
		}
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return fmt.Errorf("find last import: %w", err)
		}
		added = true
		return publish(tx, AgentVersion{Name: name, YAML: yaml, Origin: OriginFile, File: file, CreatedAt: s.millis()})
	})
	return added, err
}

func publish(tx *gorm.DB, v AgentVersion) error {
	if err := tx.Raw("SELECT coalesce(max(version), 0) + 1 FROM agent_version WHERE name = ?", v.Name).Scan(&v.Version).Error; err != nil {
		return fmt.Errorf("number version: %w", err)
	}
	if err := tx.Exec("UPDATE agent_version SET live = 0 WHERE name = ? AND live = 1", v.Name).Error; err != nil {
		return fmt.Errorf("retire version: %w", err)
	}
	v.Live = true
	if err := tx.Create(&v).Error; err != nil {
		return fmt.Errorf("insert version: %w", err)
	}
	return nil
}

// LiveAgents gives the live version of every agent, by name.
func (s *Store) LiveAgents(ctx context.Context) ([]AgentVersion, error) {
	var list []AgentVersion
	err := s.read(ctx).Where("live = 1").Order("name").Find(&list).Error
	return list, translate(err)
}
