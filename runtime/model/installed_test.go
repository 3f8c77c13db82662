package model_test

import (
	"slices"
	"testing"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

func TestInstalled(t *testing.T) {
	fake, servers := setUp()
	if names, err := servers.Installed(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("an empty server: %v, %v", names, err)
	}
	fake.Set("llava:7b", modeltest.Says("a"))
	fake.Set("other:1b", modeltest.Says("b"))
	names, err := servers.Installed(t.Context())
	slices.Sort(names)
	if err != nil || !slices.Equal(names, []string{"llava:7b", "other:1b"}) {
		t.Errorf("%v, %v", names, err)
	}
	gone := model.NewServers(model.Options{DefaultOllama: "http://127.0.0.1:1"})
	if _, err := gone.Installed(t.Context()); err == nil {
		t.Error("a server that is not there has models")
	}
}
