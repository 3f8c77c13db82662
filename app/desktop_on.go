//go:build desktop && !bindings

package app

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"astromesh/web"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	wails_runtime "github.com/wailsapp/wails/v2/pkg/runtime"
)

// startPage is what the window shows for the moment until the dashboard is there.
// The dashboard itself comes from its own address: Wails' own handler loses
// cookies and redirects.
//
//go:embed start
var startPage embed.FS

//go:embed start/icon.png
var windowIcon []byte

var errNoScreen = errors.New("there is no screen to show a window on: sign in to a graphical desktop and start it there, or use \"astromesh serve\", which needs none")

// commandLine opens the window where nothing was typed: that is how a program is
// started from a menu.
func commandLine(args []string) []string {
	if len(args) == 0 {
		return []string{"desktop"}
	}
	return args
}

// show opens the window and runs the program behind it.
func (d desktopCmd) show(c *command) error {
	if noScreen(c) {
		return errNoScreen
	}
	run, stop := context.WithCancel(c.ctx)
	w := &window{cmd: d, c: c, run: run, stop: stop, ended: make(chan error, 1)}
	return w.open()
}

// noScreen says whether there is surely none. GTK would end the program.
func noScreen(c *command) bool {
	return runtime.GOOS != "windows" && runtime.GOOS != "darwin" && c.variable("DISPLAY", "") == "" && c.variable("WAYLAND_DISPLAY", "") == ""
}

// window is the one window of the program.
type window struct {
	cmd  desktopCmd
	c    *command
	run  context.Context // ends when the program is to stop
	stop context.CancelFunc

	app     atomic.Pointer[App]
	problem atomic.Pointer[string] // why the program could not start
	ended   chan error             // what became of the program
	gone    atomic.Bool            // it has ended: the window may go
	asking  sync.Mutex
}

// open shows the window until the program has ended.
func (w *window) open() (err error) {
	defer func() {
		// Wails panics where GTK finds no screen, as with a DISPLAY that nobody serves.
		if p := recover(); p != nil {
			if err = errNoScreen; fmt.Sprint(p) != "failed to init GTK" {
				panic(p)
			}
		}
	}()
	err = wails.Run(&options.App{
		Title: "Astromesh", Width: 1280, Height: 860, MinWidth: 360, MinHeight: 480, StartHidden: w.cmd.Hidden,
		AssetServer:              &assetserver.Options{Assets: startPage, Handler: http.HandlerFunc(w.link)},
		OnStartup:                w.begin,
		OnBeforeClose:            w.closing,
		EnableDefaultContextMenu: true, // copy and paste
		LogLevelProduction:       logger.ERROR,
		Linux:                    &linux.Options{Icon: windowIcon, ProgramName: "astromesh", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Windows:                  &windows.Options{WebviewUserDataPath: filepath.Join(w.c.dataDir(), "webview")},
	})
	w.stop()
	return errors.Join(err, <-w.ended)
}

// begin takes the signals back from Wails, whose handler would close the window
// under the running program, and starts the program.
func (w *window) begin(ctx context.Context) {
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	signals, cancel := signal.NotifyContext(w.run, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(signals, cancel) // the second signal ends the program at once
	context.AfterFunc(signals, w.stop)
	go func() {
		err := w.serve(ctx)
		w.ended <- err
		w.gone.Store(true)
		wails_runtime.Quit(ctx)
	}()
}

// serve runs the program. One that cannot start says why in the window, since
// nobody reads what a program from a menu prints.
func (w *window) serve(ctx context.Context) error {
	seat := w.cmd.seat(w.c)
	seat.Window, seat.Show = true, func() {
		wails_runtime.WindowShow(ctx)
		wails_runtime.WindowUnminimise(ctx)
	}
	err := w.cmd.serve(w.run, w.c, seat, func(a *App) {
		if w.app.Swap(a) != nil {
			wails_runtime.WindowReloadApp(ctx) // after a restore: sign in anew
		}
	})
	if err != nil && w.app.Load() == nil {
		said := err.Error()
		w.problem.Store(&said)
		wails_runtime.WindowShow(ctx)
		<-w.run.Done()
	}
	return err
}

// link tells the start page where to go: {"link"} once the program runs,
// {"problem"} where it cannot, {} before.
func (w *window) link(out http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/link" {
		http.NotFound(out, r)
		return
	}
	answer := map[string]string{}
	if a := w.app.Load(); a != nil {
		answer["link"] = a.web.WindowLink()
	} else if said := w.problem.Load(); said != nil {
		answer["problem"] = *said
	}
	out.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(out).Encode(answer) // the page asks again
}

// closing is called when the window is to close; prevent keeps it. What follows
// is decided apart: a question must not hold the window's own loop.
func (w *window) closing(ctx context.Context) (prevent bool) {
	if w.gone.Load() {
		return false
	}
	if a := w.app.Load(); a != nil {
		go w.decide(ctx, a)
	} else {
		w.stop()
	}
	return true
}

// decide asks, the first time, what closing means, and does it. A question that
// is closed without an answer leaves the window open.
func (w *window) decide(ctx context.Context, a *App) {
	if !w.asking.TryLock() {
		return // it is being asked
	}
	defer w.asking.Unlock()
	choice := a.web.Closing(ctx)
	if choice == "" {
		if choice = w.ask(ctx, a); choice == "" {
			return
		}
		if err := a.web.SetClosing(choice); err != nil {
			a.log.Error("what closing the window means could not be kept", "error", err)
		}
	}
	wails_runtime.WindowHide(ctx)
	if choice == web.CloseStop {
		w.stop()
	}
}

func (w *window) ask(ctx context.Context, a *App) (choice string) {
	title, question := a.web.CloseQuestion(ctx)
	answer, err := wails_runtime.MessageDialog(ctx, wails_runtime.MessageDialogOptions{
		Type: wails_runtime.QuestionDialog, Title: title, Message: question, Buttons: []string{"Yes", "No"}, DefaultButton: "Yes",
	})
	switch {
	case err != nil:
		a.log.Error("the question could not be asked", "error", err)
		return ""
	case answer == "Yes":
		return web.CloseBackground
	case answer == "No":
		return web.CloseStop
	default:
		return ""
	}
}
