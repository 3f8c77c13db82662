package view

import (
	"context"
	"testing"
)

func TestBackupTakes(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "a few seconds", 100 << 20: "a few seconds", 400 << 20: "about a minute", 2 << 30: "about a minute", 3 << 30: "about 2 minutes", 20 << 30: "about 14 minutes",
	} {
		if got := backupTakes(context.Background(), bytes); got != want {
			t.Errorf("%d: %q, want %q", bytes, got, want)
		}
	}
}
