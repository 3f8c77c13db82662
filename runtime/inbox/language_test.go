package inbox

import "testing"

func TestInLanguage(t *testing.T) {
	three := map[string]string{"en": "sorry", "es": "perdona", "pt": "desculpe"}
	for _, c := range []struct {
		texts map[string]string
		said  string
		phone string
		want  string
	}{
		{three, "Hello, I would like to know whether you are open tomorrow", "34600111222", "sorry"},
		{three, "Hola, quisiera saber si mañana abren por la tarde", "15550001234", "perdona"},
		{three, "Bom dia, vocês fazem entregas aos domingos? Gostaria de encomendar", "15550001234", "desculpe"},
		{three, "¿me puede decir a qué hora abren mañana por la mañana?", "15550001234", "perdona"}, // likely, and nothing better is known
		{three, "Olá, vocês entregam hoje?", "15550001234", "desculpe"},
		{three, "what time do you open", "15550001234", "sorry"},
		{three, "what time do you open", "34600111222", "perdona"},
		{three, "ok", "34600111222", "perdona"}, // too short to tell: the number's country
		{three, "ok", "5511999887766", "desculpe"},
		{three, "", "8613800138000", "sorry"}, // a country whose language is not there
		{three, "你好，请问你们几点开门？", "8613800138000", "sorry"},
		{map[string]string{"": "one for all"}, "Hola", "34600111222", "one for all"},
		{map[string]string{"fr": "désolé"}, "Hola, quisiera saber si abren", "34600111222", "désolé"},
		{map[string]string{"": "default", "es": "perdona"}, "ok", "15550001234", "default"},
		{nil, "hello", "34600111222", ""},
	} {
		if got := inLanguage(c.texts, []string{c.said}, c.phone); got != c.want {
			t.Errorf("%q from %s: %q, want %q", c.said, c.phone, got, c.want)
		}
	}
}
