package web

import (
	"context"
	"net/http"
	"slices"

	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// answering is which agent customers reach, and which others could be chosen.
func (s *Server) answering() view.Answering {
	ch := s.Channel()
	v := view.Answering{Now: ch.DefaultAgent, File: ch.FileAgent, Agents: s.agentNames()}
	named := func(name string) bool {
		return slices.ContainsFunc(v.Agents, func(a view.AgentName) bool { return a.Name == name })
	}
	v.FileReady = named(v.File)
	if !named(v.Now) {
		v.Agents = append(v.Agents, view.AgentName{Name: v.Now})
	}
	return v
}

// agentNames are the agents in service by both their names.
func (s *Server) agentNames() (list []view.AgentName) {
	for _, a := range s.Agents.List() {
		list = append(list, view.AgentName{Name: a.Name(), Shown: a.Config().Spec.Identity.DisplayName})
	}
	return list
}

// agentChoice are the settings that make an agent answer. They hold until the
// file names another one than it does now; the file's own needs none.
func agentChoice(name, file string) map[string]string {
	if name == file {
		name, file = "", ""
	}
	return map[string]string{channelPrefix + "default_agent": name, channelPrefix + "default_agent_over": file}
}

// chooseAgent makes an agent answer customers.
func (s *Server) chooseAgent(c echo.Context, name string) error {
	if err := s.Store.PutSettings(agentChoice(name, s.Channel().FileAgent), nil); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "channel settings changed", "whatsapp", "default_agent"); err != nil {
		return err
	}
	return s.reloadAndLook(context.WithoutCancel(c.Request().Context()))
}

// agentOfFile takes back a choice: the agent that the file names answers again.
func (s *Server) agentOfFile(c echo.Context) error {
	if !s.answering().FileReady {
		f := form.Channel{Values: channelValues(s.Channel().WhatsApp), Errors: form.Errors{"default_agent": "channel.agent_gone"}}
		return s.showChannel(c, http.StatusUnprocessableEntity, f)
	}
	if err := s.chooseAgent(c, s.Channel().FileAgent); err != nil {
		return err
	}
	return saved(c, "channel", "saved")
}
