package view

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notWords are strings that are no sentences: SQL, patterns, lines for a program.
var notWords = regexp.MustCompile(`\b(SELECT|UPDATE|DELETE|INSERT|PRAGMA|AND|WHERE|ESCAPE|DESC|INTO)\b| (=|<|>|>=|<>|IN|LIKE) [?(']| = 1|[\\^]`)

// twoWords are in every sentence.
var twoWords = regexp.MustCompile(`[A-Za-z]{2,}:? [A-Za-z]`)

// Every sentence that the program may record or diagnose is in the files of
// texts, so that a reader of any language gets it in that language. A new one
// fails here until it is in text/*/said-*.yaml, or in not-shown.txt because no
// page shows it.
func TestEverySentenceOfTheProgramIsThere(t *testing.T) {
	n := walk{silent: lines(t, "testdata/said/not-shown.txt"), composed: examples(t, "testdata/said/composed.txt"), met: map[string]bool{}}
	for text, at := range collect(t, false, "../../runtime/channel/whatsapp", "../../runtime/inbox", "../../runtime/outbox", "../../runtime/reach",
		"../../runtime/health", "../../runtime/model", "../../runtime/tool/fault.go", "../../runtime/tool/fault_remote.go", "../../runtime/tool/mcp/fault.go", "../../store", "../webhook.go", "../../app/app.go") {
		n.check(t, phraseBook().usual, at, text)
	}
	// What keeps an agent from being built is shown as a problem of its file, and
	// comes to the page as an error.
	for text, at := range collect(t, true, "../../runtime/agent", "../../runtime/model", "../../config", "../../app/draft.go", "../../app/reload.go", "../../app/colleagues.go") {
		n.check(t, phraseBook().file, at, text)
	}
	for _, one := range slices.Concat(n.silent, keysOf(n.composed)) {
		if !n.met[one] {
			t.Errorf("testdata/said names %q, which the program does not say", one)
		}
	}
}

// walk is what the walk over the sources knows beforehand, and what it met.
type walk struct {
	silent   []string
	composed map[string][]string
	met      map[string]bool
}

func (n walk) check(t *testing.T, book phrases, at, text string) {
	t.Helper()
	if notWords.MatchString(text) || !twoWords.MatchString(text) || strings.Count(text, " ") < 2 && !strings.HasSuffix(text, ".") {
		return
	}
	if _, ok := (&sayer{language: "es", book: book}).partOf(text); ok {
		return
	}
	for _, left := range leftovers(book, text) {
		n.met[left] = true
		if len(n.composed[left]) == 0 && !slices.Contains(n.silent, left) {
			t.Errorf("%s: %q is in no said-*.yaml", strings.TrimPrefix(at, "../../"), left)
		}
		for _, example := range n.composed[left] {
			if more := leftovers(book, example); len(more) > 0 {
				t.Errorf("%s: of %q, %q is in no said-*.yaml", at, example, more)
			}
		}
	}
}

// leftovers are the sentences of a text that no file of texts knows.
func leftovers(book phrases, english string) (unknownOnes []string) {
	for cut := true; cut; { // a value that begins no sentence of its own
		if _, known := closest(book.sentences, english); known {
			break
		}
		english, cut = strings.CutPrefix(english, dummy+" ")
	}
	s := sayer{language: "es", book: book}
	s.say(english)
	for _, left := range s.left {
		if strings.Trim(strings.ReplaceAll(left, dummy, ""), " .,:;[]/()0123456789") != "" {
			unknownOnes = append(unknownOnes, left)
		}
	}
	return unknownOnes
}

func lines(t *testing.T, name string) (list []string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

// examples of what is put together of pieces: "piece" and, indented, what comes of it.
func examples(t *testing.T, name string) map[string][]string {
	t.Helper()
	all, piece := map[string][]string{}, ""
	for _, line := range lines(t, name) {
		if example, indented := strings.CutPrefix(line, "\t"); indented {
			all[piece] = append(all[piece], example)
		} else {
			piece = line
		}
	}
	return all
}

func keysOf(m map[string][]string) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}

func TestSaid(t *testing.T) {
	for _, c := range []struct{ english, es, pt string }{
		{"", "", ""},
		{"A sentence of an older program.", "A sentence of an older program.", "A sentence of an older program."},
		{
			"A reply was not delivered: There is a problem with the payment method. Mend it in Meta's billing settings; until then nothing is delivered.",
			"Una respuesta no se entregó: Hay un problema con la forma de pago. Arréglalo en la facturación de Meta; hasta entonces no se entrega nada.",
			"Uma resposta não foi entregue: Há um problema com a forma de pagamento. Resolva no faturamento da Meta; até lá nada é entregue.",
		},
		{"WhatsApp reported error 7: Something {0} odd. Really.", "WhatsApp informó del error 7: Something {0} odd. Really.", "O WhatsApp informou o erro 7: Something {0} odd. Really."},
		{
			"ollama/a:7b: The model a:7b is not on this computer. Open Health and press Download, or run: ollama pull a:7b. The model b stopped in the middle of its answer. Ollama's log tells why.",
			"ollama/a:7b: El modelo a:7b no está en este ordenador. Abre Estado y pulsa Descargar, o ejecuta: ollama pull a:7b. El modelo b se detuvo a mitad de su respuesta. El registro de Ollama dice por qué.",
			"ollama/a:7b: O modelo a:7b não está neste computador. Abra Saúde e clique em Baixar, ou execute: ollama pull a:7b. O modelo b parou no meio da resposta. O registro do Ollama diz por quê.",
		},
		{"The last webhook came 5 minutes ago.", "El último webhook llegó hace 5 minutos.", "O último webhook chegou há 5 minutos."},
		{"The last webhook came less than a minute ago.", "El último webhook llegó hace menos de un minuto.", "O último webhook chegou há menos de um minuto."},
		{
			"Missing: the access token (A), the app secret (B) and the verify token (C). Without them no message can be received safely or answered.",
			"Falta: el token de acceso (A), la clave secreta de la app (B) y el token de verificación (C). Sin ellas no se puede recibir ningún mensaje con seguridad ni responderlo.",
			"Falta: o token de acesso (A), a chave secreta do app (B) e o token de verificação (C). Sem elas nenhuma mensagem pode ser recebida com segurança nem respondida.",
		},
		{"Meta takes the access token. The token lasts until 2027-01-02.", "Meta acepta el token de acceso. El token vale hasta el 2027-01-02.", "A Meta aceita o token de acesso. O token vale até 2027-01-02."},
	} {
		for language, want := range map[string]string{"en": c.english, "es": c.es, "pt-BR": c.pt} {
			if got := Said(WithLanguage(context.Background(), language), c.english); got != want {
				t.Errorf("%s: %q\n got %q\nwant %q", language, c.english, got, want)
			}
		}
	}
}

// What comes from outside stands in these sentences: no text may hang or break it.
func FuzzSaid(f *testing.F) {
	f.Add("A reply was not delivered: WhatsApp reported error 1: {0} {9} and and and")
	f.Add("The model x: {1} a and b and c, d ago ago ago")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		if got := SaidOfFile(WithLanguage(context.Background(), "es"), text); len(got) > 40*len(text)+1000 {
			t.Errorf("%d bytes became %d", len(text), len(got))
		}
	})
}
