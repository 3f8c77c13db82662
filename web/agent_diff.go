package web

import (
	"slices"
	"strings"

	"astromesh/web/view"
)

const (
	// mostCells bounds the table in which two texts are compared: what is longer
	// is shown as taken out and put in as a whole.
	mostCells = 4_000_000
	// around is how many equal lines are shown beside a difference.
	around = 3
)

// diffOf compares two texts line by line; empty where they are the same.
func diffOf(before, after string) []view.DiffLine {
	if before == after {
		return nil
	}
	a, b := linesOf(before), linesOf(after)
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var list []view.DiffLine
	for i := range head {
		list = append(list, view.DiffLine{Old: i + 1, New: i + 1, Text: a[i]})
	}
	list = append(list, changed(a[head:len(a)-tail], b[head:len(b)-tail], head)...)
	for i := range tail {
		at, to := len(a)-tail+i, len(b)-tail+i
		list = append(list, view.DiffLine{Old: at + 1, New: to + 1, Text: a[at]})
	}
	return near(list)
}

func linesOf(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// changed finds the longest common lines of two texts, in a table.
func changed(a, b []string, offset int) (list []view.DiffLine) {
	var common [][]int32 // of a[i:] and b[j:]
	if len(a)*len(b) <= mostCells {
		common = make([][]int32, len(a)+1)
		common[len(a)] = make([]int32, len(b)+1)
		for i := len(a) - 1; i >= 0; i-- {
			common[i] = make([]int32, len(b)+1)
			for j := len(b) - 1; j >= 0; j-- {
				if a[i] == b[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && common != nil && a[i] == b[j]:
			list = append(list, view.DiffLine{Old: offset + i + 1, New: offset + j + 1, Text: a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common == nil || common[i+1][j] >= common[i][j+1]):
			list = append(list, view.DiffLine{Old: offset + i + 1, Text: a[i]})
			i++
		default:
			list = append(list, view.DiffLine{New: offset + j + 1, Text: b[j]})
			j++
		}
	}
	return list
}

// near keeps the differences and a few lines around them; a line of no number
// stands for what is left out.
func near(all []view.DiffLine) (list []view.DiffLine) {
	keep := make([]bool, len(all))
	for i, l := range all {
		if l.Old == 0 || l.New == 0 {
			for k := max(0, i-around); k <= min(len(all)-1, i+around); k++ {
				keep[k] = true
			}
		}
	}
	for i, l := range all {
		switch {
		case keep[i]:
			list = append(list, l)
		case len(list) == 0 || list[len(list)-1] != (view.DiffLine{}):
			list = append(list, view.DiffLine{})
		}
	}
	if !slices.Contains(keep, true) { // they differ in the last line's end only
		return nil
	}
	return list
}
