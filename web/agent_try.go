package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/web/view"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const (
	// mostTryFile is the largest picture or voice note, in bytes. It stays in
	// memory, as Meta's do: mostTryForm is below what a form keeps there.
	mostTryFile = 5 << 20
	mostTryForm = mostTryFile + mostForm
	mostTryText = 4096 // characters
)

// trySession is the memory of an operator's tries with an agent.
func trySession(u store.User, name string) string { return fmt.Sprintf("sim_%d_%s", u.ID, name) }

func (s *Server) tryBox(c echo.Context) (view.AgentTry, error) {
	u, name := userOf(c), c.Param("name")
	_, live := s.Agents.Get(name)
	past, err := s.Store.MemoryHistory(c.Request().Context(), name, trySession(u, name), 1000)
	return view.AgentTry{Name: name, Live: live, Owner: u.Role == store.RoleOwner, Remembers: len(past)}, err
}

// tryAgent runs the same turn as WhatsApp, with the text in the editor or the
// live version. Nothing is sent, and no conversation is kept: only the memory of
// the try.
func (s *Server) tryAgent(c echo.Context) error {
	d, err := s.documentWith(c, mostTryForm)
	if err != nil {
		return err
	}
	if d.note == "agent.too_large" {
		return tried422(c, "agent.try_too_large", "")
	}
	said, problem, err := trySaid(c)
	if err != nil {
		return err
	}
	if problem != "" {
		return tried422(c, problem, "")
	}
	a, reply, err := s.tryWhom(c, d)
	if err != nil {
		return err
	}
	if a == nil {
		return render(c, http.StatusOK, view.TryBubbles(reply)) // it is an answer: what stands in the way
	}
	return s.tryTurn(c, a, said, reply)
}

func tried422(c echo.Context, problem, detail string) error {
	return render(c, http.StatusUnprocessableEntity, view.TryBubbles(view.TryReply{Problem: problem, Detail: detail}))
}

// tryWhom is who answers; nil with what stands in the way. A draft can read the
// program's variables and call any address: only owners let it run.
func (s *Server) tryWhom(c echo.Context, d document) (*agent.Agent, view.TryReply, error) {
	if c.FormValue("which") == "live" {
		a, ok := s.Agents.Get(c.Param("name"))
		if !ok {
			return nil, view.TryReply{Problem: "agent.try_no_live"}, nil
		}
		return a, view.TryReply{Version: a.Version}, nil
	}
	if userOf(c).Role != store.RoleOwner {
		return nil, view.TryReply{}, errOwnersOnly
	}
	if d.note != "" {
		return nil, view.TryReply{Problem: d.note, Detail: d.detail}, nil
	}
	a, problems := s.Compile(c.Param("name"), []byte(d.yaml))
	if a == nil {
		first := problems.Errors()[0]
		return nil, view.TryReply{Problem: "agent.try_errors", Detail: fmt.Sprintf("%d:%d: %s", first.Line, first.Col, first.Text)}, nil
	}
	a.Retire() // what its tools start ends with this turn
	return a, view.TryReply{Draft: true}, nil
}

// trySaid reads what the operator wrote and attached.
func trySaid(c echo.Context) (said agent.Said, problem string, err error) {
	said.Text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(c.FormValue("say"), "\uFFFD"), "\r\n", "\n"))
	if utf8.RuneCountInString(said.Text) > mostTryText {
		return said, "agent.try_long", nil
	}
	for _, field := range []string{"picture", "voice"} {
		header, err := c.FormFile(field)
		if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && header.Size == 0 {
			continue
		}
		if err != nil {
			return said, "", apiFault{http.StatusBadRequest, "bad_request", "the form could not be read"}
		}
		file, problem, err := tryFile(header, field)
		if err != nil || problem != "" {
			return said, problem, err
		}
		said.Files = append(said.Files, file)
	}
	if said.Text == "" && len(said.Files) == 0 {
		return said, "agent.try_empty", nil
	}
	return said, "", nil
}

// tryFile takes an upload as if a customer had sent it.
func tryFile(header *multipart.FileHeader, field string) (a agent.Attachment, problem string, err error) {
	if header.Size > mostTryFile {
		return a, "agent.try_too_large", nil
	}
	f, err := header.Open()
	if err != nil {
		return a, "", fmt.Errorf("open upload: %w", err)
	}
	defer func() { _ = f.Close() }() // opened to read: nothing is lost
	data, err := io.ReadAll(f)
	if err != nil {
		return a, "", fmt.Errorf("read upload: %w", err)
	}
	kind := typeOf(data, header.Filename)
	switch {
	case field == "picture" && strings.HasPrefix(kind, "image/"):
		a.Kind = channel.KindImage
	case field == "picture":
		return a, "agent.try_no_picture", nil
	case strings.HasPrefix(kind, "audio/"):
		a.Kind, a.Voice = channel.KindAudio, true
	default:
		return a, "agent.try_no_voice", nil
	}
	a.MIME, a.File = kind, channel.File{MIME: kind, Data: data}
	return a, "", nil
}

// typeOf looks at the bytes; of audio, which they often do not show, at the
// name. A picture is one that WhatsApp takes.
func typeOf(data []byte, name string) string {
	switch kind := http.DetectContentType(data); kind {
	case "image/jpeg", "image/png", "image/webp":
		return kind
	case "audio/mpeg", "audio/wave", "audio/aiff":
		return kind
	case "application/ogg":
		return "audio/ogg"
	}
	byName := map[string]string{".ogg": "audio/ogg", ".opus": "audio/ogg", ".oga": "audio/ogg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".amr": "audio/amr", ".mp3": "audio/mpeg", ".webm": "audio/webm"}
	return byName[strings.ToLower(path.Ext(name))]
}

// tryTurn runs the turn and shows what came of it.
func (s *Server) tryTurn(c echo.Context, a *agent.Agent, said agent.Said, reply view.TryReply) error {
	ctx, u := c.Request().Context(), userOf(c)
	id, session, began := uuid.NewString(), trySession(u, a.Name()), time.Now()
	r, err := a.Turn(ctx, agent.Input{TurnID: id, SessionID: session, Customer: channel.Customer{Name: u.Name}, Said: []agent.Said{said}})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err() // the reader has gone
		}
		if !errors.Is(err, model.ErrUnavailable) {
			return err
		}
		reply.Problem = "agent.try_no_model"
		if fault := (*model.Error)(nil); errors.As(err, &fault) {
			reply.Detail = fault.Candidate + ": " + fault.Reason
		}
		return render(c, http.StatusOK, view.TryBubbles(reply))
	}
	if err := errors.Join(s.Store.Remember(memoryOf(a.Name(), session, id, r)), s.Store.SaveKept(session, r.KeptChanges(a.Name(), began))); err != nil {
		return err
	}
	reply.Millis, reply.Clock = time.Since(began).Milliseconds(), time.Now().Format("15:04")
	describeTry(&reply, r, said)
	return render(c, http.StatusOK, view.TryBubbles(reply))
}

// describeTry says what happened in a turn.
func describeTry(reply *view.TryReply, r agent.Result, said agent.Said) {
	problems := map[agent.Outcome]string{agent.Blocked: "agent.try_blocked", agent.TooLong: "agent.try_too_long", agent.Failed: "agent.try_failed"}
	reply.Problem, reply.Detail = problems[r.Outcome], r.Reason
	for _, said := range append(slices.Clone(r.Also), r.Reply) {
		for _, text := range whatsapp.Format(said) {
			reply.Bubbles = append(reply.Bubbles, spansOf(text))
		}
	}
	if r.UserText != said.Text {
		reply.Said = r.UserText
	}
	for _, v := range r.Verdicts {
		if v.Action == guardrail.Allow && len(v.Findings) == 0 {
			continue
		}
		verdict := view.TryVerdict{Direction: v.Direction, Action: string(v.Action), Rule: v.Rule}
		for _, f := range v.Findings {
			verdict.Found = append(verdict.Found, f.Entity)
		}
		reply.Verdicts = append(reply.Verdicts, verdict)
	}
	reply.Parts = whyParts(r.Steps)
	for _, step := range r.Steps {
		if step.Stage == "tool" {
			arguments, _ := step.Data["arguments"].(string)
			result, _ := step.Data["result"].(string)
			wrong, _ := step.Data["error"].(bool)
			reply.Tools = append(reply.Tools, view.TryTool{Name: step.Name, Arguments: arguments, Result: result, Failed: wrong, Millis: step.Duration.Milliseconds()})
		}
	}
	for _, u := range r.Usage {
		reply.Model = u.Candidate
	}
}

// forgetTry clears the memory of one's own tries.
func (s *Server) forgetTry(c echo.Context) error {
	name := c.Param("name")
	if err := s.Store.ClearMemory(c.Request().Context(), name, trySession(userOf(c), name)); err != nil {
		return err
	}
	if isFragment(c) {
		return render(c, http.StatusOK, view.TryForgotten())
	}
	return toAgent(c, name, "")
}
