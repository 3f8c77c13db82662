package web

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/web/view"
)

func TestPuller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steps := make(chan model.PullProgress)
		result := make(chan error)
		finished := 0
		p := newPuller(func(ctx context.Context, name string, progress func(model.PullProgress)) error {
			for {
				select {
				case s := <-steps:
					progress(s)
				case err := <-result:
					return err
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}, func() { finished++ })
		if v, _ := p.look(time.Now()); v.State != "" {
			t.Errorf("before: %+v", v)
		}
		if !p.start(t.Context(), "small:1b") || p.start(t.Context(), "other") {
			t.Fatal("one at a time")
		}
		_, changed := p.look(time.Now())
		steps <- model.PullProgress{Status: "pulling manifest"}
		steps <- model.PullProgress{Status: "pulling a", Completed: 100, Total: 1100} // resumed: 100 were there
		<-changed
		time.Sleep(10 * time.Second)
		steps <- model.PullProgress{Status: "pulling a", Completed: 600, Total: 1100}
		steps <- model.PullProgress{Status: "pulling b", Completed: 0, Total: 100}
		synctest.Wait()
		if v, _ := p.look(time.Now()); v.Done != 600 || v.Total != 1200 || v.Rate != 50 || v.Left != 12*time.Second {
			t.Errorf("half way: %+v", v)
		}
		result <- nil
		synctest.Wait()
		if v, _ := p.look(time.Now()); v.State != "done" || finished != 1 {
			t.Errorf("at the end: %+v, %d", v, finished)
		}
		p.start(t.Context(), "small:1b")
		steps <- model.PullProgress{Status: "pulling a", Completed: 1100, Total: 1100}
		steps <- model.PullProgress{Status: "verifying sha256 digest"}
		synctest.Wait()
		if v, _ := p.look(time.Now()); !v.Checked {
			t.Errorf("being checked: %+v", v)
		}
		result <- &model.PullError{Fault: model.PullNoModel, Err: errors.New("no such model")}
		synctest.Wait()
		if v, _ := p.look(time.Now()); v.State != "failed" || v.Fault != "model" || v.Cause != "no such model" {
			t.Errorf("failed: %+v", v)
		}
		p.start(t.Context(), "small:1b")
		p.stop()
		synctest.Wait()
		if v, _ := p.look(time.Now()); v.State != "cancelled" || finished != 1 {
			t.Errorf("cancelled: %+v", v)
		}
	})
}

// Every fault has its sentence, in every language.
func TestPullFaultsHaveSentences(t *testing.T) {
	for _, fault := range []model.PullFault{model.PullNoServer, model.PullNoModel, model.PullNoRoom, model.PullTooOld, model.PullNetwork, model.PullDamaged, model.PullOther} {
		for _, language := range view.Languages {
			key := "setup.pull_failed_" + string(fault)
			if text := view.T(view.WithLanguage(t.Context(), language), key, "small:1b"); !strings.Contains(text, "small:1b") {
				t.Errorf("%s: %s: %q", language, key, text)
			}
		}
	}
}
