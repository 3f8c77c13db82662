package mcp

import (
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group is a job object: it ends all programs in it with its last handle, also
// when we end without a word.
type group struct {
	job windows.Handle
	cmd *exec.Cmd
}

func (g *group) prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
}

// started puts the program into its job. Where that fails only the program
// itself is ended later, and not what it has started.
func (g *group) started(cmd *exec.Cmd) {
	g.cmd = cmd
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE},
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err == nil {
		var h windows.Handle
		h, err = windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid))
		if err == nil {
			err = windows.AssignProcessToJobObject(job, h)
			_ = windows.CloseHandle(h) // it was only needed for that
		}
	}
	if err != nil {
		_ = windows.CloseHandle(job) // nothing is in it
		return
	}
	g.job = job
}

func (g *group) kill() {
	if g.job == 0 {
		_ = g.cmd.Process.Kill() // it may have ended by itself
		return
	}
	_ = windows.TerminateJobObject(g.job, 1) // closing it does the same
	_ = windows.CloseHandle(g.job)
}

func inherited() []string {
	return []string{"PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMFILES", "PROGRAMDATA", "TEMP", "TMP"}
}
