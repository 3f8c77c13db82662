package mcp

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// process is a server's program with everything that it starts itself.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	group  group
	once   sync.Once
	ended  sync.Once
}

// startError is why a program could not be started, in words.
type startError struct{ why string }

func (e *startError) Error() string { return e.why }

// start runs the program in a group of its own, so that it can be ended with all
// its children. It inherits nothing of ours but where programs and the home
// folder are: our environment holds the keys to Meta.
func start(setup Setup, log *slog.Logger) (*process, error) {
	cmd := exec.Command(setup.Command, setup.Args...) //nolint:gosec // the owner's own file names it
	cmd.Dir, cmd.Env = setup.Dir, environment(setup.Env, os.LookupEnv)
	cmd.WaitDelay = 2 * time.Second // a grandchild that has slipped away may hold a pipe
	cmd.Stderr = &chatter{log: log}
	p := &process{cmd: cmd}
	p.group.prepare(cmd)
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, &startError{"there are too many open files"}
	}
	if p.stdout, err = cmd.StdoutPipe(); err != nil {
		return nil, &startError{"there are too many open files"}
	}
	if err := cmd.Start(); err != nil {
		return nil, &startError{whyNotStarted(setup, err)}
	}
	p.group.started(cmd)
	return p, nil
}

func whyNotStarted(setup Setup, err error) string {
	if setup.Dir != "" {
		if info, bad := os.Stat(setup.Dir); bad != nil || !info.IsDir() {
			return "the folder of cwd is not there"
		}
	}
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "there is no program " + clip(setup.Command, 80) + " on this computer"
	case errors.Is(err, fs.ErrPermission):
		return "the program " + clip(setup.Command, 80) + " may not be run"
	}
	return "the system refused to run " + clip(setup.Command, 80)
}

// farewell closes the program's input, which asks it to end, and waits for the
// end of its output, though not long.
func (p *process) farewell() {
	_ = p.stdin.Close() // it may be closed
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, p.stdout) // until it ends
	}()
	select {
	case <-done:
	case <-time.After(goodbye):
	}
}

// kill ends the program and what it has started.
func (p *process) kill() { p.once.Do(p.group.kill) }

// wait gives back what the system keeps of an ended program. It must follow kill.
func (p *process) wait() {
	p.ended.Do(func() { _ = p.cmd.Wait() }) // how it ended does not matter
}

// environment is what a program gets: the file's variables, and of ours only
// those that say where things are.
func environment(given map[string]string, ours func(string) (string, bool)) []string {
	env := []string{}
	for _, name := range inherited() {
		_, overruled := given[name]
		if value, ok := ours(name); ok && !overruled {
			env = append(env, name+"="+value)
		}
	}
	words := sorted(given)
	for i := 0; i < len(words); i += 2 {
		env = append(env, words[i]+"="+words[i+1])
	}
	return env
}

// chatter writes what a program says on its standard error to the log, at debug
// and within bounds: some log each request with everything in it.
type chatter struct {
	log *slog.Logger

	mu     sync.Mutex
	part   []byte
	lines  int
	minute time.Time
}

const (
	maxChatter = 60  // lines a minute
	maxLine    = 500 // bytes of each
)

func (c *chatter) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range p {
		switch {
		case b == '\n':
			c.say()
		case len(c.part) < maxLine:
			c.part = append(c.part, b)
		}
	}
	return len(p), nil
}

func (c *chatter) say() {
	line := strings.TrimSpace(strings.ToValidUTF8(string(c.part), ""))
	c.part = c.part[:0]
	if now := time.Now(); now.Sub(c.minute) > time.Minute {
		c.minute, c.lines = now, 0
	}
	if c.lines++; line != "" && c.lines <= maxChatter {
		c.log.Debug("an MCP server says", "line", line)
	}
}
