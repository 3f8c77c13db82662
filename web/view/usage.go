package view

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"
)

// ModelUse is what one model did.
type ModelUse struct {
	Name         string // "ollama/llava:7b"
	Today, Weeks Use
}

// Use is what a model did in some time; the lengths are those of one answer, on
// average.
type Use struct {
	Answers, In, Out        int64
	Wait, Load, Read, Write time.Duration
}

// SortUse puts those that answered most to the front.
func SortUse(list []ModelUse) {
	slices.SortFunc(list, func(a, b ModelUse) int {
		return cmp.Or(cmp.Compare(b.Weeks.Answers, a.Weeks.Answers), cmp.Compare(a.Name, b.Name))
	})
}

// useRow is one line of a model's figures.
type useRow struct{ key, today, weeks string }

// rows are the lines, in order; lengths of time are left out where all are nothing.
func (m ModelUse) rows(ctx context.Context) []useRow {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	list := []useRow{
		{"usage.answers", number(m.Today.Answers), number(m.Weeks.Answers)},
		{"usage.in", number(m.Today.In), number(m.Weeks.In)},
		{"usage.out", number(m.Today.Out), number(m.Weeks.Out)},
	}
	length := func(u Use, d time.Duration) string {
		if u.Answers == 0 {
			return "–"
		}
		return Span(ctx, d)
	}
	for _, r := range []struct {
		key          string
		today, weeks time.Duration
	}{
		{"usage.wait", m.Today.Wait, m.Weeks.Wait}, {"usage.load", m.Today.Load, m.Weeks.Load},
		{"usage.read", m.Today.Read, m.Weeks.Read}, {"usage.write", m.Today.Write, m.Weeks.Write},
	} {
		if r.weeks > 0 {
			list = append(list, useRow{r.key, length(m.Today, r.today), length(m.Weeks, r.weeks)})
		}
	}
	return list
}
