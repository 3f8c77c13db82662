//go:build unix

package mcp

import (
	"os/exec"
	"syscall"
)

// group is a process group of its own.
type group struct{ id int }

func (g *group) prepare(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func (g *group) started(cmd *exec.Cmd) { g.id = cmd.Process.Pid }

// kill ends the whole group. The leader has not been waited for yet, so that its
// number still stands for the group and for nothing else.
func (g *group) kill() { _ = syscall.Kill(-g.id, syscall.SIGKILL) } // it may have ended by itself

func inherited() []string { return []string{"PATH", "HOME"} }
