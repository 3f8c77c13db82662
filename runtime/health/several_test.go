package health

import (
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
)

// lines are the checks that are not ok, as "name status", and all their words.
func lines(in Inputs) (list []string, words string) {
	for _, c := range Diagnose(in) {
		if c.Status != OK {
			list = append(list, c.Name+" "+string(c.Status))
			words += c.Detail + " " + c.Mend + "\n"
		}
	}
	return list, words
}

// TestFlawsThatShowInSeveralLines, because one follows from another.
func TestFlawsThatShowInSeveralLines(t *testing.T) {
	expired := refusal(channel.TokenRefused, 190, 463, 401, "The access token has expired.")
	for name, c := range map[string]struct {
		spoil func(*Inputs)
		lines []string
		says  []string
	}{
		"expired token": {func(in *Inputs) {
			in.Graph = Graph{TokenErr: expired, NumberErr: expired, AppsErr: expired}
		}, []string{"graph fail", "subscription warn"}, []string{"expired. [190/463]", "System users"}},
		"expired token, described": {func(in *Inputs) {
			in.Graph = Graph{Token: whatsapp.TokenInfo{Subcode: 463, Reason: "The access token has expired."}, NumberErr: expired, AppsErr: expired}
		}, []string{"graph fail", "subscription warn"}, []string{"expired. [190/463]"}},
		"first day": {func(in *Inputs) { in.Door = Door{} }, []string{"handshake warn", "webhook warn"}, []string{"has not asked", "Callback URL", "/v1/channels/whatsapp/webhook"}},
		"wrong verify token from the start": {func(in *Inputs) { in.Door = Door{HandshakeAt: now.Add(-time.Minute)} },
			[]string{"handshake fail", "webhook warn"}, []string{"not the one configured here", "same word"}},
		"accepted once, then refused": {func(in *Inputs) {
			in.Door = Door{HandshakeAt: now.Add(-time.Minute), HandshakeOKAt: now.Add(-time.Hour)}
		},
			[]string{"handshake warn", "webhook warn"}, []string{"An earlier one was accepted"}},
		"no verify token at all": {func(in *Inputs) { in.Door, in.WhatsApp.VerifyToken = Door{HandshakeAt: now.Add(-time.Minute)}, "" },
			[]string{"credentials fail", "handshake fail", "webhook warn"}, []string{"no verify token is configured"}},
		"wrong secret from the start": {func(in *Inputs) {
			refusedDoor(1, time.Time{})(in)
		}, []string{"signature fail", "webhook warn"}, []string{"1 webhook with", "See signature"}},
		"unsigned": {func(in *Inputs) { in.WhatsApp.AppSecret, in.Door.Unsigned = "", true }, []string{"credentials fail", "signature fail"}, []string{"UNSIGNED MODE", "in Meta's name"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := well()
			c.spoil(&in)
			got, words := lines(in)
			if !slices.Equal(got, c.lines) {
				t.Errorf("%q, want %q", got, c.lines)
			}
			for _, s := range c.says {
				if !strings.Contains(words, s) {
					t.Errorf("%q is not said in %s", s, words)
				}
			}
			noSecrets(t, words)
		})
	}
}
