package whatsapp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"astromesh/runtime/channel"
)

const maxRedirects = 5

// errGone means that the short-lived address of an attachment has expired.
var errGone = errors.New("address of the file has expired")

// mediaLimit is the most bytes that are loaded of a kind: Meta's limits, and
// 25 MB of the 100 MB that a document may have, since it is held in memory.
func mediaLimit(kind channel.Kind) int64 {
	switch kind {
	case channel.KindImage:
		return 5 << 20
	case channel.KindSticker:
		return 500 << 10
	case channel.KindAudio, channel.KindVideo:
		return 16 << 20
	}
	return 25 << 20
}

// mediaInfo is Graph's answer about an attachment.
type mediaInfo struct {
	url, mime, sha256 string
	size              int64
}

// Fetch loads an attachment into memory: it asks Graph for the address, which
// lives five minutes, and loads that. An address that has expired in between is
// asked for once more. The error says in words what went wrong, without the
// address; a refusal by Graph is a *channel.SendError inside it.
func (c *Client) Fetch(ctx context.Context, account string, m channel.Media) (channel.File, error) {
	ctx, cancel := context.WithTimeout(ctx, mediaTimeout)
	defer cancel()
	file, err := c.fetch(ctx, account, m)
	if errors.Is(err, errGone) && m.ID != "" {
		file, err = c.fetch(ctx, account, m)
	}
	if err != nil {
		return channel.File{}, fmt.Errorf("fetch %s: %w", m.Kind, withoutAddress(err))
	}
	return file, nil
}

func (c *Client) fetch(ctx context.Context, account string, m channel.Media) (channel.File, error) {
	if m.ID == "" && m.URL == "" {
		return channel.File{}, errors.New("the channel gave neither an id nor an address for it")
	}
	info := mediaInfo{url: m.URL, mime: m.MIME}
	if m.ID != "" {
		var err error
		if info, err = c.mediaInfo(ctx, account, m.ID); err != nil {
			return channel.File{}, err
		}
	}
	limit := mediaLimit(m.Kind)
	if info.size > limit {
		return channel.File{}, tooLarge(limit)
	}
	data, header, err := c.download(ctx, info.url, limit)
	if err != nil {
		return channel.File{}, err
	}
	if sum := sha256.Sum256(data); info.sha256 != "" && !strings.EqualFold(info.sha256, hex.EncodeToString(sum[:])) {
		return channel.File{}, errors.New("the file differs from what the channel announced (sha256)")
	}
	return channel.File{MIME: firstOf(info.mime, m.MIME, header), Data: data}, nil
}

// mediaInfo is the first step: the address of an attachment.
func (c *Client) mediaInfo(ctx context.Context, account, id string) (mediaInfo, error) {
	if !safeID(id) {
		return mediaInfo{}, errors.New("the channel gave an unusable id for it")
	}
	token, failed := c.ready()
	if failed != nil {
		return mediaInfo{}, failed
	}
	address := c.endpoint(id)
	if account != "" {
		address += "?" + url.Values{"phone_number_id": {account}}.Encode()
	}
	req, err := c.request(ctx, http.MethodGet, address, token)
	if err != nil {
		return mediaInfo{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return mediaInfo{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return mediaInfo{}, err
	}
	if resp.StatusCode != http.StatusOK || hasGraphError(body) {
		return mediaInfo{}, graphError(resp.StatusCode, resp.Header, body, token)
	}
	n, ok := readNode(body)
	if !ok || n.get("url").text() == "" {
		return mediaInfo{}, errors.New("graph named no address for it")
	}
	size, _ := n.get("file_size").whole()
	return mediaInfo{url: n.get("url").text(), mime: n.get("mime_type").text(), sha256: n.get("sha256").text(), size: size}, nil
}

// download is the second step. Redirects are followed by hand, so that each
// target is judged before the token is shown to it.
func (c *Client) download(ctx context.Context, address string, limit int64) ([]byte, string, error) {
	for hop := range maxRedirects + 1 {
		target, err := url.Parse(address)
		if err != nil {
			return nil, "", errors.New("the address of the file is unreadable")
		}
		data, mime, next, err := c.downloadOnce(ctx, target, hop == 0, limit)
		if err != nil || next == nil {
			return data, mime, err
		}
		address = next.String()
	}
	return nil, "", errors.New("the address of the file leads in circles")
}

func (c *Client) downloadOnce(ctx context.Context, target *url.URL, first bool, limit int64) (data []byte, mime string, next *url.URL, err error) {
	token, failed := c.ready()
	if failed != nil {
		return nil, "", nil, failed
	}
	switch {
	case !c.schemeAllowed(target):
		return nil, "", nil, errors.New("the address of the file is not https")
	case !c.mayHaveToken(target) && first:
		return nil, "", nil, errors.New("the file lies on a host that is not Meta's")
	case !c.mayHaveToken(target):
		token = ""
	}
	req, err := c.request(ctx, http.MethodGet, target.String(), token)
	if err != nil {
		return nil, "", nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, "", nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusOK:
		data, err = readLimited(resp, limit)
		return data, resp.Header.Get("Content-Type"), nil, err
	case resp.StatusCode == http.StatusNotFound:
		return nil, "", nil, errGone
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		if next, err = resp.Location(); err != nil {
			return nil, "", nil, errors.New("the address of the file leads nowhere")
		}
		return nil, "", next, nil
	}
	return nil, "", nil, fmt.Errorf("the file's host answered with HTTP %d", resp.StatusCode)
}

// readLimited reads a body and gives up as soon as it is too large, whatever
// its headers said.
func readLimited(resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	var buffer bytes.Buffer
	if resp.ContentLength > 0 {
		buffer.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	n, err := io.Copy(&buffer, io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the transfer broke off: %w", err)
	case n > limit:
		return nil, tooLarge(limit)
	case n == 0:
		return nil, errors.New("the file is empty")
	}
	return buffer.Bytes(), nil
}

func tooLarge(limit int64) error {
	return fmt.Errorf("the file is larger than %d KB", limit>>10)
}

// schemeAllowed demands https, except from a Graph that is itself an emulator
// on http.
func (c *Client) schemeAllowed(target *url.URL) bool {
	return target.Scheme == "https" || target.Scheme == "http" && c.graph != nil && c.graph.Scheme == "http"
}

// mayHaveToken reports whether the access token may be shown to a host: Graph's
// own, with its port, or one below Meta's media names on https.
func (c *Client) mayHaveToken(target *url.URL) bool {
	if c.graph != nil && target.Scheme == c.graph.Scheme && strings.EqualFold(target.Host, c.graph.Host) {
		return true
	}
	if target.Scheme != "https" || target.Port() != "" && target.Port() != "443" {
		return false
	}
	host := strings.ToLower(target.Hostname())
	for _, name := range c.config.MediaHosts {
		if name = strings.Trim(strings.ToLower(name), "."); name != "" && strings.HasSuffix(host, "."+name) {
			return true
		}
	}
	return false
}

// withoutAddress takes the address out of a transport error: it holds a key to
// the file.
func withoutAddress(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
