package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"astromesh/config"

	"github.com/adrg/xdg"
	"github.com/alecthomas/kong"
)

// flags are shared by all commands.
type flags struct {
	ConfigDir   string `help:"Folder with channels.yaml and agents/. Default: ./config if it holds channels.yaml, else the files inside the program." env:"ASTROMESH_CONFIG_DIR" placeholder:"DIR"`
	DataDir     string `help:"Folder of the database. Default: astromesh in the user's data folder." env:"ASTROMESH_DATA_DIR" placeholder:"DIR"`
	WebhookAddr string `help:"Address that Meta's webhooks come to (default 0.0.0.0:8000)." env:"ASTROMESH_WEBHOOK_ADDR" placeholder:"HOST:PORT"`
	AdminAddr   string `help:"Address of the dashboard (default 127.0.0.1:8080)." env:"ASTROMESH_ADMIN_ADDR" placeholder:"HOST:PORT"`
	LogFormat   string `help:"text or json." env:"ASTROMESH_LOG_FORMAT" default:"text"`
	LogLevel    string `help:"debug, info, warn or error." env:"ASTROMESH_LOG_LEVEL" default:"info"`
}

// commands are the program's commands, one file each.
type commands struct {
	flags
	Serve serveCmd `cmd:"" default:"withargs" help:"Answer WhatsApp messages (the default)."`
	Demo  demoCmd  `cmd:"" help:"Try it without a Meta account: the program plays Meta's side."`

	Desktop desktopCmd `cmd:"" help:"Open the dashboard: in a window of its own where the program was built with one, else in the browser."`

	Backup  backupCmd  `cmd:"" help:"Write everything into one file, also while the program runs."`
	Restore restoreCmd `cmd:"" help:"Put a backup in the place of what is in the data folder."`

	Check checkCmd `cmd:"" help:"Say what is well, what is not, and how to mend it."`

	Guardrails guardrailsCmd `cmd:"" help:"Try an agent's guardrails."`
	Agents     agentsCmd     `cmd:"" help:"Work with agent files."`
	Password   passwordCmd   `cmd:"" help:"Set an operator's password."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// command is what a command runs with.
type command struct {
	flags
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	env            config.Env
	log            *slog.Logger
}

// exitError ends the program with a code, after what it has to say was said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// usageCode is the exit code for a command line that cannot be understood.
const usageCode = 2

// Main runs the command line and returns the exit code.
func Main() int {
	// The second signal ends the program at once: after the first, signals have
	// their usual effect again.
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, cancel)
	defer cancel()
	return run(&command{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: config.OSEnv}, commandLine(os.Args[1:]))
}

func run(c *command, args []string) int {
	code, err := dispatch(c, args)
	var exit exitError
	switch {
	case err == nil:
		return code
	case errors.As(err, &exit):
		return int(exit)
	default:
		_, _ = fmt.Fprintln(c.stderr, "astromesh: "+err.Error()) // there is nowhere else to say it
		return max(code, 1)
	}
}

func dispatch(c *command, args []string) (code int, err error) {
	var cli commands
	done := false
	parser, err := kong.New(&cli, kong.Name("astromesh"), kong.Writers(c.stdout, c.stderr), kong.Exit(func(code int) { done = true }),
		kong.Description("Answers a small business's WhatsApp messages with an AI agent that runs on its own machine."))
	if err != nil {
		return 1, err
	}
	parsed, err := parser.Parse(args)
	if done { // --help was asked for and printed
		return 0, nil
	}
	if err != nil {
		return usageCode, fmt.Errorf("%w. Try astromesh --help", err)
	}
	c.flags = cli.flags
	if c.log, err = newLog(c.stderr, c.LogFormat, c.LogLevel); err != nil {
		return usageCode, err
	}
	return 0, parsed.Run(c)
}

// source is where the configuration comes from.
func (c *command) source() config.Source {
	if c.ConfigDir != "" {
		return config.Dir(c.ConfigDir)
	}
	if _, err := os.Stat(filepath.Join("config", "channels.yaml")); err == nil {
		return config.Dir("config")
	}
	return config.Embedded()
}

func (c *command) dataDir() string {
	if c.DataDir != "" {
		return c.DataDir
	}
	return filepath.Join(xdg.DataHome, "astromesh")
}

// variable reads an environment variable that has no flag.
func (c *command) variable(name, otherwise string) string {
	if v, ok := c.env(name); ok && v != "" {
		return v
	}
	return otherwise
}

// options are those of serve; the other commands change what they need to.
func (c *command) options() Options {
	return Options{
		Source: c.source(), DataDir: c.dataDir(), Env: c.env, Log: c.log, Say: beside(c.stderr, c.LogFormat),
		WebhookAddr: orElse(c.WebhookAddr, "0.0.0.0:8000"), AdminAddr: orElse(c.AdminAddr, "127.0.0.1:8080"),
		GraphURL:   c.variable("ASTROMESH_GRAPH_URL", "https://graph.facebook.com"),
		OllamaHost: c.variable("OLLAMA_HOST", ""), APIToken: c.variable("ASTROMESH_API_TOKEN", ""),
	}
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
