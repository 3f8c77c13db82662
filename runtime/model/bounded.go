package model

import (
	"io"
	"net/http"
	"strings"
)

// maxBody bounds any answer of a server: api.Client reads some of them whole.
// An answer of maxAnswer bytes, one token a line, is about 3 MB on the wire.
const maxBody = 32 << 20

// bounded cuts every response body at maxBody bytes, but that of a download: it
// tells how far it is sixteen times a second, 32 MB in three hours, a slow line
// takes longer, and api.Client holds one line of it at a time.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(r.URL.Path, "/api/pull") {
		return response, nil
	}
	response.Body = &boundedBody{io.LimitReader(response.Body, maxBody), response.Body}
	return response, nil
}

type boundedBody struct {
	io.Reader
	io.Closer
}
