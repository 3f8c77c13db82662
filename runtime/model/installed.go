package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/ollama/ollama/api"
	ollama "github.com/ollama/ollama/types/model"
	"golang.org/x/sync/errgroup"
)

// Installed names the models of the default server, the most recently changed
// first. The error says that the server cannot be reached.
func (s *Servers) Installed(ctx context.Context) ([]string, error) {
	srv, _, err := s.server(OllamaConfig{})
	if err != nil {
		return nil, err
	}
	list, err := srv.api.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	names := make([]string, 0, len(list.Models))
	for _, m := range list.Models {
		names = append(names, m.Name)
	}
	return names, nil
}

// InstalledModel is one model of a server, as the server describes it.
type InstalledModel struct {
	Name         string
	Size         int64 // bytes on disk
	Writes       bool  // it can write a reply; some only compare texts
	Capabilities Capabilities
}

// Catalogue describes what the default server has installed, the most recently
// changed first. endpoint is where it was looked for, also with an error, which
// says that the server cannot be reached.
func (s *Servers) Catalogue(ctx context.Context) (endpoint string, list []InstalledModel, err error) {
	srv, _, err := s.server(OllamaConfig{})
	if err != nil {
		return "", nil, err
	}
	endpoint = srv.base.String()
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	found, err := srv.api.List(ctx)
	if err != nil {
		return endpoint, nil, fmt.Errorf("list models: %w", err)
	}
	list = make([]InstalledModel, len(found.Models))
	var all errgroup.Group
	all.SetLimit(4)
	for i, m := range found.Models {
		all.Go(func() error {
			list[i] = InstalledModel{Name: m.Name, Size: m.Size, Writes: true}
			// A model that cannot be described, a broken download, is listed all the same.
			if shown, err := srv.api.Show(ctx, &api.ShowRequest{Model: m.Name}); err == nil {
				list[i].Capabilities = capabilitiesOf(shown)
				list[i].Writes = len(shown.Capabilities) == 0 || slices.Contains(shown.Capabilities, ollama.CapabilityCompletion)
			}
			return nil
		})
	}
	_ = all.Wait() // none of them fails
	return endpoint, list, nil
}
