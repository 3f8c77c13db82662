package app

import (
	"fmt"
	"os"

	"astromesh/config"
)

type agentsCmd struct {
	Lint   lintCmd   `cmd:"" help:"Check agent files: every problem with its line."`
	Schema schemaCmd `cmd:"" help:"Print the JSON Schema of agent files, for an editor."`
}

type schemaCmd struct{}

// Run prints the schema that the dashboard's editor uses too.
func (schemaCmd) Run(c *command) error {
	_, err := c.stdout.Write(config.AgentSchema())
	return err
}

type lintCmd struct {
	Files []string `arg:"" name:"file" help:"Agent files."`
}

// Run prints errors and warnings as FILE:LINE:COL: text; the exit code is 1 if
// there is an error.
func (l lintCmd) Run(c *command) error {
	failed := false
	var read []config.AgentFile
	for _, file := range l.Files {
		if data, err := readLimited(file); err == nil { // else it is told below
			read = append(read, config.ReadAgent(file, data, c.env))
		}
	}
	for _, file := range l.Files {
		data, err := readLimited(file)
		if err != nil {
			_, _ = fmt.Fprintf(c.stdout, "%s:1:1: %v\n", file, err) // a closed output ends the command soon enough
			failed = true
			continue
		}
		problems := append(config.LintAgent(file, data, c.env, read...), textProblems(file, data, c.env)...)
		for _, p := range append(problems.Errors(), problems.Warnings()...) {
			_, _ = fmt.Fprintln(c.stdout, p) // as above
		}
		failed = failed || problems.HasErrors()
	}
	if failed {
		return exitError(1)
	}
	return nil
}

func readLimited(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case os.IsNotExist(err):
		return nil, fmt.Errorf("there is no such file")
	case err != nil:
		return nil, fmt.Errorf("it cannot be read: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("this is a folder, not a file")
	case info.Size() > config.MaxFileSize:
		return nil, fmt.Errorf("the file is larger than 1 MB")
	}
	return os.ReadFile(file)
}
