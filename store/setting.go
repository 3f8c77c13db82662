package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Setting is one value that the owner chose in the dashboard.
type Setting struct {
	Name      string `gorm:"primaryKey"`
	Value     []byte
	Sealed    bool
	UpdatedAt Millis `gorm:"autoUpdateTime:false"`
}

// TableName is the table of the type.
func (Setting) TableName() string { return "setting" }

// SetSetting keeps a plain value.
func (s *Store) SetSetting(name, value string) error {
	return s.putSetting(Setting{Name: name, Value: []byte(value), UpdatedAt: s.millis()})
}

// SetSecret keeps a value sealed: it cannot be read from the database file alone.
func (s *Store) SetSecret(name, value string) error {
	sealed, err := s.seal.seal([]byte(value))
	if err != nil {
		return err
	}
	return s.putSetting(Setting{Name: name, Value: sealed, Sealed: true, UpdatedAt: s.millis()})
}

func (s *Store) putSetting(row Setting) error {
	return s.writer.do(func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
}

// Setting gives a value, plain or sealed, or ErrNotFound.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	var row Setting
	if err := s.read(ctx).Take(&row, "name = ?", name).Error; err != nil {
		return "", translate(err)
	}
	if !row.Sealed {
		return string(row.Value), nil
	}
	plain, err := s.seal.open(row.Value)
	return string(plain), err
}

// DeleteSetting removes a value; one that is not there is no error.
func (s *Store) DeleteSetting(name string) error {
	return s.writer.do(func(tx *gorm.DB) error { return tx.Delete(&Setting{}, "name = ?", name).Error })
}

// Settings gives every value whose name begins with a prefix, by name.
func (s *Store) Settings(ctx context.Context, prefix string) (map[string]string, error) {
	var rows []Setting
	if err := s.read(ctx).Where("substr(name, 1, ?) = ?", len(prefix), prefix).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	values := make(map[string]string, len(rows))
	for _, row := range rows {
		if !row.Sealed {
			values[row.Name] = string(row.Value)
			continue
		}
		plain, err := s.seal.open(row.Value)
		if err != nil {
			return nil, err
		}
		values[row.Name] = string(plain)
	}
	return values, nil
}

// PutSettings keeps plain values and sealed ones in one commit; an empty value
// removes the setting.
func (s *Store) PutSettings(plain, secret map[string]string) error {
	rows := make([]Setting, 0, len(plain)+len(secret))
	for name, value := range plain {
		rows = append(rows, Setting{Name: name, Value: []byte(value), UpdatedAt: s.millis()})
	}
	for name, value := range secret {
		row := Setting{Name: name, Sealed: true, UpdatedAt: s.millis()}
		if value != "" {
			var err error
			if row.Value, err = s.seal.seal([]byte(value)); err != nil {
				return err
			}
		}
		rows = append(rows, row)
	}
	return s.writer.do(func(tx *gorm.DB) error {
		for _, row := range rows {
			var err error
			if len(row.Value) == 0 {
				err = tx.Delete(&Setting{}, "name = ?", row.Name).Error
			} else {
				err = tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
