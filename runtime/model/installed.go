package model

import (
	"context"
	"fmt"
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
