package store_test

import (
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

// FuzzSearch: whatever is typed is searched for; the search's own language is
// never reached.
func FuzzSearch(f *testing.F) {
	for _, text := range []string{"pizza", `"`, "a OR b", "NEAR/2", "-x", "a*", "text:x", "(", "%_\\", "مرحبا", "a\x00b", "ß İ", "34600 111"} {
		f.Add(text)
	}
	s := storetest.New(f)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := s.ConversationList(t.Context(), store.ListQuery{Search: text, Limit: 5}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
