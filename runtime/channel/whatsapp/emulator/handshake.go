package emulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Subscribe runs the handshake on the callback URL, as saving it in the App
// Dashboard does: a GET with a random decimal challenge, without signature.
// Only status 200 with exactly the challenge as body passes.
func (e *Emulator) Subscribe(ctx context.Context) error {
	e.mu.Lock()
	callback := e.callback
	e.mu.Unlock()
	return e.handshake(ctx, callback, e.cfg.VerifyToken)
}

func (e *Emulator) handshake(ctx context.Context, callback, token string) error {
	if callback == "" {
		return ErrNoCallback
	}
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Timeout)
	defer cancel()
	challenge := "1" + e.randomText(9, "0123456789")
	query := "hub.mode=subscribe&hub.challenge=" + challenge + "&hub.verify_token=" + url.QueryEscape(token)
	separator := "?"
	if strings.Contains(callback, "?") {
		separator = "&"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, callback+separator+query, nil)
	if err != nil {
		return fmt.Errorf("verify callback: %w", err)
	}
	r.Header.Set("User-Agent", "facebookplatform/1.0 (+http://developers.facebook.com)")
	r.Header.Set("Accept", "*/*")
	_, client := e.target()
	resp, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("verify callback: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return fmt.Errorf("verify callback: %w", err)
	}
	if resp.StatusCode != http.StatusOK || string(body) != challenge {
		return fmt.Errorf("the URL couldn't be validated: response does not match challenge, "+
			"expected value=%q, received=%q (HTTP %d)", challenge, body, resp.StatusCode)
	}
	return nil
}
