package store_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

// What was logged about the customer a moment ago is not written after the erasure.
func TestEraseTakesWhatWaitsForTheDisk(t *testing.T) {
	s := storetest.New(t)
	id := talk(t, s, store.Identity{Phone: erasedPhone, Name: "Evangelina"}, 1, "xylograph")
	for range 1000 {
		s.Log(store.Event{Kind: store.EventMessage, ConversationID: id, Text: "one more"})
	}
	proof, err := s.Erase(t.Context(), id)
	if err != nil || !proof.Clean() {
		t.Errorf("proof %+v, %v", proof, err)
	}
	if left, err := s.Events(t.Context(), "", 0, 10); err != nil || len(left) > 0 {
		t.Errorf("%d events came after, %v", len(left), err)
	}
}

// besideFolder makes this test binary another program, which opens the store of
// that folder beside the running one and closes it again.
const besideFolder = "ASTROMESH_TEST_BESIDE"

// The search for what is left of a customer must not cost the program its locks
// on the database: `astromesh check` would take the log for left over and delete
// it, and all that is committed afterwards with it.
func TestEraseKeepsTheLocks(t *testing.T) {
	if dir := os.Getenv(besideFolder); dir != "" {
		st, err := store.OpenBeside(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		return
	}
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	id := talk(t, s, store.Identity{Phone: erasedPhone, Name: "Evangelina"}, 1, "xylograph")
	if _, err := s.Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting("kept", "before"); err != nil {
		t.Fatal(err)
	}
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEraseKeepsTheLocks$")
	other.Env = append(os.Environ(), besideFolder+"="+dir)
	if out, err := other.CombinedOutput(); err != nil {
		t.Fatalf("the other program: %v\n%s", err, out)
	}
	for _, name := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(filepath.Join(dir, store.FileName+name)); err != nil {
			t.Errorf("the other program deleted what this one writes to: %v", err)
		}
	}
}
