package guardrail

import (
	"regexp"
	"strings"
)

// The marks around reasoning, as models in use write them: tags (DeepSeek-R1,
// Qwen, EXAONE, Seed's <seed:think>), [THINK] (Magistral), ◁think▷ (Kimi),
// <unused94> … <unused95> (Gemma), <|channel>thought … <channel|> (Gemma 4),
// <|START_THINKING|> (Command), <|begin_of_thought|> (OpenThinker).
const reasoningNames = `(?:think|thinking|thoughts?|reasoning|reflection|scratch_?pad|analysis|antthinking|deliberation|cot|` +
	`chain[_-]of[_-]thought|inner[_-](?:monologue|thoughts?)|internal(?:[_-](?:monologue|thoughts?|reasoning))?|self[_-]reflection)`

var (
	reasoningOpen = regexp.MustCompile(`(?i)<\s*(?:[a-z]+:)?` + reasoningNames + `(?:\s[^<>]*)?/?>` +
		`|\[\s*(?:think|thinking|reasoning)\s*\]|◁\s*think(?:ing)?\s*▷` +
		`|<unused94>(?:thought)?|<\|channel>\s*(?:thought|analysis)?` +
		`|<[|｜](?:start_thinking|begin[_▁]of[_▁](?:thought|thinking)|think|thinking|thought|reasoning)[|｜]>`)
	reasoningClose = regexp.MustCompile(`(?i)<\s*/\s*(?:[a-z]+:)?` + reasoningNames + `\s*>` +
		`|\[\s*/\s*(?:think|thinking|reasoning)\s*\]|◁\s*/\s*think(?:ing)?\s*▷` +
		`|<unused95>|<channel\|>` +
		`|<[|｜](?:end_thinking|end[_▁]of[_▁](?:thought|thinking)|/\s*(?:think|thinking|thought|reasoning))[|｜]>`)
)

// hideReasoning takes marked reasoning out. A mark that is never closed hides
// all that follows, a closing mark that was never opened all that stands before
// it: better no reply than half a thought.
func hideReasoning(text string, _ []string) (string, bool) {
	opens, ends := unquoted(reasoningOpen, text), unquoted(reasoningClose, text)
	if len(opens) == 0 && len(ends) == 0 {
		return text, false
	}
	var kept strings.Builder
	at := 0
	for {
		opens, ends = from(opens, at), from(ends, at)
		switch {
		case len(opens) == 0 && len(ends) == 0:
			kept.WriteString(text[at:])
			return tidy(kept.String()), true
		case len(opens) == 0 || len(ends) > 0 && ends[0][0] < opens[0][0]:
			kept.Reset()
			at = ends[0][1]
		case strings.HasSuffix(text[opens[0][0]:opens[0][1]], "/>"): // <think/>
			kept.WriteString(text[at:opens[0][0]])
			at = opens[0][1]
		default:
			kept.WriteString(text[at:opens[0][0]])
			at = len(text)
			if ends = from(ends, opens[0][1]); len(ends) > 0 {
				at = ends[0][1]
			}
		}
	}
}

// foldedReasoning is how Open WebUI folds reasoning away.
var foldedReasoning = regexp.MustCompile(`(?is)<details\s[^<>]*\btype\s*=\s*["']?reasoning\b[^<>]*>.*?(?:</details\s*>|$)`)

func hideDetails(text string, _ []string) (string, bool) {
	out := cutUnquoted(foldedReasoning, text)
	if out == text {
		return text, false
	}
	return tidy(out), true
}

var (
	// thoughtLabel opens a reply that begins with its reasoning, unmarked.
	thoughtLabel = regexp.MustCompile(`(?i)^\s*(?:[#*_>]+\s*)*(thoughts?|thinking(?: process)?|reasoning|chain of thought|internal (?:reasoning|monologue)|` +
		`my (?:thoughts?|reasoning)|here(?:'s| is) my (?:thought process|thinking process|reasoning))\s*[*_]*\s*:\s*[*_]*`)
	// softLabel does too in other languages and senses, but is believed only
	// where an answer label follows.
	softLabel = regexp.MustCompile(`(?i)^\s*(?:[#*_>]+\s*)*(analysis|plan|razonamiento|pensamientos?|racioc[ií]nio|pensamento|raisonnement|r[ée]flexion|` +
		`[üu]berlegung(?:en)?|gedanken(?:gang)?|ragionamento|pensiero|an[áa]lisis|an[áa]lise)\s*[*_]*\s*:\s*[*_]*`)
	answerLabel = regexp.MustCompile(`(?im)^\s*(?:[#*_>]+\s*)*(?:(?:final |my )?(?:answer|response|reply)|here(?:'s| is) my (?:answer|response)|final|output|` +
		`respuesta(?: final)?|resposta(?: final)?|r[ée]ponse(?: finale)?|(?:endg[üu]ltige )?antwort|risposta(?: finale)?)\s*[*_]*\s*:[ \t]*[*_]*[ \t]*`)
	// finalLabel alone is the mark of a ReAct answer.
	finalLabel = regexp.MustCompile(`(?i)^\s*(?:[#*_>]+\s*)*(?:final answer)\s*[*_]*\s*:[ \t]*[*_]*[ \t]*`)
	// bareHarmony is gpt-oss with its control tokens lost on the way.
	bareHarmony = regexp.MustCompile(`(?s)^\s*analysis[A-Z\p{Lu}].*?assistant\s*final`)
)

// hideLabels takes reasoning at the beginning out that only a label marks
// ("Reasoning: … Answer: …"). Without an answer label the first paragraph is
// the thought, and where there is no second one there is no reply.
func hideLabels(text string, _ []string) (string, bool) {
	if m := bareHarmony.FindStringIndex(text); m != nil {
		return tidy(text[m[1]:]), true
	}
	if m := finalLabel.FindStringIndex(text); m != nil {
		return tidy(text[m[1]:]), true
	}
	hard, soft := thoughtLabel.FindStringIndex(text), softLabel.FindStringIndex(text)
	if hard == nil && soft == nil {
		return text, false
	}
	if m := answerLabel.FindStringIndex(text); m != nil {
		return tidy(text[m[1]:]), true
	}
	if hard == nil {
		return text, false
	}
	body := strings.TrimLeft(text[hard[1]:], " \t\r\n")
	if _, rest, ok := strings.Cut(body, "\n\n"); ok {
		return tidy(rest), true
	}
	return "", true
}
