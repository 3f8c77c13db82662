package app

import (
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/model/modeltest"
)

// A program that is made and not run gives back what it took: its data folder and
// its addresses, also where the second of them was not free.
func TestCloseWithoutRun(t *testing.T) {
	opts := Options{
		Source: config.Embedded(), DataDir: t.TempDir(), WebhookAddr: modeltest.FreeAddress(t), AdminAddr: modeltest.FreeAddress(t),
		GraphURL: "http://127.0.0.1:9", Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Env: func(string) (string, bool) { return "", false },
	}
	a, err := New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if webhook, admin := a.Addrs(); webhook != opts.WebhookAddr || admin != opts.AdminAddr {
		t.Errorf("it listens at %s and %s", webhook, admin)
	}
	for range 2 { // twice is legal
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	taken, err := net.Listen("tcp", opts.AdminAddr)
	if err != nil {
		t.Fatalf("the dashboard's address: %v", err)
	}
	if _, err := New(t.Context(), opts); err == nil || !strings.Contains(err.Error(), opts.AdminAddr) {
		t.Fatalf("an address that is taken: %v", err)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	if a, err = New(t.Context(), opts); err != nil {
		t.Fatalf("once more on the same folder and addresses: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}
