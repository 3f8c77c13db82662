package store_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

func TestSettingsTogether(t *testing.T) {
	dir := t.TempDir()
	st := storetest.Open(t, dir, nil)
	put := func(plain, secret map[string]string) {
		t.Helper()
		if err := st.PutSettings(plain, secret); err != nil {
			t.Fatal(err)
		}
	}
	put(map[string]string{"a.one": "1", "a.two": "2", "b.one": "3", "a%": "4"}, map[string]string{"a.key": "very secret words"})
	put(map[string]string{"a.two": ""}, nil)
	got, err := st.Settings(t.Context(), "a.")
	if want := map[string]string{"a.one": "1", "a.key": "very secret words"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	put(nil, map[string]string{"a.key": ""})
	if got, err := st.Settings(t.Context(), "a.k"); err != nil || len(got) != 0 {
		t.Errorf("a removed secret: %v, %v", got, err)
	}
	put(nil, map[string]string{"a.key": "very secret words"})
	if err := st.Checkpoint(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, store.FileName)); err != nil || bytes.Contains(b, []byte("very secret words")) {
		t.Errorf("the secret is in the file (%v)", err)
	}
}
