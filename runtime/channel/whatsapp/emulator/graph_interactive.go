package emulator

import "unicode/utf8"

// interactive is the part of an interactive message whose limits Graph checks.
// It rejects the whole message and cuts nothing off.
type interactive struct {
	Type string `json:"type"`
	Body struct {
		Text string `json:"text"`
	} `json:"body"`
	Footer struct {
		Text string `json:"text"`
	} `json:"footer"`
	Header struct {
		Text string `json:"text"`
	} `json:"header"`
	Action struct {
		Button  string `json:"button"`
		Buttons []struct {
			Reply struct{ ID, Title string } `json:"reply"`
		} `json:"buttons"`
		Sections []struct {
			Title string                                    `json:"title"`
			Rows  []struct{ ID, Title, Description string } `json:"rows"`
		} `json:"sections"`
	} `json:"action"`
}

// limit is one text that may be at most max characters, and must not be empty
// if needed.
type limit struct {
	name, text string
	max        int
	needed     bool
}

func (i *interactive) check(bad func(int, string, ...any) *graphError) *graphError {
	body := 1024
	if i.Type == "list" {
		body = 4096
	}
	limits := []limit{
		{"body", i.Body.Text, body, i.Type == "button" || i.Type == "list"},
		{"footer", i.Footer.Text, 60, false}, {"header", i.Header.Text, 60, false},
	}
	var more []limit
	var ge *graphError
	switch i.Type {
	case "button":
		more, ge = i.buttonLimits(bad)
	case "list":
		more, ge = i.listLimits(bad)
	}
	if ge != nil {
		return ge
	}
	for _, l := range append(limits, more...) {
		if l.needed && l.text == "" {
			return bad(131008, "Parameter %s is required.", l.name)
		}
		if utf8.RuneCountInString(l.text) > l.max {
			return bad(131009, "%s must be at most %d characters long.", l.name, l.max)
		}
	}
	return nil
}

func (i *interactive) buttonLimits(bad func(int, string, ...any) *graphError) ([]limit, *graphError) {
	if n := len(i.Action.Buttons); n < 1 || n > 3 {
		return nil, bad(131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
	}
	var limits []limit
	titles := map[string]bool{}
	for _, b := range i.Action.Buttons {
		if titles[b.Reply.Title] {
			return nil, bad(131009, "Button titles must be unique.")
		}
		titles[b.Reply.Title] = true
		limits = append(limits, limit{"button title", b.Reply.Title, 20, true},
			limit{"button id", b.Reply.ID, 256, true})
	}
	return limits, nil
}

func (i *interactive) listLimits(bad func(int, string, ...any) *graphError) ([]limit, *graphError) {
	limits := []limit{{"button", i.Action.Button, 20, true}}
	rows := 0
	for _, s := range i.Action.Sections {
		limits = append(limits, limit{"section title", s.Title, 24, len(i.Action.Sections) > 1})
		for _, r := range s.Rows {
			rows++
			limits = append(limits, limit{"row id", r.ID, 200, true},
				limit{"row title", r.Title, 24, true}, limit{"row description", r.Description, 72, false})
		}
	}
	if rows < 1 || rows > 10 || len(i.Action.Sections) > 10 {
		return nil, bad(131009, "Total row count exceed max allowed count: 10")
	}
	return limits, nil
}
