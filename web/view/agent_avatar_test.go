package view

import "testing"

// TestAvatar: what a file gives is shown, and nothing is fetched for it.
func TestAvatar(t *testing.T) {
	const inside = "data:image/png;base64,iVBORw0KGgo="
	for _, c := range []struct{ avatar, title, picture, letters string }{
		{"🥐", "Bakery", "", "🥐"},
		{"👩🏽‍🍳", "Bakery", "", "👩🏽‍🍳"},
		{"AB", "Bakery", "", "AB"},
		{inside, "Bakery", inside, ""},
		{"", "bakery", "", "B"},
		{"  ", "ñandú", "", "Ñ"},
		{"shop.png", "Bakery", "", "B"},
		{"https://elsewhere.example/a.png", "Bakery", "", "B"},
		{"data:image/svg+xml;base64,PHN2Zz4=", "Bakery", "", "B"},
		{"data:text/html;base64,PHN2Zz4=", "Bakery", "", "B"},
		{"", "", "", ""},
	} {
		if picture, letters := avatar(c.avatar, c.title); picture != c.picture || letters != c.letters {
			t.Errorf("avatar %q of %q: %q, %q", c.avatar, c.title, picture, letters)
		}
	}
}
