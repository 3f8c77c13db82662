package channel

import "testing"

func TestLegible(t *testing.T) {
	for _, text := range []string{"a", "ñ", "7", "👍", "❤️", "1️⃣", "🇪🇸", "€", "→", "こんにちは", "مرحبا", "\u200ba", "한", "²", "***ok***"} {
		if !Legible(text) {
			t.Errorf("%q is said to be nothing", text)
		}
	}
	for _, text := range []string{"", " \n\t", "\u200b", "\u2060\ufeff", "\u00ad", "\u3164", "\u2800", "\u202e", "\a", "\u0300", "\ufe0f", "\ufffd", "#", "> ", "- ", "**", "_ _", "|", "{}", "[]", `""`, "...", "…", "$", "\u200d"} {
		if Legible(text) {
			t.Errorf("%q is said to be something", text)
		}
	}
}

func TestVisible(t *testing.T) {
	for _, text := range []string{"?", "...", "a", "👍", "#", "¿", "€"} {
		if !Visible(text) {
			t.Errorf("%q is said not to show", text)
		}
	}
	for _, text := range []string{"", " \n\u00a0", "\u200b\u200d", "\u2060\ufeff", "\u00ad", "\u3164", "\u2800", "\u202e", "\a", "\u0300\ufe0f", "\ufffd"} {
		if Visible(text) {
			t.Errorf("%q is said to show", text)
		}
	}
}
