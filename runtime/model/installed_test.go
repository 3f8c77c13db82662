package model_test

import (
	"testing"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	types "github.com/ollama/ollama/types/model"
)

func TestCatalogue(t *testing.T) {
	fake := modeltest.NewFake()
	fake.Set("seer:7b", modeltest.FakeModel{Capabilities: []types.Capability{"completion", "vision"}})
	fake.Set("worker", modeltest.FakeModel{Capabilities: []types.Capability{"completion", "tools"}})
	fake.Listen(t)
	servers := model.NewServers(model.Options{DefaultOllama: fake.URL})
	at, list, err := servers.Catalogue(t.Context())
	if err != nil || at != fake.URL || len(list) != 2 {
		t.Fatalf("%s %+v %v", at, list, err)
	}
	if seer := list[0]; seer.Name != "seer:7b" || !seer.Writes || !seer.Capabilities.Vision || seer.Capabilities.Tools {
		t.Errorf("%+v", seer)
	}
	if worker := list[1]; worker.Name != "worker:latest" || worker.Capabilities.Vision || !worker.Capabilities.Tools {
		t.Errorf("%+v", worker)
	}
	fake.Down(true)
	if at, _, err := servers.Catalogue(t.Context()); err == nil || at != fake.URL {
		t.Errorf("down: %s, %v", at, err)
	}
}
