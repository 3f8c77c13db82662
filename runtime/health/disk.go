package health

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Disk is the data folder's state.
type Disk struct {
	Dir          string
	Missing      bool   // it is made at the first start
	WriteProblem string // why nothing can be written; empty = it can
	StoreProblem string // why the database cannot be read; empty = it can
	FreeKnown    bool
	Free         uint64 // bytes that this program may use
}

const (
	lowSpace = 500 << 20
	noSpace  = 50 << 20
)

// LookAtDisk tries whether the data folder can be written to, by a file that it
// takes away again, and asks for the free space. A folder that does not exist
// is not made.
func LookAtDisk(dir string) Disk {
	d := Disk{Dir: dir}
	switch _, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		d.Missing = true
		return d
	case err != nil:
		d.WriteProblem = reason(err)
		return d
	}
	d.Free, d.FreeKnown = freeSpace(dir)
	f, err := os.CreateTemp(dir, ".check-*")
	if err != nil {
		d.WriteProblem = reason(err)
		return d
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		d.WriteProblem = reason(err)
	}
	return d
}

// reason is a file error without the path, which the sentence names already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return err.Error()
}

// disk says whether messages can be kept.
func disk(in Inputs) []Check {
	const name = "disk"
	d := in.Disk
	const room = "Delete what is not needed, or move the data folder to a larger disk (--data-dir)."
	switch {
	case d.StoreProblem != "":
		return fail(name, "The database cannot be used: "+d.StoreProblem+".", "Until then nothing can be kept, and no message is taken.")
	case d.WriteProblem != "":
		return fail(name, fmt.Sprintf("The data folder %s cannot be written to: %s. No message can be kept, so none is taken.", d.Dir, d.WriteProblem),
			"Give the program's user the right to write there, or choose another folder with --data-dir.")
	case d.Missing:
		return ok(name, fmt.Sprintf("The data folder %s is made at the first start.", d.Dir))
	case !d.FreeKnown:
		return ok(name, "The data folder can be written to.")
	}
	free := fmt.Sprintf("%d MB are free on the disk of the data folder %s.", d.Free>>20, d.Dir)
	switch {
	case d.Free < noSpace:
		return fail(name, free+" Soon no message can be kept, and then none is taken.", room)
	case d.Free < lowSpace:
		return warn(name, free, room)
	default:
		return ok(name, "The data folder can be written to. "+free)
	}
}
