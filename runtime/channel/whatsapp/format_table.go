package whatsapp

import (
	"regexp"
	"strings"
)

var delimiterRow = regexp.MustCompile(`^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\r?$`)

// tableStarts reports whether the line to read is the head of a table: a row
// with as many cells as the row of dashes below it.
func (f *formatter) tableStarts() bool {
	if f.next+1 >= len(f.lines) {
		return false
	}
	head, dashes := f.lines[f.next], f.lines[f.next+1]
	return strings.Contains(head, "|") && strings.Contains(dashes, "|") &&
		delimiterRow.MatchString(dashes) && len(cells(head)) == len(cells(dashes))
}

// table writes each row on a line of its own, "HEAD: cell · HEAD: cell": a phone
// has no room for columns.
func (f *formatter) table() {
	heads := cells(f.lines[f.next])
	rows := 0
	for f.next += 2; f.next < len(f.lines) && strings.Contains(f.lines[f.next], "|"); f.next++ {
		rows++
		var parts []string
		for i, cell := range cells(f.lines[f.next]) {
			switch {
			case cell == "":
			case i < len(heads) && heads[i] != "":
				parts = append(parts, strings.TrimSuffix(heads[i], ":")+": "+cell)
			default:
				parts = append(parts, cell)
			}
		}
		if len(parts) > 0 {
			f.write("", strings.Join(parts, " · "))
		}
	}
	if rows == 0 {
		f.write("", strings.Join(heads, " · "))
	}
}

// cells splits a row at its bars; those that are escaped or inside a code span
// belong to the cell.
func cells(row string) []string {
	row = strings.TrimSpace(row)
	row = strings.TrimPrefix(row, "|")
	var list []string
	var cell strings.Builder
	code := false
	for i := 0; i < len(row); i++ {
		switch {
		case row[i] == '\\' && i+1 < len(row) && row[i+1] == '|':
			i++
			cell.WriteByte('|')
		case row[i] == '|' && !code:
			list = append(list, strings.TrimSpace(cell.String()))
			cell.Reset()
		default:
			if row[i] == '`' && (code || strings.Contains(row[i+1:], "`")) {
				code = !code
			}
			cell.WriteByte(row[i])
		}
	}
	if last := strings.TrimSpace(cell.String()); last != "" || !strings.HasSuffix(row, "|") {
		list = append(list, last)
	}
	return list
}
