package tool

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"astromesh/runtime/model"
)

//go:embed cache_store.md
var cacheStoreWords string

// The scopes of what cache_store keeps.
const (
	ScopeCustomer = "customer" // each customer has values of their own: the default
	ScopeAgent    = "agent"    // every customer of the agent reads and changes the same
)

const (
	maxKey   = 64      // characters of a key
	maxValue = 4 << 10 // bytes of a value
	// cacheTTL is how long a value is kept where the file says nothing: what is
	// known of people should not pile up by itself.
	cacheTTL    = 30 * 24 * time.Hour
	cacheTTLMax = 400 * 24 * time.Hour
)

// cacheStore keeps small values between turns: for the customer or, if the file
// says so, for all customers of the agent.
type cacheStore struct {
	scope  string
	ttl    time.Duration
	recall func(ctx context.Context, scope, sessionID, key string) (string, bool, error)
}

func newCacheStore(d Declared, src Sources) (Made, error) {
	t := &cacheStore{scope: ScopeCustomer, ttl: cacheTTL, recall: src.Recall}
	switch scope := text(d.Config, "scope"); scope {
	case "", ScopeCustomer:
	case ScopeAgent:
		t.scope = ScopeAgent
	default:
		return Made{}, fmt.Errorf("config.scope must be customer or agent, not %q", clip(scope, 40))
	}
	if s := text(d.Config, "ttl_seconds", "ttl"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > int(cacheTTLMax/time.Second) {
			return Made{}, fmt.Errorf("config.ttl_seconds must be a number of seconds from 1 to %d", int(cacheTTLMax/time.Second))
		}
		t.ttl = time.Duration(n) * time.Second
	}
	return one(t), nil
}

func (*cacheStore) Spec() model.ToolSpec {
	return model.ToolSpec{
		Name:        "cache_store",
		Description: strings.TrimSpace(cacheStoreWords),
		Parameters: json.RawMessage(`{"type":"object","properties":{` +
			`"action":{"type":"string","enum":["get","set","delete"],"description":"What to do."},` +
			`"key":{"type":"string","description":"A short name, such as shoe_size."},` +
			`"value":{"type":"string","description":"For set: what to keep."},` +
			`"ttl_seconds":{"type":"integer","description":"For set: how long to keep it, at most as long as allowed."}` +
			`},"required":["action","key"]}`),
	}
}

func (t *cacheStore) Call(ctx context.Context, c Call) (string, error) {
	key := strings.ToLower(text(c.Arguments, "key", "name"))
	switch {
	case key == "":
		return "", errors.New("the key is missing: give a short name")
	case utf8.RuneCountInString(key) > maxKey:
		return "", fmt.Errorf("the key is longer than %d characters", maxKey)
	case c.SessionID == "":
		return "", errors.New("nothing can be kept here: it is not known who is writing")
	}
	action := strings.ToLower(text(c.Arguments, "action"))
	switch action {
	case "get":
		return t.get(ctx, c, key)
	case "set":
		return t.set(c, key)
	default: // delete: the schema allows no other
		c.Effects.Keep(Kept{Scope: t.scope, Key: key, Gone: true})
		return "Nothing is kept under " + key + " any more.", nil
	}
}

func (t *cacheStore) get(ctx context.Context, c Call, key string) (string, error) {
	if k, ok := c.Effects.Found(t.scope, key); ok {
		if k.Gone {
			return "", fmt.Errorf("nothing is kept under %s", key)
		}
		return k.Value, nil
	}
	if t.recall == nil {
		return "", fmt.Errorf("nothing is kept under %s", key)
	}
	value, found, err := t.recall(ctx, t.scope, c.SessionID, key)
	switch {
	case err != nil:
		return "", &FaultError{Model: "what is kept could not be read", Owner: unreadableCache}
	case !found:
		return "", fmt.Errorf("nothing is kept under %s", key)
	}
	return value, nil
}

// set keeps what the output guardrails let through of key and value: it is read
// to a customer again, and lies on the disk.
func (t *cacheStore) set(c Call, key string) (string, error) {
	raw := c.Arguments["value"]
	value := scalar(raw)
	if value == "" && raw != nil {
		b, err := json.Marshal(raw) // a small model gives a list or a map
		if err == nil {
			value = string(b)
		}
	}
	if strings.TrimSpace(value) == "" || value == `""` {
		return "", errors.New("the value is missing: write what to keep in value")
	}
	if len(value) > maxValue {
		return "", fmt.Errorf("the value has %d bytes, at most %d can be kept: keep what matters", len(value), maxValue)
	}
	clean, err := c.Effects.Screen(value)
	if err != nil {
		return "", err
	}
	if clean == "" {
		return "", errors.New("this value cannot be kept: write it in plain words")
	}
	name, err := c.Effects.Screen(key)
	if err != nil || name != key {
		return "", errors.New("the key holds something private: choose a plain word")
	}
	ttl := t.ttl
	if n, err := strconv.Atoi(text(c.Arguments, "ttl_seconds")); err == nil && n > 0 {
		ttl = min(ttl, time.Duration(min(n, int(cacheTTLMax/time.Second)))*time.Second)
	}
	c.Effects.Keep(Kept{Scope: t.scope, Key: key, Value: clean, TTL: ttl})
	return "Kept under " + key + ".", nil
}
