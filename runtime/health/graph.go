package health

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
)

// Graph is what Meta says of the account.
type Graph struct {
	Token     whatsapp.TokenInfo
	TokenErr  error
	Number    whatsapp.NumberInfo
	NumberErr error
	Apps      []whatsapp.SubscribedApp // of the configured business account
	AppsErr   error
	// Ahead is how far this machine's clock is ahead of Meta's; meaningful where
	// Number.ServerTime is set.
	Ahead time.Duration
}

// AskGraph asks Meta all questions at the same time; it takes 5 s at most. An
// empty waba leaves the subscription out. Without credentials nobody is asked.
func AskGraph(ctx context.Context, client *whatsapp.Client, number, waba string) Graph {
	var g Graph
	var all sync.WaitGroup
	all.Go(func() { g.Token, g.TokenErr = client.DebugToken(ctx) })
	all.Go(func() {
		g.Number, g.NumberErr = client.PhoneNumber(ctx, number)
		if !g.Number.ServerTime.IsZero() {
			g.Ahead = time.Since(g.Number.ServerTime)
		}
	})
	if waba != "" {
		all.Go(func() { g.Apps, g.AppsErr = client.SubscribedApps(ctx, waba) })
	}
	all.Wait()
	return g
}

const (
	// shortToken is how soon a token's end is worth telling. Those of the page
	// API Setup last 24 hours.
	shortToken   = 14 * 24 * time.Hour
	sendScope    = "whatsapp_business_messaging"
	accountScope = "whatsapp_business_management"
)

// graph says whether Meta takes our token, for how long, and what it says of
// the number.
func graph(in Inputs) []Check {
	const name = "graph"
	if in.WhatsApp.AccessToken == "" || in.WhatsApp.PhoneNumberID == "" {
		return warn(name, "Meta was not asked: the access token or the phone number ID is missing.", "See credentials.")
	}
	if refused := tokenRefused(in.Graph); refused != "" {
		return fail(name, refused, "Until then nothing is sent. "+tokenPlace)
	}
	if e := sendError(in.Graph.NumberErr); e != nil {
		return fail(name, inWords(e), mendOf(e))
	}
	checks := slices.Concat(tokenChecks(in), numberChecks(in.Graph.Number))
	if len(checks) == 0 {
		return ok(name, wellKnown(in.Graph))
	}
	return checks
}

// tokenRefused says in words that the token is not good, or nothing.
func tokenRefused(g Graph) string {
	for _, err := range []error{g.NumberErr, g.TokenErr} {
		if e := sendError(err); e != nil && e.Outcome == channel.TokenRefused {
			return "Meta refuses the access token. " + inWords(e)
		}
	}
	if g.TokenErr == nil && g.NumberErr != nil && !g.Token.Valid {
		return "Meta refuses the access token. " + g.Token.Reason + metaCode(190, g.Token.Subcode)
	}
	return ""
}

// tokenChecks are the flaws of a token that works now.
func tokenChecks(in Inputs) []Check {
	t := in.Graph.Token
	if in.Graph.TokenErr != nil || !t.Valid {
		return nil // Meta did not describe it; that it works is known from the number
	}
	var checks []Check
	if len(t.Scopes) > 0 && !slices.Contains(t.Scopes, sendScope) {
		checks = append(checks, fail("graph", "The access token may not send messages: it lacks "+sendScope+".", "Make a new one. "+tokenPlace)...)
	}
	if len(t.Scopes) > 0 && !slices.Contains(t.Scopes, accountScope) {
		checks = append(checks, warn("graph", "The access token may not read the account: it lacks "+accountScope+", so some diagnoses are left out.", "Make a new one. "+tokenPlace)...)
	}
	switch left := t.ExpiresAt.Sub(in.Now); {
	case !t.ExpiresAt.IsZero() && left < shortToken:
		checks = append(checks, warn("graph", fmt.Sprintf("The access token is a temporary one: it ends in %s, and sending with it.", lasting(left)),
			"Replace it with one that does not expire. "+tokenPlace)...)
	case t.Type == "USER":
		checks = append(checks, warn("graph", "The access token belongs to a person: it ends when they change their password or leave.", "Replace it with one of a system user. "+tokenPlace)...)
	}
	return checks
}

// numberChecks are what Meta dislikes about the number.
func numberChecks(n whatsapp.NumberInfo) []Check {
	var checks []Check
	const look = "Open WhatsApp Manager, Phone numbers, and see what is said there. "
	switch strings.ToUpper(n.Quality) {
	case "YELLOW":
		checks = warn("graph", "Customers have blocked or reported your number: its quality is medium (YELLOW).", look+"Write only to those who wrote to you, and answer to the point.")
	case "RED":
		checks = warn("graph", "Many customers have blocked or reported your number: its quality is low (RED), and Meta may limit it.", look+"Write only to those who wrote to you, and answer to the point.")
	}
	if s := strings.ToUpper(n.Status); s != "" && s != "CONNECTED" && s != "UNKNOWN" {
		checks = append(checks, warn("graph", "Meta says that your number is "+s+", not CONNECTED.", look)...)
	}
	return checks
}

func wellKnown(g Graph) string {
	words := "Meta takes the access token."
	if n := g.Number.VerifiedName; n != "" {
		words = fmt.Sprintf("Meta takes the access token; the number belongs to %s.", n)
	}
	switch t := g.Token; {
	case g.TokenErr != nil || !t.Valid:
		return words + " Meta did not say how long the token lasts."
	case t.ExpiresAt.IsZero():
		return words + " The token does not expire."
	default:
		return words + " The token lasts until " + t.ExpiresAt.Format("2006-01-02") + "."
	}
}

func sendError(err error) *channel.SendError {
	var e *channel.SendError
	if errors.As(err, &e) {
		return e
	}
	if err != nil { // every question promises one
		return &channel.SendError{Outcome: channel.Unknown, Reason: "Meta could not be asked."}
	}
	return nil
}

// inWords is the reason with Meta's code small at the end.
func inWords(e *channel.SendError) string { return e.Reason + metaCode(e.Code, e.Subcode) }

func mendOf(e *channel.SendError) string {
	if e.Outcome == channel.Refused {
		return "Compare both with Meta's pages. " + numberPlace + " " + tokenPlace
	}
	return "Customers' messages are kept, and answered when Meta can be reached again."
}

func metaCode(code, subcode int) string {
	switch {
	case code == 0:
		return ""
	case subcode == 0:
		return fmt.Sprintf(" [%d]", code)
	default:
		return fmt.Sprintf(" [%d/%d]", code, subcode)
	}
}
