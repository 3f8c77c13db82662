package tool

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

const (
	// remoteLimit is how long a call of a tool outside the program may take, where
	// the file says nothing; mostLimit is the longest that a file may ask for.
	remoteLimit = 15 * time.Second
	mostLimit   = 2 * time.Minute
)

// settings are what a file says of a tool that reaches out: beside its name, under
// config, or under its type, as files of other programs have it.
type settings map[string]any

func settingsOf(d Declared) (settings, error) {
	s := settings{}
	block, _ := d.Rest[d.Type].(map[string]any)
	for _, from := range []map[string]any{d.Rest, d.Config, block} {
		for key, value := range from {
			if key == d.Type && value != nil && block != nil {
				continue
			}
			if before, twice := s[key]; twice && !reflect.DeepEqual(before, value) {
				return nil, fmt.Errorf("%s is written twice and differs; keep one", key)
			}
			s[key] = value
		}
	}
	return s, nil
}

// text gives a setting's words; "" where there are none.
func (s settings) text(key string) (string, error) {
	switch x := s[key].(type) {
	case nil:
		return "", nil
	case string:
		return strings.TrimSpace(x), nil
	case map[string]any, []any:
		return "", fmt.Errorf("%s must be text", key)
	default:
		return fmt.Sprint(x), nil
	}
}

// list gives a list of texts; one text is a list of one.
func (s settings) list(key string) ([]string, error) {
	items, ok := s[key].([]any)
	if !ok && s[key] != nil {
		items = []any{s[key]}
	}
	var out []string
	for _, item := range items {
		switch x := item.(type) {
		case map[string]any: // {name: …}, as a list of tools may be written
			name, isText := x["name"].(string)
			if !isText {
				return nil, fmt.Errorf("%s must be a list of texts", key)
			}
			out = append(out, name)
		case []any, nil:
			return nil, fmt.Errorf("%s must be a list of texts", key)
		default:
			out = append(out, fmt.Sprint(x))
		}
	}
	return out, nil
}

// pairs gives names and texts.
func (s settings) pairs(key string) (map[string]string, error) {
	m, ok := s[key].(map[string]any)
	if !ok && s[key] != nil {
		return nil, fmt.Errorf("%s must be a map of names and texts", key)
	}
	out := map[string]string{}
	for name, value := range m {
		switch value.(type) {
		case map[string]any, []any:
			return nil, fmt.Errorf("%s.%s must be text", key, name)
		case nil:
			out[name] = ""
		default:
			out[name] = fmt.Sprint(value)
		}
	}
	return out, nil
}

// headers are pairs that can be sent.
func (s settings) headers() (http.Header, error) {
	pairs, err := s.pairs("headers")
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		value := strings.TrimSpace(pairs[name])
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, fmt.Errorf("the header %s cannot be sent: a header is one line", clip(name, 60))
		}
		h.Set(name, value)
	}
	return h, nil
}

// limit is how long a call may take.
func (s settings) limit() (time.Duration, error) {
	key := "timeout"
	if s[key] == nil {
		key = "timeout_seconds"
	}
	var d time.Duration
	switch x := s[key].(type) {
	case nil:
		return remoteLimit, nil
	case int:
		d = time.Duration(min(max(x, 0), 3600)) * time.Second
	case float64:
		d = time.Duration(min(max(x, 0), 3600) * float64(time.Second))
	case string:
		var err error
		if seconds, bad := strconv.ParseFloat(strings.TrimSpace(x), 64); bad == nil {
			d = time.Duration(min(max(seconds, 0), 3600) * float64(time.Second))
		} else if d, err = time.ParseDuration(strings.TrimSpace(x)); err != nil {
			return 0, fmt.Errorf("%s must be seconds, or like 30s", key)
		}
	default:
		return 0, fmt.Errorf("%s must be seconds, or like 30s", key)
	}
	if d <= 0 {
		return 0, fmt.Errorf("%s must be more than 0", key)
	}
	return min(d, mostLimit), nil
}

// hidden takes the owner's secrets out of what a model, and with it the trace and
// a customer, may read: some services give back what they were sent.
func hidden(text string, secrets []string) string {
	const shortest = 6 // "true" is no secret, and stands in many texts
	for _, s := range secrets {
		if len(s) >= shortest {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}

// secretsOf are the values of headers, whole and without the word in front
// ("Bearer …"), longest first.
func secretsOf(h http.Header) []string {
	var list []string
	for name, values := range h {
		switch name {
		case "Accept", "Accept-Language", "Content-Type", "User-Agent":
			continue
		}
		for _, v := range values {
			list = append(list, v)
			if _, rest, ok := strings.Cut(v, " "); ok {
				list = append(list, rest)
			}
		}
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// errNoURL and the like are parts of "tool x is not offered to the model: …".
var (
	errNoURL  = errors.New("it has no url")
	errNoName = errors.New("it has no name")
)
