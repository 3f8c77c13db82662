package model

import (
	"io"
	"net/http"
)

// maxBody bounds any answer of a server: api.Client reads some of them whole.
// An answer of maxAnswer bytes, one token a line, is about 3 MB on the wire.
const maxBody = 32 << 20

// bounded cuts every response body at maxBody bytes.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = &boundedBody{io.LimitReader(response.Body, maxBody), response.Body}
	return response, nil
}

type boundedBody struct {
	io.Reader
	io.Closer
}
