package app

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// Letting the code pages go makes the process smaller, and it runs on.
func TestReleaseStartup(t *testing.T) {
	before := mappedFromFiles(t)
	if err := releaseStartup(); err != nil {
		t.Fatal(err)
	}
	if after := mappedFromFiles(t); after >= before {
		t.Errorf("%d kB of files are mapped, %d before", after, before)
	}
}

// mappedFromFiles is RssFile, in kB.
func mappedFromFiles(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kb
}
