package emulator

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Emulator is one Meta app with one WhatsApp Business Account. All methods may
// be called concurrently.
type Emulator struct {
	cfg     Config
	clock   Clock
	tasks   *tasks
	journal *journal
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc

	mu       sync.Mutex // guards everything below
	rng      *rand.Rand
	client   *http.Client
	callback string
	override string // callback of the account, set through subscribed_apps
	fields   map[string]bool
	joined   bool // subscribed_apps was called
	signing  SignatureMode
	plain    bool
	tokens   map[string]tokenState
	numbers  map[string]*number
	people   *directory
	inbound  map[string]inboundMessage // by wamid
	media    map[string]*mediaFile     // by id
	faults   []*armedFault
	server   *server
}

type number struct {
	Number
	bucket bucket // throughput
}

// inboundMessage is what Meta remembers of a user's message.
type inboundMessage struct {
	from *person
	at   time.Time
}

// New makes an emulator; it holds no socket until Start. Close it.
func New(cfg Config) *Emulator {
	cfg = cfg.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	e := &Emulator{
		cfg: cfg, clock: cfg.Clock, tasks: newTasks(), journal: newJournal(),
		ctx: ctx, cancel: cancel, rng: newRand(cfg.Seed),
		callback: cfg.CallbackURL, joined: !cfg.NotSubscribed,
		signing: cfg.Signature, plain: cfg.PlainUTF8,
		numbers: map[string]*number{}, people: newDirectory(),
		inbound: map[string]inboundMessage{}, media: map[string]*mediaFile{},
	}
	e.useClient(cfg.Client)
	e.SetAccessTokens(cfg.AccessTokens...)
	own := Number{ID: cfg.PhoneNumberID, Display: cfg.DisplayNumber, Name: cfg.VerifiedName}
	for _, n := range append([]Number{own}, cfg.MoreNumbers...) {
		e.numbers[n.ID] = &number{Number: n}
	}
	return e
}

func newRand(seed uint64) *rand.Rand {
	if seed == 0 {
		var b [8]byte
		_, _ = crand.Read(b[:]) // never fails since Go 1.24
		seed = binary.LittleEndian.Uint64(b[:])
	}
	return rand.New(rand.NewPCG(seed, seed))
}

// Close stops timers, retries and the server, cancels calls in hand and
// returns when every goroutine of the emulator has ended. A callback handler
// that ignores its context holds it up. Calling it again is legal.
func (e *Emulator) Close() {
	e.tasks.close()
	e.cancel()
	e.mu.Lock()
	srv := e.server
	e.server = nil
	client := e.client
	e.mu.Unlock()
	if srv != nil {
		srv.close()
	}
	e.tasks.wait()
	client.CloseIdleConnections()
}

// Settle returns when no webhook POST and no step of a status flow is running.
// Work that waits for the clock does not count.
func (e *Emulator) Settle(ctx context.Context) error { return e.tasks.settle(ctx) }

// SetCallback changes where webhooks go. A query it carries is kept.
func (e *Emulator) SetCallback(url string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.callback = url
}

// SetCallbackHandler delivers webhooks to h without any network. The request
// carries the callback URL that is set, or else the path
// /v1/channels/whatsapp/webhook.
func (e *Emulator) SetCallbackHandler(h http.Handler) {
	e.useClient(&http.Client{Transport: &handlerTransport{handler: h, track: e.tasks.track}})
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.callback == "" {
		e.callback = "http://business.test/v1/channels/whatsapp/webhook"
	}
}

// SetSignature changes how webhooks are signed from now on; retries of older
// posts are signed anew.
func (e *Emulator) SetSignature(mode SignatureMode) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.signing = mode
}

// SetPlainUTF8 switches the escaping of webhook bodies off or on.
func (e *Emulator) SetPlainUTF8(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.plain = on
}

// Number is the business number the emulator was made with.
func (e *Emulator) Number() Number { return e.numbers[e.cfg.PhoneNumberID].Number }

func (e *Emulator) useClient(base *http.Client) {
	client := &http.Client{}
	if base != nil {
		*client = *base
	}
	if client.Transport == nil {
		// Meta posts concurrently; the default of two idle connections a host
		// would open and close sockets under load.
		client.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e.mu.Lock()
	defer e.mu.Unlock()
	e.client = client
}

// randomText draws n characters of alphabet.
func (e *Emulator) randomText(n int, alphabet string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[e.rng.IntN(len(alphabet))]
	}
	return string(out)
}

// randomID is a decimal id as Meta's objects have.
func (e *Emulator) randomID() string {
	return "1" + e.randomText(15, "0123456789")
}

func seconds(t time.Time) string { return fmt.Sprint(t.Unix()) }
