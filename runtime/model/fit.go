package model

import "fmt"

// fitRequest takes from a request what a model cannot take: pictures become a
// line of text where it does not see, tools are left out where it cannot call
// them. The request given stays as it is.
func fitRequest(req Request, caps Capabilities) Request {
	need := needsOf(req)
	blind := need.vision && !caps.Vision
	toolless := (need.tools || need.toolHistory) && !caps.Tools
	if !blind && !toolless {
		return req
	}
	if toolless {
		req.Tools = nil
	}
	messages := make([]Message, 0, len(req.Messages))
	for _, m := range req.Messages {
		if blind {
			m = describeImages(m, func([]byte) bool { return true })
		}
		if toolless {
			if m = tellTools(m); m.Content == "" && m.Role == RoleAssistant {
				continue
			}
		}
		messages = append(messages, m)
	}
	req.Messages = messages
	return req
}

// tellTools turns what tools have answered so far, for another model, into
// plain text: a template without tools would leave it out.
func tellTools(m Message) Message {
	m.ToolCalls = nil
	if m.Role == RoleTool {
		m.Role = RoleUser
		m.Content = fmt.Sprintf("[Result of %s: %s]", m.ToolName, m.Content)
		m.ToolName, m.CallID = "", ""
	}
	return m
}
