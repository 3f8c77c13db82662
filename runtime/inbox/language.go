package inbox

import (
	"maps"
	"slices"
	"strings"

	"astromesh/runtime/agent"

	"github.com/abadojack/whatlanggo"
)

// languages are those that the program's own sentences may be written in.
var languages = map[string]whatlanggo.Lang{
	"en": whatlanggo.Eng, "es": whatlanggo.Spa, "pt": whatlanggo.Por, "fr": whatlanggo.Fra,
	"de": whatlanggo.Deu, "it": whatlanggo.Ita, "nl": whatlanggo.Nld, "pl": whatlanggo.Pol, "tr": whatlanggo.Tur,
}

// byPrefix guesses from the country of the number where the text is too short
// to tell, longest prefix first.
var byPrefix = []struct{ prefix, language string }{
	{"351", "pt"}, {"244", "pt"}, {"258", "pt"}, {"34", "es"}, {"52", "es"}, {"54", "es"}, {"56", "es"}, {"57", "es"},
	{"51", "es"}, {"58", "es"}, {"502", "es"}, {"503", "es"}, {"504", "es"}, {"505", "es"}, {"506", "es"}, {"507", "es"},
	{"591", "es"}, {"593", "es"}, {"595", "es"}, {"598", "es"}, {"55", "pt"}, {"33", "fr"}, {"49", "de"}, {"43", "de"},
	{"39", "it"}, {"31", "nl"}, {"48", "pl"}, {"90", "tr"},
}

// Instead is what a customer reads in the place of a reply, in the language of what
// they said; "" where the turn was answered.
func (t Texts) Instead(o agent.Outcome, said []string, phone string) string {
	texts := t.Error
	switch o {
	case agent.Answered:
		return ""
	case agent.Blocked:
		texts = t.Blocked
	case agent.TooLong:
		texts = t.TooLong
	case outcomeNotice:
		texts = t.Unsupported
	case agent.Failed:
	}
	return inLanguage(texts, said, phone)
}

// inLanguage chooses among a text's languages the one that the customer writes;
// where that is not sure, that of the number's country, then the likeliest, the
// text for all languages, English, and any.
func inLanguage(texts map[string]string, said []string, phone string) string {
	if len(texts) == 1 {
		for _, t := range texts {
			return t
		}
	}
	language, sure := spoken(texts, strings.Join(said, "\n"))
	order := []string{ofCountry(phone), language, "", "en"}
	if sure {
		order[0], order[1] = order[1], order[0]
	}
	for _, language := range order {
		if t := texts[language]; t != "" {
			return t
		}
	}
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		return texts[language]
	}
	return ""
}

// likely is the confidence from which a guess is better than English. Among few
// languages the detector is seldom sure: "¿me puede decir a qué hora abren?" is
// Spanish to it at 0.4, where Portuguese is offered too; short English ones are
// anything at 0.02.
const likely = 0.1

// spoken is the language that a text is most likely in, and whether that is
// sure; "" if it is anybody's guess.
func spoken(texts map[string]string, said string) (language string, sure bool) {
	offered := whatlanggo.Options{Whitelist: map[whatlanggo.Lang]bool{}}
	for language := range texts {
		if l, ok := languages[language]; ok {
			offered.Whitelist[l] = true
		}
	}
	info := whatlanggo.DetectWithOptions(said, offered)
	if len(offered.Whitelist) == 0 || len(said) < 12 || info.Confidence < likely {
		return "", false
	}
	for code, l := range languages {
		if l == info.Lang {
			return code, info.IsReliable()
		}
	}
	return "", false
}

func ofCountry(phone string) string {
	for _, p := range byPrefix {
		if strings.HasPrefix(phone, p.prefix) {
			return p.language
		}
	}
	return ""
}
