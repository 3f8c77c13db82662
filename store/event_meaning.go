package store

import "strings"

// EventMeaning chooses events by how they are stored. Empty fields choose all.
type EventMeaning struct {
	Level string
	Stage string
	Text  []string // pieces of the text, in this order, without regard to case (of ASCII letters)
	Data  []string // pieces of the data, as Text
	// Without is a piece that the data does not hold; "" = it may hold anything.
	Without string
}

// pick is the condition of a query.
func (m EventMeaning) pick() (sql string, args []any) {
	where := []string{`text LIKE ? ESCAPE '\'`, `data LIKE ? ESCAPE '\'`}
	args = []any{like(m.Text...), like(m.Data...)}
	if m.Level != "" {
		where, args = append(where, "level = ?"), append(args, m.Level)
	}
	if m.Stage != "" {
		where, args = append(where, "stage = ?"), append(args, m.Stage)
	}
	if m.Without != "" {
		where, args = append(where, `data NOT LIKE ? ESCAPE '\'`), append(args, like(m.Without))
	}
	return "(" + strings.Join(where, " AND ") + ")", args
}

// chooses judges one event as the query does.
func (m EventMeaning) chooses(e Event) bool {
	return (m.Level == "" || e.Level == m.Level) && (m.Stage == "" || e.Stage == m.Stage) && holds(e.Text, m.Text) && holds(e.Data, m.Data) &&
		(m.Without == "" || !holds(e.Data, []string{m.Without}))
}

func holds(text string, pieces []string) bool {
	text = strings.ToLower(text)
	for _, piece := range pieces {
		_, after, found := strings.Cut(text, strings.ToLower(piece))
		if !found {
			return false
		}
		text = after
	}
	return true
}

// like is the pattern of a text that holds pieces, in this order.
func like(pieces ...string) string {
	pattern := "%"
	for _, piece := range pieces {
		pattern += strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(piece) + "%"
	}
	return pattern
}
