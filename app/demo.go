package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/web"
)

type demoCmd struct {
	Message []string      `help:"Write this and print the reply as JSON, without a browser; repeatable." placeholder:"TEXT" sep:"none"`
	From    caller        `help:"Number that writes." default:"447700900123"`
	Wait    time.Duration `help:"How long to wait for a reply." default:"60s"`
}

// demoNumber is the business's number in the demo.
const demoNumber = "15550783881"

// Run starts the program with Meta's side emulated inside it.
func (d demoCmd) Run(c *command) error {
	dir, err := os.MkdirTemp("", "astromesh-demo-")
	if err != nil {
		return fmt.Errorf("the demo needs a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system clears its temporary folder too
	meta := emulator.New(emulator.Config{
		AppSecret: "demo-app-secret", VerifyToken: "demo-verify-token", AccessTokens: []string{"demo-access-token"},
		PhoneNumberID: "106540352242922", DisplayNumber: demoNumber, VerifiedName: "Crumb & Ember",
	})
	if err := meta.Start("127.0.0.1:0"); err != nil {
		return fmt.Errorf("the demo cannot play Meta's side: %w", err)
	}
	defer meta.Close()
	behind := new(behindPhone)
	a, err := New(c.ctx, d.options(c, meta, dir, web.PhoneOptions{Store: behind.store, Enter: behind.enter}))
	if err != nil {
		return err
	}
	behind.up.Store(a)
	owner, err := demoOwner(a.store)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	behind.operator.Store(owner)
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	webhook, admin := a.Addrs()
	meta.SetCallback("http://" + webhook + "/v1/channels/whatsapp/webhook")
	var failed error
	if len(d.Message) > 0 {
		failed = d.play(c, a, meta)
	} else {
		_, _ = fmt.Fprintf(c.stdout, "\nOpen http://%s/phone in your browser and write to the shop as a customer would.\n"+
			"Its button leads to the dashboard; so does %s, once. Ctrl+C ends the demo.\n\n", admin, a.web.EnterLink(owner)) // nowhere else to say it
		select {
		case <-c.ctx.Done():
		case err := <-ended: // a part of the program has failed
			return err
		}
	}
	stop()
	if err := <-ended; err != nil {
		return err
	}
	return failed
}

// behindPhone is what the demo's page looks into: the page is made before the
// program is.
type behindPhone struct {
	up       atomic.Pointer[App]
	operator atomic.Int64 // whom the page's button signs in
}

func (b *behindPhone) store() *store.Store {
	if a := b.up.Load(); a != nil {
		return a.store
	}
	return nil
}

func (b *behindPhone) enter() string {
	if a := b.up.Load(); a != nil && b.operator.Load() != 0 {
		return a.web.EnterLink(b.operator.Load())
	}
	return ""
}

// demoOwner is signed in by a link: it has a password that nobody knows.
func demoOwner(st *store.Store) (id int64, err error) {
	u, err := st.FirstOwner(store.User{Name: "demo", PasswordHash: "none"})
	if err != nil {
		return 0, fmt.Errorf("the demo's operator cannot be made: %w", err)
	}
	return u.ID, nil
}

func (d demoCmd) options(c *command, meta *emulator.Emulator, dir string, phone web.PhoneOptions) Options {
	o := c.options()
	o.Source, o.DataDir, o.GraphURL = config.Demo(), dir, meta.URL()
	found := d.model(c, o.OllamaHost)
	demo := map[string]string{
		"WHATSAPP_VERIFY_TOKEN": "demo-verify-token", "WHATSAPP_ACCESS_TOKEN": "demo-access-token",
		"WHATSAPP_PHONE_NUMBER_ID": "106540352242922", "WHATSAPP_APP_SECRET": "demo-app-secret",
		"ASTROMESH_DEMO_AGENT": "demo-shop", "ASTROMESH_DEMO_MODEL": found,
	}
	if found != "" {
		demo["ASTROMESH_DEMO_AGENT"] = "demo-ollama"
	} else {
		o.Source = o.Source.Without("demo-ollama") // it would only be one that cannot answer
	}
	o.Env = func(name string) (string, bool) {
		if v, ok := demo[name]; ok {
			return v, v != ""
		}
		return c.env(name)
	}
	if c.WebhookAddr == "" {
		o.WebhookAddr = "127.0.0.1:0"
	}
	if len(d.Message) > 0 {
		// Each message is to be answered by itself, and nobody opens a page.
		demo["ASTROMESH_DEMO_QUIET"] = "0"
		o.AdminAddr, o.Fleeting = "127.0.0.1:0", true
	} else {
		phone.Meta, phone.From, phone.Model = meta, string(d.From), found
		o.Phone = web.NewPhone(phone)
	}
	return o
}

// model says which model of an Ollama answers, or "" for the built-in responder.
func (d demoCmd) model(c *command, host string) string {
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Second)
	defer cancel()
	servers := model.NewServers(model.Options{DefaultOllama: host, Env: func(name string) string { v, _ := c.env(name); return v }})
	name, err := servers.AnyModel(ctx)
	if err != nil {
		_, _ = fmt.Fprintf(c.stderr, "No Ollama with a model was found: the built-in responder answers.\n") // nowhere else to say it
		return ""
	}
	_, _ = fmt.Fprintf(c.stderr, "Ollama answers with %s.\n", name) // nowhere else to say it
	return name
}

// play writes each message and prints what comes back.
func (d demoCmd) play(c *command, a *App, meta *emulator.Emulator) error {
	phone := meta.Phone(emulator.User{Phone: string(d.From), Name: "Ana"})
	out := json.NewEncoder(c.stdout)
	out.SetEscapeHTML(false)
	printed := 0
	for _, text := range d.Message {
		ctx, cancel := context.WithTimeout(c.ctx, d.Wait)
		lines, err := d.exchange(ctx, a, phone, text, printed)
		cancel()
		for _, l := range lines[printed:] {
			if err := out.Encode(map[string]string{"from": demoNumber, "text": l.Text}); err != nil {
				return fmt.Errorf("print reply: %w", err)
			}
		}
		printed = len(lines)
		if err != nil {
			return fmt.Errorf("no reply came within %s", d.Wait)
		}
	}
	return nil
}

// exchange writes one message and waits until its replies are all there: one
// reply may be several messages.
func (d demoCmd) exchange(ctx context.Context, a *App, phone *emulator.Phone, text string, read int) ([]emulator.Line, error) {
	if _, err := phone.Write(ctx, text); err != nil {
		return phone.Reads(), err
	}
	lines, err := phone.WaitReads(ctx, read+1)
	if err != nil {
		return lines, err
	}
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		in, _, err := a.store.InboxWaiting(ctx)
		if err != nil {
			return phone.Reads(), err
		}
		if out, err := a.store.OutboxWaiting(ctx); err != nil {
			return phone.Reads(), err
		} else if in == 0 && out == 0 {
			return phone.Reads(), nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return phone.Reads(), ctx.Err()
		}
	}
}
