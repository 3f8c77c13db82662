package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"astromesh/runtime/reach"
	"astromesh/store"
	"astromesh/web"
)

// newReach makes what keeps the way in open, with the settings of the store.
func (a *App) newReach(ctx context.Context) (*reach.Keeper, error) {
	s, err := readReach(ctx, a.store)
	if err != nil {
		return nil, err
	}
	return reach.New(reach.Parts{
		Settings: s, Path: web.WebhookPath, Folder: filepath.Join(a.opts.DataDir, "certificates"), Log: a.log,
		Handler:  func() (public http.Handler) { public, _ = a.web.Handlers(); return public },
		Register: a.registerAt, Outside: a.opts.Outside,
		Credentials: func() reach.Credentials {
			w := a.live.Load().whatsapp
			return reach.Credentials{VerifyToken: w.VerifyToken.Reveal(), AppSecret: w.AppSecret.Reveal()}
		},
	}), nil
}

func readReach(ctx context.Context, st *store.Store) (reach.Settings, error) {
	values, err := st.Settings(ctx, reach.Prefix)
	if err != nil {
		return reach.Settings{}, fmt.Errorf("the settings of the way in cannot be read: %w", err)
	}
	public, err := st.Setting(ctx, web.PublicURLSetting)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return reach.Settings{}, fmt.Errorf("the public address cannot be read: %w", err)
	}
	return reach.Read(values, public), nil
}
