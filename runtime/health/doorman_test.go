package health

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

func newDoorman(t *testing.T, st *store.Store) *Doorman {
	t.Helper()
	d, err := NewDoorman(t.Context(), st, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func saved(t *testing.T, st *store.Store) Door {
	t.Helper()
	d, err := ReadDoor(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTheDoorIsSavedSoon: a look from outside sees the last state in the end,
// and a flood writes once in ten seconds.
func TestTheDoorIsSavedSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, err := store.Open(t.TempDir(), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		}()
		d := newDoorman(t, st)
		d.Handshake(false)
		wait(0)
		if got := saved(t, st); got.HandshakeOK || got.HandshakeAt.IsZero() {
			t.Errorf("at once: %+v", got)
		}
		time.Sleep(3 * time.Second)
		d.Handshake(true)
		for range 1000 {
			d.Refused()
		}
		wait(0)
		if got := saved(t, st); got.HandshakeOK || got.RefusedCount != 0 {
			t.Errorf("within ten seconds: %+v", got)
		}
		wait(7 * time.Second)
		if got := saved(t, st); !got.HandshakeOK || got.RefusedCount != 1000 || got.RefusedSince.IsZero() {
			t.Errorf("after ten seconds: %+v", got)
		}
		d.Accepted(true)
		d.Close()
		d.Close()
		d.Accepted(true) // a late request: counted, not written
		if got := saved(t, st); got.RefusedCount != 0 || got.AcceptedAt.IsZero() || !got.RefusedSince.IsZero() {
			t.Errorf("at the end: %+v", got)
		}
	})
}

// wait lets the bubble's time pass, and what is under way come to an end.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestTheDoormanGoesOnFromWhatWasSaved(t *testing.T) {
	st := storetest.New(t)
	d := newDoorman(t, st)
	d.Handshake(true)
	d.Refused()
	d.Accepted(false) // without a signature: the refused ones stay refused
	d.Close()
	again := newDoorman(t, st)
	if got := again.Door(); got.RefusedCount != 1 || !got.Unsigned || got.HandshakeOKAt.IsZero() {
		t.Errorf("%+v", got)
	}
}
