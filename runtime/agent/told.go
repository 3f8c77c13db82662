package agent

import (
	"embed"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// What patterns tell the roles, a file each: English, which every model knows
// best, with the request to answer in the customer's language. The last line of a
// file is what the role has to do now; it always comes last in a prompt.
//
//go:embed words/*.md
var wordFiles embed.FS

// told fills in words/NAME.md: pairs of a name in braces and its value. A line
// that is nothing but an empty value goes.
func told(name string, values ...string) string {
	source, err := wordFiles.ReadFile("words/" + name + ".md")
	if err != nil {
		return "" // such as the task of a stage that the program does not know
	}
	for i := 0; i < len(values); i += 2 {
		values[i] = "{" + values[i] + "}"
	}
	var lines []string
	for line := range strings.Lines(string(source)) {
		filled := strings.TrimSpace(strings.NewReplacer(values...).Replace(line))
		if filled != "" {
			lines = append(lines, filled)
		}
	}
	return strings.Join(lines, "\n")
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// withoutInstructions takes out of a reply the lines in which a small model reads
// back what a pattern told it.
func withoutInstructions(reply string) string {
	const short = 24 // bytes: less can be anybody's words
	var pieces []string
	files, _ := fs.Glob(wordFiles, "words/*.md") // the pattern is well formed
	for _, file := range files {
		source, _ := wordFiles.ReadFile(file)
		for line := range strings.Lines(string(source)) {
			for _, piece := range placeholder.Split(line, -1) {
				if piece = strings.Trim(piece, " .:()\n"); len(piece) >= short {
					pieces = append(pieces, piece)
				}
			}
		}
	}
	lines := strings.Split(reply, "\n")
	kept := slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return slices.ContainsFunc(pieces, func(piece string) bool { return strings.Contains(line, piece) })
	})
	if len(kept) == len(lines) {
		return reply
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}
