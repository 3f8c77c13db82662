package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"astromesh/runtime/reach"
	"astromesh/store"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// typedURL is the public address as the owner typed it.
func (s *Server) typedURL(ctx context.Context) (string, error) {
	address, err := s.Store.Setting(ctx, PublicURLSetting)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return address, err
}

// wayAddress is the public address of a way that knows it by itself: a tunnel or
// a domain. known is false where it is the owner's to type.
func (s *Server) wayAddress() (address, way string, known bool) {
	if s.Reach == nil {
		return "", "", false
	}
	st := s.Reach.State()
	return st.URL, string(st.Way), st.Way == reach.Tunnel || st.Way == reach.Domain
}

// reachState is how the way is doing, as a fragment that asks again by itself.
func (s *Server) reachState(c echo.Context) error {
	return render(c, http.StatusOK, view.ReachBox(s.reachNow(backOf(c))))
}

// checkReach performs the live check: it takes some seconds at most.
func (s *Server) checkReach(c echo.Context) error {
	if s.Reach != nil {
		s.Reach.Check(c.Request().Context())
	}
	return c.Redirect(http.StatusSeeOther, backOf(c)+"#reach")
}

// retryReach opens the way anew at once.
func (s *Server) retryReach(c echo.Context) error {
	if s.Reach != nil {
		s.Reach.Retry()
	}
	return c.Redirect(http.StatusSeeOther, backOf(c)+"#reach")
}

// reachNow is what is known of the way.
func (s *Server) reachNow(back string) view.ReachState {
	v := view.ReachState{Back: back}
	if s.Reach == nil {
		return v
	}
	st := s.Reach.State()
	v.Way, v.URL = string(st.Way), st.URL
	v.Trouble, v.Opening = st.Phase == reach.Trouble, st.Phase == reach.Opening
	v.CanCheck = st.URL != "" && st.Phase != reach.Opening
	v.Rows = append(v.Rows, wayRow(st))
	if st.Problem != nil && st.Phase == reach.Up {
		v.Rows = append(v.Rows, problemRow("warn", st.Problem))
	}
	if !st.Check.At.IsZero() {
		v.Rows = append(v.Rows, checkRow("handshake", st.Check.Handshake, false), checkRow("call", st.Check.Call, st.Check.Skipped))
		v.CheckedAt = st.Check.At.Local().Format("15:04:05")
		if st.Check.Well() && st.Way != reach.None {
			v.Rows = append(v.Rows, metaKnowsRow(st.Meta))
		}
	}
	if n, at := s.Reach.Turned(); n > 0 {
		v.Rows = append(v.Rows, view.ReachRow{State: "warn", Key: "reach.turned", Args: []any{strconv.FormatInt(n, 10), at.Local().Format("2006-01-02 15:04")}})
	}
	return v
}

// wayRow says whether the way is open.
func wayRow(st reach.State) view.ReachRow {
	switch {
	case st.Problem != nil && st.Phase == reach.Trouble:
		return problemRow("fail", st.Problem)
	case st.Way == reach.None && st.URL == "":
		return view.ReachRow{State: "none", Key: "reach.now_none"}
	case st.Phase == reach.Opening:
		return view.ReachRow{State: "none", Key: "reach.now_opening"}
	case st.Way == reach.None, st.Way == reach.Proxy:
		return view.ReachRow{State: "none", Key: "reach.now_proxy", Args: []any{st.URL}}
	case !st.Until.IsZero():
		return view.ReachRow{State: "ok", Key: "reach.now_until", Args: []any{st.URL, st.Until.Local().Format("2006-01-02")}}
	default:
		return view.ReachRow{State: "ok", Key: "reach.now_up", Args: []any{st.URL}}
	}
}

func checkRow(step string, p *reach.Problem, skipped bool) view.ReachRow {
	switch {
	case p != nil:
		return problemRow("fail", p)
	case skipped:
		return view.ReachRow{State: "none", Key: "reach.step_" + step + "_skipped"}
	default:
		return view.ReachRow{State: "ok", Key: "reach.step_" + step}
	}
}

func metaKnowsRow(p *reach.Problem) view.ReachRow {
	if p != nil {
		return problemRow("fail", p)
	}
	return view.ReachRow{State: "ok", Key: "reach.meta_knows"}
}

// problemRow is in the program's own words, which the page has in the reader's
// language.
func problemRow(state string, p *reach.Problem) view.ReachRow {
	detail, mend := p.Sentences()
	return view.ReachRow{State: state, Said: []string{detail, mend}, Note: p.Note}
}
