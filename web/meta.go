package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"astromesh/web/form"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// PublicURLSetting is where Meta reaches this program, as the owner typed it; it
// is no key of channels.yaml.
const PublicURLSetting = "dashboard.public_url"

const (
	metaSettings = "/settings/whatsapp"
	metaSetup    = "/setup/meta"
)

// metaPage shows the credentials: in Settings, and as a card of the first run.
func (s *Server) metaPage(c echo.Context) error {
	f := form.Meta{}
	var err error
	if f.PublicURL, err = s.publicURL(c); err != nil {
		return err
	}
	return s.showMeta(c, http.StatusOK, f)
}

// publicURL is where Meta reaches this program, "" while that is not known.
func (s *Server) publicURL(c echo.Context) (string, error) {
	if address, _, known := s.wayAddress(); known {
		return address, nil
	}
	return s.typedURL(c.Request().Context())
}

func (s *Server) showMeta(c echo.Context, status int, f form.Meta) error {
	ch := s.Channel()
	v := view.Meta{Form: f, Back: metaSettings, Fields: map[string]view.SavedField{
		"access_token": secretField(ch.AccessToken.Reveal()), "app_secret": secretField(ch.AppSecret.Reveal()), "verify_token": secretField(ch.VerifyToken.Reveal()),
		"phone_number_id": {Value: ch.PhoneNumberID}, "waba_id": {Value: ch.WABAID}, "app_id": {Value: ch.AppID},
	}}
	for key, field := range v.Fields {
		field.Outside = ch.Outside[key]
		v.Fields[key] = field
	}
	if address, way, known := s.wayAddress(); known {
		v.Way, f.PublicURL = way, address
		v.Form.PublicURL = address
	}
	if f.PublicURL != "" && f.Errors["public_url"] == "" {
		v.Callback = f.PublicURL + webhookPath
	}
	// It is to be pasted at Meta, so it is shown until Meta has used it.
	if !ch.Outside["verify_token"] && s.Doorman.Door().HandshakeOKAt.IsZero() {
		v.VerifyToken = cmp.Or(f.VerifyToken, ch.VerifyToken.Reveal(), newToken()[:24])
	}
	if c.Path() == metaSetup {
		v.Back = metaSetup
		return render(c, status, view.SetupMeta(s.setupFrame(c, "meta"), v))
	}
	p, err := s.settingFrame(c, "whatsapp")
	if err != nil {
		return err
	}
	return render(c, status, view.SettingMeta(p, v))
}

// secretField is all that is ever shown of a saved secret.
func secretField(secret string) view.SavedField {
	if secret == "" {
		return view.SavedField{}
	}
	f := view.SavedField{Saved: true}
	if len(secret) >= 12 { // of a shorter one, four characters say too much
		f.Last = secret[len(secret)-4:]
	}
	return f
}

// saveMeta proves what was typed at Meta, keeps it, and puts it in service.
func (s *Server) saveMeta(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return errUnreadable
	}
	ch, f := s.Channel(), form.BindMeta(values)
	for key, field := range map[string]*string{
		"access_token": &f.AccessToken, "app_secret": &f.AppSecret, "verify_token": &f.VerifyToken,
		"phone_number_id": &f.PhoneNumberID, "waba_id": &f.WABAID, "app_id": &f.AppID,
	} {
		if ch.Outside[key] {
			*field = ""
		}
	}
	f.Validate()
	what := s.askMeta(c.Request().Context(), &f, ch.WhatsApp)
	// What is right is kept also where something else is not: a secret is not sent
	// back, and would have to be typed again.
	if err := s.keepMeta(c, f); err != nil {
		return err
	}
	if len(f.Errors) > 0 {
		f.AskAgain()
		return s.showMeta(c, http.StatusUnprocessableEntity, f)
	}
	return c.Redirect(http.StatusSeeOther, c.Path()+"?saved="+what)
}

// keepMeta saves what is right of the form: the secrets sealed. The list of
// changes says which were, and not what they are.
func (s *Server) keepMeta(c echo.Context, f form.Meta) error {
	plain, secret := map[string]string{}, map[string]string{}
	var changed []string
	if was, err := s.publicURL(c); err != nil {
		return err
	} else if _, _, known := s.wayAddress(); !known && f.Errors["public_url"] == "" && f.PublicURL != was {
		plain[PublicURLSetting], changed = f.PublicURL, []string{"public_url"}
	}
	f = f.Right()
	was := savedIDs(s.Channel())
	put := func(to map[string]string, key, value string) {
		if value != "" && value != was[key] {
			to[channelPrefix+key] = value
			changed = append(changed, key)
		}
	}
	put(secret, "access_token", f.AccessToken)
	put(secret, "app_secret", f.AppSecret)
	put(secret, "verify_token", f.VerifyToken)
	put(plain, "phone_number_id", f.PhoneNumberID)
	put(plain, "waba_id", f.WABAID)
	put(plain, "app_id", f.AppID)
	if len(changed) == 0 {
		return nil
	}
	if err := s.Store.PutSettings(plain, secret); err != nil {
		return err
	}
	slices.Sort(changed)
	if err := s.Store.Audit(userOf(c).Name, "credentials changed", "whatsapp", strings.Join(changed, ", ")); err != nil {
		return err
	}
	return s.reloadAndLook(c.Request().Context())
}

// savedIDs are the values that the form shows and sends back as they are.
func savedIDs(ch Channel) map[string]string {
	return map[string]string{"phone_number_id": ch.PhoneNumberID, "waba_id": ch.WABAID, "app_id": ch.AppID, "verify_token": ch.VerifyToken.Reveal()}
}

// subscribe makes Meta send the customers' messages here: first the app, if its
// secret and our address are known, then the business account.
func (s *Server) subscribe(c echo.Context) error {
	ctx, ch := c.Request().Context(), s.Channel()
	back := metaSettings
	if c.FormValue("back") == metaSetup {
		back = metaSetup
	}
	address, err := s.publicURL(c)
	if err != nil {
		return err
	}
	client := s.Probe(ch.AccessToken.Reveal())
	var failed error
	if app := s.appID(ctx, client, ch.AppID); app != "" && ch.AppSecret != "" && address != "" {
		failed = client.SubscribeApp(ctx, app, ch.AppSecret.Reveal(), address+webhookPath, ch.VerifyToken.Reveal())
	}
	if failed == nil {
		failed = client.Subscribe(ctx, ch.WABAID)
	}
	if failed != nil {
		return render(c, http.StatusUnprocessableEntity, view.MetaRefused(metaFault(failed), back))
	}
	if err := s.Store.Audit(userOf(c).Name, "subscribed at Meta", "whatsapp", ""); err != nil {
		return err
	}
	s.lookAgain(ctx)
	return c.Redirect(http.StatusSeeOther, back+"?saved=subscribed")
}
