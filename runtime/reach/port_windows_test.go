package reach

import (
	"os"
	"strings"
	"testing"
)

func TestProgramOf(t *testing.T) {
	if got := programOf(uint32(os.Getpid())); !strings.Contains(got, ".exe (") {
		t.Errorf("this program is %q", got)
	}
	if got := programOf(0); got != "" {
		t.Errorf("nobody is %q", got)
	}
}
