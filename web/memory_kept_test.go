package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

// What the agent's tools keep of a customer is on the page of its memory, and
// goes one by one or with all of it.
func TestKeptValuesAreShownAndForgotten(t *testing.T) {
	d, _ := chatDash(t)
	id := d.ana()
	path := fmt.Sprintf("/conversations/%d/memory", id)
	keep := func() {
		t.Helper()
		until := store.At(time.Date(2099, 5, 6, 12, 0, 0, 0, time.Local))
		err := d.store.SaveKept("wa_34600111222", []store.KeptChange{
			{Kept: store.Kept{Agent: "shop", Name: "size", Value: "42 <wide>", ExpiresAt: until}},
			{Kept: store.Kept{Agent: "shop", Name: "offer", Value: "lamps", At: 1}, Shared: true},
			{Kept: store.Kept{Agent: "shop", Name: "old", Value: "gone by now", ExpiresAt: 1}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	keep()
	page := d.staff.page(path)
	shows(t, page, "What its tools keep", "42 &lt;wide&gt;", "until 2099-05-06", "lamps", "for all customers")
	if strings.Contains(page, "gone by now") {
		t.Error("what has expired is shown")
	}
	shows(t, d.owner.get(fmt.Sprintf("/conversations/%d/export", id)).Body.String(), "size: 42 &lt;wide&gt;")
	if w := d.staff.post(path+"/kept", url.Values{"name": {"size"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("delete: %d", w.Code)
	}
	if page := d.staff.page(path); strings.Contains(page, "42 &lt;wide") || !strings.Contains(page, "lamps") {
		t.Error("the wrong value is gone")
	}
	keep()
	if w := d.staff.post(path+"/clear", url.Values{}); w.Code != http.StatusSeeOther {
		t.Fatalf("clear: %d", w.Code)
	}
	if kept, err := d.store.KeptOf(t.Context(), "shop", "wa_34600111222"); err != nil || len(kept) > 0 {
		t.Errorf("still kept: %v, %v", kept, err)
	}
}
