package app

import (
	"fmt"
	"runtime/debug"
)

// version is set by the packages' builds (-ldflags "-X astromesh/app.version=1.2.3").
var version = ""

// Version is the release, or the commit a build was made from, or "devel".
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

type versionCmd struct{}

func (versionCmd) Run(c *command) error {
	_, err := fmt.Fprintln(c.stdout, "astromesh", Version())
	return err
}
