package app

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// An owner chooses a way in and reads how it is doing, in a browser.
func TestBrowserReachability(t *testing.T) {
	_, b := newDashboard(t)
	b.open("/settings/reachability")
	b.shows("No way in is chosen.")
	for _, way := range []string{"tunnel", "domain", "proxy"} {
		b.run("choose "+way, chromedp.Click(`input[name=way][value=`+way+`]`, chromedp.ByQuery))
		for _, other := range []string{"tunnel", "domain", "proxy"} {
			b.until("only the fields of "+way, fmt.Sprintf("(document.querySelector('.reach-%s').offsetHeight > 0) === %t", other, other == way))
		}
		b.keep("reach-" + way)
	}
	b.run("an address", chromedp.SetValue("#public_url", "https://127.0.0.1:1", chromedp.ByQuery), chromedp.Submit("#public_url", chromedp.ByQuery))
	b.shows("proxy_pass http://127.0.0.1:")
	// By itself, without a click: the live check says why nobody can come in.
	b.shows("Nothing answers at 127.0.0.1:1: the connection was refused.")
	b.clean("a way is chosen")
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			for name, path := range map[string]string{"reach": "/settings/reachability", "reach-setup": "/setup/reachability", "reach-card": "/setup/meta"} {
				where := fmt.Sprintf("%s at %d px, %s", path, width, scheme)
				b.open(path)
				b.fits(where)
				b.accessible(where)
				b.clean(where)
				b.keep(fmt.Sprintf("%s-%d-%s", name, width, scheme))
			}
		}
	}
}
