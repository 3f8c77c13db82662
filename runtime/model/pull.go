package model

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/ollama/ollama/api"
)

// PullProgress is how far a download has come. Sizes in bytes, 0 if not known.
type PullProgress struct {
	Status    string // Ollama's: "pulling manifest", "pulling DIGEST", "verifying sha256 digest", …
	Completed int64
	Total     int64
}

// PullFault is why a download ended without the model, as far as an owner can do
// something about it.
type PullFault string

// The faults.
const (
	PullNoServer PullFault = "server"  // Ollama does not answer, or stopped in the middle
	PullNoModel  PullFault = "model"   // there is no model of that name, or not for everybody
	PullNoRoom   PullFault = "room"    // the disk of Ollama's computer is full
	PullTooOld   PullFault = "old"     // this Ollama is too old for the model
	PullNetwork  PullFault = "network" // the registry could not be reached, or stopped sending
	PullDamaged  PullFault = "damaged" // what came is not what was promised; Ollama has thrown it away
	PullOther    PullFault = "other"
)

// PullError is a download that ended without the model. What had come is kept by
// Ollama, and the next try goes on from there.
type PullError struct {
	Fault PullFault
	Err   error // for the small print
}

func (e *PullError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *PullError) Unwrap() error { return e.Err }

// Pull lets a server download a model, which may take an hour; progress is
// called often and must not block. Endpoint as in [OllamaConfig]. The error is a
// [PullError], or the context's.
func (s *Servers) Pull(ctx context.Context, endpoint, model string, progress func(PullProgress)) error {
	srv, _, err := s.server(OllamaConfig{Endpoint: endpoint})
	if err != nil {
		return err
	}
	err = srv.pull(ctx, model, progress)
	// A download that was just cancelled is put away behind the answer; who asks
	// again in that moment is told that it was cancelled.
	for try := 0; try < 20 && err != nil && ctx.Err() == nil && err.Error() == context.Canceled.Error(); try++ {
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
		err = srv.pull(ctx, model, progress)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &PullError{Fault: pullFault(err), Err: fmt.Errorf("download %s: %w", model, err)}
	}
	srv.model(model).forget()
	return nil
}

var errPullBroke = errors.New("the answer broke off")

func (s *server) pull(ctx context.Context, model string, progress func(PullProgress)) error {
	done := false
	err := s.api.Pull(ctx, &api.PullRequest{Model: model}, func(p api.ProgressResponse) error {
		done = done || p.Status == "success"
		progress(PullProgress{Status: p.Status, Completed: p.Completed, Total: p.Total})
		return nil
	})
	if err == nil && !done {
		return errPullBroke // api.Client takes a stream that breaks off for a finished one
	}
	return err
}

// pullSigns: Ollama sends what went wrong as a line of text, without a code. Seen
// with 0.17.4, and in its server/images.go and server/download.go.
var pullSigns = []struct {
	fault PullFault
	signs []string
}{
	{PullNoRoom, []string{"no space left on device", "not enough space on the disk", "disk quota exceeded"}},
	{PullTooOld, []string{"newer version of ollama", "412: "}},
	{PullNoModel, []string{"file does not exist", "manifest unknown", "invalid model name", "unauthorized", "access denied", "401: ", "403: ", "404: "}},
	{PullDamaged, []string{"digest mismatch"}},
	{PullNetwork, []string{
		"dial tcp", "no such host", "max retries exceeded", "timeout", "deadline exceeded", "connection re", "eof",
		"tls: ", "x509: ", "unreachable", "500: ", "502: ", "503: ", "504: ", "429: ", "proxyconnect",
	}},
}

// pullFault reads what an owner can do out of an error of api.Client.
func pullFault(err error) PullFault {
	var ours *net.OpError // ours to Ollama; what happens to Ollama is text
	if errors.As(err, &ours) || errors.Is(err, errPullBroke) || isNotJSON(err) {
		return PullNoServer
	}
	text := strings.ToLower(err.Error())
	for _, s := range pullSigns {
		for _, sign := range s.signs {
			if strings.Contains(text, sign) {
				return s.fault
			}
		}
	}
	var status api.StatusError
	if errors.As(err, &status) && status.StatusCode == http.StatusNotFound {
		return PullNoServer // something else listens there
	}
	return PullOther
}
