package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"astromesh/runtime/reach"
	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

const (
	reachSettings = "/settings/reachability"
	reachSetup    = "/setup/reachability"
)

// reachRoutes are the way in from the internet: in Settings, and beside the card
// WhatsApp of the first run.
func (s *Server) reachRoutes(owner *echo.Group) {
	for _, page := range []string{reachSettings, reachSetup} {
		owner.GET(page, s.reachPage)
		owner.POST(page, s.saveReach)
	}
	owner.GET(reachSettings+"/state", s.reachState)
	owner.POST(reachSettings+"/check", s.checkReach)
	owner.POST(reachSettings+"/retry", s.retryReach)
}

// reachPage shows the ways, and how the chosen one is doing.
func (s *Server) reachPage(c echo.Context) error {
	f, err := s.savedReach(c)
	if err != nil {
		return err
	}
	return s.showReach(c, http.StatusOK, f)
}

// savedReach is the form as it is saved, without the secret.
func (s *Server) savedReach(c echo.Context) (form.Reach, error) {
	ctx := c.Request().Context()
	saved, err := s.Store.Settings(ctx, reach.Prefix)
	if err != nil {
		return form.Reach{}, err
	}
	typed, err := s.typedURL(ctx)
	if err != nil {
		return form.Reach{}, err
	}
	get := func(key string) string { return saved[reach.Prefix+key] }
	return form.Reach{
		Way: get(reach.KeyWay), TunnelDomain: get(reach.KeyTunnelDomain), Domain: get(reach.KeyDomain), Email: get(reach.KeyEmail),
		HTTPPort: orText(get(reach.KeyHTTPPort), "80"), HTTPSPort: orText(get(reach.KeyHTTPSPort), "443"), PublicURL: typed,
		Trusted: orText(get(reach.KeyTrusted), reach.Loopback), Networks: get(reach.KeyNetworks),
		MetaCA: get(reach.KeyMetaCA), MetaOn: get(reach.KeyMetaOn) == "1",
	}, nil
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (s *Server) showReach(c echo.Context, status int, f form.Reach) error {
	token, err := s.Store.Settings(c.Request().Context(), reach.Prefix+reach.KeyTunnelToken)
	if err != nil {
		return err
	}
	v := view.Reach{Form: f, Back: backOf(c), Token: secretField(token[reach.Prefix+reach.KeyTunnelToken]), State: s.reachNow(backOf(c))}
	if u, err := url.Parse(f.PublicURL); err == nil && u.Host != "" {
		front := reach.Front{Name: u.Hostname(), Port: u.Port(), Upstream: s.upstream(), Path: webhookPath}
		if f.MetaOn {
			front.MetaCAFile = "/etc/ssl/meta-webhooks-ca.pem"
		}
		v.Caddy, v.Nginx, v.MetaCAFile = front.Caddy(), front.Nginx(), front.MetaCAFile
	}
	if c.Path() == reachSetup {
		return render(c, status, view.SetupReach(s.setupFrame(c, "meta"), v))
	}
	p, err := s.settingFrame(c, "reachability")
	if err != nil {
		return err
	}
	return render(c, status, view.SettingReach(p, v))
}

// backOf is the page that a form is on.
func backOf(c echo.Context) string {
	if c.Path() == reachSetup || c.FormValue("back") == reachSetup {
		return reachSetup
	}
	return reachSettings
}

// upstream is where a proxy on this machine finds the webhook.
func (s *Server) upstream() string {
	if s.publicAddr == nil {
		return "127.0.0.1:8000"
	}
	return reach.UpstreamOf(s.publicAddr.Addr().String())
}

// saveReach keeps the choice and puts it in service: the way is opened at once.
func (s *Server) saveReach(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	was, err := s.savedReach(c)
	if err != nil {
		return err
	}
	f := form.BindReach(values)
	_, err = s.Store.Setting(c.Request().Context(), reach.Prefix+reach.KeyTunnelToken)
	if !f.Validate(err == nil) {
		return s.showReach(c, http.StatusUnprocessableEntity, f)
	}
	if err := s.keepReach(c, f, was); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, backOf(c)+"?saved=saved")
}

// keepReach saves what belongs to the chosen way: what was typed for another one
// before stays for when it is chosen again.
func (s *Server) keepReach(c echo.Context, f, was form.Reach) error {
	plain := map[string]string{reach.KeyWay: f.Way, reach.KeyNetworks: f.Networks, reach.KeyMetaCA: f.MetaCA, reach.KeyMetaOn: ""}
	if f.MetaOn {
		plain[reach.KeyMetaOn] = "1"
	}
	switch reach.Way(f.Way) {
	case reach.Tunnel:
		plain[reach.KeyTunnelDomain] = f.TunnelDomain
	case reach.Domain:
		plain[reach.KeyDomain], plain[reach.KeyEmail] = f.Domain, f.Email
		plain[reach.KeyHTTPPort], plain[reach.KeyHTTPSPort] = f.HTTPPort, f.HTTPSPort
	case reach.Proxy:
		plain[reach.KeyTrusted] = f.Trusted
	case reach.None:
	}
	settings, secret := map[string]string{}, map[string]string{}
	for key, value := range plain {
		settings[reach.Prefix+key] = value
	}
	if f.TunnelToken != "" {
		secret[reach.Prefix+reach.KeyTunnelToken] = f.TunnelToken
	}
	if f.Way == string(reach.Proxy) {
		settings[PublicURLSetting] = f.PublicURL
	}
	if err := s.Store.PutSettings(settings, secret); err != nil {
		return err
	}
	if err := s.Store.Audit(userOf(c).Name, "way in changed", orText(f.Way, "none"), reachChanges(f, was)); err != nil {
		return err
	}
	return s.Reload(c.Request().Context())
}

// reachChanges names what was changed, and of the secret only that it was.
func reachChanges(f, was form.Reach) string {
	var changed []string
	note := func(name string, differs bool) {
		if differs {
			changed = append(changed, name)
		}
	}
	note("way", f.Way != was.Way)
	note("tunnel token", f.TunnelToken != "")
	note("tunnel domain", f.Way == "tunnel" && f.TunnelDomain != was.TunnelDomain)
	note("domain", f.Way == "domain" && f.Domain != was.Domain)
	note("ports", f.Way == "domain" && (f.HTTPPort != was.HTTPPort || f.HTTPSPort != was.HTTPSPort))
	note("public address", f.Way == "proxy" && f.PublicURL != was.PublicURL)
	note("trusted proxies", f.Way == "proxy" && f.Trusted != was.Trusted)
	note("networks", f.Networks != was.Networks)
	note("Meta's certificate: "+strconv.FormatBool(f.MetaOn), f.MetaOn != was.MetaOn)
	note("Meta's authority", f.MetaCA != was.MetaCA)
	slices.Sort(changed)
	return strings.Join(changed, ", ")
}
