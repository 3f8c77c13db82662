package form

import (
	"net/url"
	"slices"
)

// Computer is when the program starts and what closing its window means.
type Computer struct {
	Start  bool
	Close  string // background, stop, "" = ask
	Errors Errors
}

// BindComputer reads the form.
func BindComputer(v url.Values) Computer {
	return Computer{Start: first(v, "start") == "yes", Close: first(v, "close")}
}

// Validate fills Errors and says whether there are none.
func (f *Computer) Validate() bool {
	f.Errors = Errors{}
	if !slices.Contains([]string{"", "background", "stop"}, f.Close) {
		f.Errors.add("close", "computer.close_odd")
	}
	return len(f.Errors) == 0
}
