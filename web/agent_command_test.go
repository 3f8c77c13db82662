package web

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An agent's file can name a program to run. To write one, to look at it and to
// have it checked runs nothing, whoever does it; staff can put none in service and
// try none; only an owner's try runs it.
func TestOnlyOwnersRunWhatAFileNames(t *testing.T) {
	d := newAgentDash(t)
	if err := d.server.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	mark := filepath.Join(t.TempDir(), "it-ran")
	yaml := strings.TrimRight(shopYAML, "\n") + "\n  tools:\n    - {type: mcp, name: crm, command: touch, args: [\"" + mark + "\"]}\n"
	form := url.Values{"yaml": {yaml}, "from": {"yaml"}, "sure": {"1"}, "compared": {"1"}, "base": {"1"}}
	ran := func() bool { _, err := os.Stat(mark); return err == nil }
	for _, page := range []string{"", "/lint", "/document", "/fields", "/changes"} {
		for who, o := range map[string]*operator{"staff": d.staff, "an owner": d.owner} {
			if w := o.post("/agents/shop"+page, form, "HX-Request", "true"); w.Code >= 500 || w.Code == http.StatusForbidden {
				t.Errorf("%s at %q: %d %s", who, page, w.Code, w.Body)
			}
			if ran() {
				t.Fatalf("the program ran when %s asked for %q", who, page)
			}
		}
	}
	if w := d.staff.post("/agents/shop/publish", form); w.Code != http.StatusForbidden {
		t.Errorf("staff and publishing: %d", w.Code)
	}
	tries := map[string]string{"yaml": yaml, "from": "yaml", "which": "draft", "say": "hello"}
	if w := d.staff.upload("/agents/shop/try", tries, nil); w.Code != http.StatusForbidden || ran() {
		t.Errorf("staff and the draft: %d, ran %v", w.Code, ran())
	}
	if w := d.owner.upload("/agents/shop/try", tries, nil); w.Code != http.StatusOK || !ran() {
		t.Errorf("the owner's try: %d, ran %v: %s", w.Code, ran(), w.Body)
	}
}
