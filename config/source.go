package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// MaxFileSize is the largest file that is read, in bytes.
const MaxFileSize = 1 << 20

const (
	channelsFile  = "channels.yaml"
	providersFile = "providers.yaml"
	runtimeFile   = "runtime.yaml"
	agentsFolder  = "agents"
	agentSuffix   = ".agent.yaml"
)

// Source is where the files come from: a folder, or the program itself.
type Source struct {
	files fs.FS
	shown string // stands before the file's name in problems
	dir   string // empty when the files are embedded
	left  string // an agent whose file is left out
}

// Without is the source without an agent's file.
func (s Source) Without(agent string) Source {
	s.left = agent
	return s
}

// Dir is a folder with channels.yaml, agents/ and, both optional,
// providers.yaml and runtime.yaml. It need not exist yet.
func Dir(path string) Source {
	return Source{files: os.DirFS(path), shown: path, dir: path}
}

// Path is the folder, or empty when the files are embedded.
func (s Source) Path() string { return s.dir }

// String names the source for an owner.
func (s Source) String() string {
	if s.dir == "" {
		return s.shown + " files"
	}
	return s.dir
}

// show is how a file is named in problems: a path that an editor can open.
func (s Source) show(name string) string {
	return filepath.Join(s.shown, filepath.FromSlash(name))
}

// read gives a file's bytes. Its errors are sentences for the owner, except
// that a file which does not exist is fs.ErrNotExist.
func (s Source) read(name string) ([]byte, error) {
	info, err := fs.Stat(s.files, name)
	switch {
	case err != nil:
		return nil, explain(err)
	case !info.Mode().IsRegular(): // a pipe would be waited for without end
		return nil, errors.New("this is not a plain file; put a YAML file in its place")
	case info.Size() > MaxFileSize:
		return nil, errTooLarge
	}
	f, err := s.files.Open(name)
	if err != nil {
		return nil, explain(err)
	}
	defer func() { _ = f.Close() }() // opened to read: nothing is lost
	data, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, explain(err)
	}
	if len(data) > MaxFileSize {
		return nil, errTooLarge
	}
	return data, nil
}

var errTooLarge = errors.New("the file is larger than 1 MB; a configuration is a few kB, so look whether something else was saved here")

// explain keeps fs.ErrNotExist as it is and says the rest in words, without
// the path, which stands before the sentence anyway.
func explain(err error) error {
	var pathErr *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(err, fs.ErrPermission):
		return errors.New("the program may not read this; give its user read access")
	case errors.As(err, &pathErr):
		return fmt.Errorf("this cannot be read: %w", pathErr.Err)
	default:
		return fmt.Errorf("this cannot be read: %w", err)
	}
}

// agents lists the agent files in the order of their names.
func (s Source) agents() ([]string, error) {
	entries, err := fs.ReadDir(s.files, agentsFolder)
	if err != nil {
		return nil, explain(err)
	}
	var names []string
	for _, e := range entries {
		if s.left != "" && e.Name() == s.left+agentSuffix {
			continue
		}
		// Names with a leading dot are an editor's or Kubernetes' own.
		if strings.HasSuffix(e.Name(), agentSuffix) && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, path.Join(agentsFolder, e.Name()))
		}
	}
	return names, nil
}
