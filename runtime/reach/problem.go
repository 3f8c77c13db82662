package reach

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong on the way in. The pages have its words in
// each language by its code; Sentences has them in English for the health page
// and the command line.
type Problem struct {
	Code string
	Args []string // fill {0}, {1} … of the sentences: names, ports, addresses; never a secret
	// Note is what somebody else's server said about it, for who searches; "" if
	// nothing worth reading.
	Note string
}

func problem(code string, args ...any) *Problem {
	p := &Problem{Code: code}
	for _, a := range args {
		p.Args = append(p.Args, fmt.Sprint(a))
	}
	return p
}

// noted adds what somebody else's server said, cut to a line.
func (p *Problem) noted(words string) *Problem {
	words = strings.Join(strings.Fields(words), " ")
	if runes := []rune(words); len(runes) > 300 {
		words = string(runes[:300]) + " …"
	}
	p.Note = words
	return p
}

// Sentences say what is wrong and what to do, in English.
func (p *Problem) Sentences() (detail, mend string) {
	words, ok := sentences[p.Code]
	if !ok {
		return p.Code, ""
	}
	return p.fill(words[0]), p.fill(words[1])
}

func (p *Problem) fill(text string) string {
	for i, a := range p.Args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), a)
	}
	return text
}

const internet = "See whether this computer has a connection to the internet."

// sentences are what is wrong, and what to do.
var sentences = map[string][2]string{
	"no_address":      {"The public address is not known yet.", "Choose a way in under Settings, Reachability."},
	"not_https":       {"The public address does not begin with https, and Meta takes no other.", "Give an address that begins with https."},
	"no_verify_token": {"There is no verify token yet, so Meta's question cannot be asked.", "Save one under Settings, WhatsApp."},
	"verify_token":    {"The call arrived, but its verify token was not the one in force.", "Was it changed just now? Try again."},
	"signature":       {"The call arrived, but its signature did not fit any more.", "Whatever stands in front must hand the calls on unchanged. Was the app secret changed just now? Try again."},
	"not_kept":        {"The call arrived, but Astromesh could not keep it.", "See the row Disk on the health page."},

	"dns_none":    {"There is no address on the internet for the name {0}.", "Where you got the name, add a record of type A that leads to your public address. A new one takes up to an hour to be known."},
	"dns_failed":  {"The name {0} could not be looked up.", internet},
	"refused":     {"Nothing answers at {0}: the connection was refused.", "Is the proxy or the tunnel on? Does the router hand port 443 on to this computer?"},
	"timeout":     {"Nothing answers at {0}.", "A firewall or the router drops the calls: it must let port 443 through to this computer. Some routers do not let a computer reach itself by its public address: open the address followed by /healthz on a phone without Wi-Fi, and it must say ok."},
	"unreachable": {"There is no way to {0} from here.", internet},
	"cut":         {"At {0} the connection was cut in the middle.", "Is something other than the proxy or the tunnel listening there? Try again in a minute."},

	"cert_unknown": {"The certificate at {0} is not from an authority that the world knows, so Meta refuses it.", "Use a certificate of Let's Encrypt or the like; one made by oneself does not do."},
	"cert_name":    {"The certificate at {0} is made out to another name, so Meta refuses it.", "Make a certificate for exactly this name."},
	"cert_date":    {"The certificate at {0} has ended, or has not begun.", "Renew it. See also whether date and time of this computer are right."},
	"not_tls":      {"At {0} something answers, but not in https.", "Switch on https in the proxy for this name."},

	"redirected":     {"The public address leads on to {0}. Meta does not follow.", "Give the address that it leads to, or take the redirection out."},
	"bad_gateway":    {"The proxy or tunnel answers, but cannot reach Astromesh behind it ({0}).", "It must hand the calls on to the webhook's address of this computer; the lines for it are under Settings, Reachability."},
	"forbidden":      {"Something in front of Astromesh turns the calls away (403).", "Look for a protection against robots, a country filter or a password in the proxy or the tunnel, and exempt the webhook's path from it."},
	"interstitial":   {"ngrok shows a page with a warning in place of Astromesh.", "Meta's calls are not shown that page. If this stays, use a domain of your own at ngrok."},
	"tunnel_offline": {"ngrok says that no tunnel is open at this address.", "Is the tunnel on, and is this its address? Try again in a minute."},
	"not_passed":     {"A server answers at {0}, but does not hand the webhook's path on (404).", "Compare the proxy's configuration with the lines on this page."},
	"not_us":         {"Another server answers at {0}, not this Astromesh.", "Let the name lead to this computer, or the proxy to Astromesh."},
	"another_copy":   {"Another Astromesh answers at {0}.", "Let the name lead to this computer, or stop the other one."},
	"status":         {"At {0} came the answer {1}, which is not Astromesh's.", "Look into the log of the proxy or tunnel."},

	"tunnel_no_token": {"There is no auth token of ngrok yet.", "Copy it at dashboard.ngrok.com, Your Authtoken."},
	"tunnel_odd":      {"ngrok says that this is not an auth token.", "Copy the whole token at dashboard.ngrok.com, Your Authtoken; an API key is something else."},
	"tunnel_token":    {"ngrok refuses the auth token: it was replaced or withdrawn.", "Copy the present one at dashboard.ngrok.com, Your Authtoken."},
	"tunnel_account":  {"ngrok wants the account to be verified first.", "Sign in at dashboard.ngrok.com and confirm your e-mail address."},
	"tunnel_busy":     {"Another program already uses this ngrok account, and the plan allows one at a time.", "Stop the other ngrok, or take the larger plan."},
	"tunnel_domain":   {"ngrok does not give your account the domain {0}.", "Compare it with dashboard.ngrok.com, Domains, or leave the field empty."},
	"tunnel_online":   {"The address {0} is in use by another tunnel of yours.", "Stop the other ngrok, then try again."},
	"tunnel_old":      {"ngrok says that this program is too old for it.", "Install the newest Astromesh."},
	"tunnel_reached":  {"ngrok cannot be reached.", internet + " A firewall must let connections out to port 443 of connect.ngrok-agent.com."},
	"tunnel_watched":  {"The connection to ngrok is opened by something in between, so it is not used.", "A virus scanner or a company's firewall looks into https: exempt connect.ngrok-agent.com from it."},
	"tunnel_refused":  {"ngrok refuses the tunnel [{0}].", "A web search for that code says why."},
	"tunnel_lost":     {"The tunnel was cut; it is being opened again.", internet},

	"domain_missing":  {"There is no domain yet.", "Type the name that leads to this computer."},
	"port_taken":      {"Port {0} of this computer is in use by {1}.", "Stop that program, or let it stand in front of Astromesh: that is the way “Behind a reverse proxy”."},
	"port_taken_who":  {"Port {0} of this computer is in use by another program.", "Stop that program (often a web server), or let it stand in front of Astromesh: that is the way “Behind a reverse proxy”."},
	"port_forbidden":  {"The system does not let Astromesh use port {0}.", "Install Astromesh as a service, which may; or choose ports above 1024 here and let the router hand 80 and 443 on to them."},
	"cert_odd":        {"The authority of Meta's certificate cannot be read.", "Paste it again under Settings, Reachability: the text between BEGIN CERTIFICATE and END CERTIFICATE, with both lines."},
	"port_other":      {"Port {0} of this computer cannot be used.", "Start the computer again, then try once more."},
	"points_away":     {"{0} leads to {1}, where another server answers.", "Where you got the name, change the record of type A so that it leads to your public address. It takes up to an hour to be known."},
	"clock":           {"The clock of this computer is wrong by {0} hours, so certificates are refused.", "Switch on the automatic setting of date and time, then try again."},
	"acme_dns":        {"The certificate authority finds no address for {0}.", "Where you got the name, add a record of type A that leads to your public address. A new one takes up to an hour to be known."},
	"acme_connection": {"The certificate authority cannot reach this computer at {0}.", "The router must hand ports 80 and 443 on to this computer, and its firewall must let them in."},
	"acme_other":      {"The certificate authority reached another server at {0}.", "Let the name lead to this computer. If it has two addresses (records A and AAAA), both must."},
	"acme_caa":        {"A record of type CAA forbids the certificate authority to make a certificate for {0}.", "Where you got the name, add letsencrypt.org to the CAA record, or take it out."},
	"acme_name":       {"The certificate authority makes no certificate for the name {0}.", "Use a domain of your own."},
	"acme_limit":      {"The certificate authority was asked too often for {0}.", "Mend what is wrong and wait: it is tried again by itself, at most some hours later."},
	"acme_reached":    {"The certificate authority cannot be reached.", internet},
	"acme_refused":    {"The certificate authority gave no certificate for {0}.", "What it says stands behind; it is tried again by itself."},
	"folder":          {"The certificate cannot be kept on the disk.", "See the row Disk on the health page."},

	"meta_paste":       {"Meta does not know this address yet.", "At developers.facebook.com open My Apps, your app, WhatsApp, Configuration, Webhook, Edit, and paste {0} as Callback URL."},
	"meta_unreachable": {"Meta tried the new address and got no good answer there.", "It is tried again by itself. If it stays: developers.facebook.com, My Apps, your app, WhatsApp, Configuration, Webhook, Edit; Callback URL {0}."},
	"meta_refused":     {"Meta did not take the new address {0}.", "See the rows about Meta on the health page."},
}
