package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ollama/ollama/api"
	ollama "github.com/ollama/ollama/types/model"
)

// ErrNoModel: the server answers, but has no model that can write.
var ErrNoModel = errors.New("no model is installed that can write a reply")

// AnyModel names a model of the default server that can write, for who has none
// configured: the most recently changed one. Models that only embed are passed
// over. The error wraps ErrNoModel, or says that the server cannot be reached.
func (s *Servers) AnyModel(ctx context.Context) (string, error) {
	srv, _, err := s.server(OllamaConfig{})
	if err != nil {
		return "", err
	}
	list, err := srv.api.List(ctx)
	if err != nil {
		return "", fmt.Errorf("list models: %w", err)
	}
	for _, m := range list.Models {
		shown, err := srv.api.Show(ctx, &api.ShowRequest{Model: m.Name})
		if err == nil && slices.Contains(shown.Capabilities, ollama.CapabilityCompletion) {
			return m.Name, nil
		}
	}
	return "", ErrNoModel
}
