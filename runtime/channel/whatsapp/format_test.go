package whatsapp

import (
	"strings"
	"testing"
)

var formatCases = []struct{ name, in, want string }{
	{"bold", "**bold** and __bold__", "*bold* and *bold*"},
	{"control characters", "a\x1b[31mb\x1b[0m\a c\x7f\u0085d", "ab cd"},
	{"italic", "*it* and _it_", "_it_ and _it_"},
	{"bold italic", "***bi***, **_bi_**, _**bi**_", "*_bi_*, *_bi_*, _*bi*_"},
	{"italic in bold", "**a *b* c**", "*a _b_ c*"},
	{"bold begins italic", "***a** b*", "_*a* b_"},
	{"bold in bold", "**a __b__ c**", "*a b c*"},
	{"strike", "~~gone~~ ~5 km ~/x", "~gone~ ~5 km ~/x"},
	{"bold label", "**Price:** 5 €", "*Price:* 5 €"},
	{"bold before ending", "**Nota**s", "*Nota*s"},
	{"bold in brackets", "(**x**), “**y**”", "(*x*), “*y*”"},
	{"bold over lines", "**a\nb** c", "*a*\n*b* c"},
	{"bold is not across paragraphs", "**a\n\nb**", "**a\n\nb**"},
	{"bold without spaces", "这是**重点**内容", "这是*重点*内容"},
	{"unclosed", "**bold and *more", "**bold and *more"},
	{"blanks inside", "** no ** * no *", "** no ** * no *"},
	{"prices", "5*3*2 and 5 * 3 * 2 and 2**3**4", "5*3*2 and 5 * 3 * 2 and 2**3**4"},
	{"products", "a*b c* d and 2*x, 3* y", "a*b c* d and 2*x, 3* y"},
	{"stars", "**** 1234 *** **", "**** 1234 *** **"},
	{"faces", `*_* ^_^ ¯\_(ツ)_/¯`, `*_* ^_^ ¯_(ツ)_/¯`},
	{"dunder", "call __init__ and __main__, obj.__foo__ and __call_me__()", "call __init__ and __main__, obj.__foo__ and __call_me__()"},
	{"snake", "snake_case_name and _private_var", "snake_case_name and _private_var"},
	{"footnote", "5 €* and 6 €*", "5 €* and 6 €*"},
	{"heading", "# Title\ntext\n## Sub **bold** ##\n### C#", "*Title*\ntext\n*Sub bold*\n*C#*"},
	{"heading with italic", "## The *best*", "*The _best_*"},
	{"heading with address", "# See https://a.example/x_y", "See https://a.example/x_y"},
	{"heading underlined", "Title\n=====\ntext", "*Title*\ntext"},
	{"no heading", "#hashtag\n#1 in town", "#hashtag\n#1 in town"},
	{"bullets", "- a\n* b\n+ c\n  * **d**: e\n- [x] f\n- [ ] g", "- a\n• b\n• c\n  • *d*: e\n- ☑ f\n- ☐ g"},
	{"bullet and emphasis", "* one *two\n* three* four", "• one *two\n• three* four"},
	{"plus is no bullet", "+ 34 600 111 222\n+1", "+ 34 600 111 222\n+1"},
	{"numbers", "1. a\n2) **b**\n10. c", "1. a\n2) *b*\n10. c"},
	{"link", "See [our page](https://a.example/x_y_z), ok", "See our page (https://a.example/x_y_z), ok"},
	{"link same", "[https://a.example](https://a.example/) [a.example](https://www.a.example)", "https://a.example/ https://www.a.example"},
	{"link bold", "**[page](https://a.example)** [**b**](https://b.example \"t\")", "*page (https://a.example)* *b* (https://b.example)"},
	{"link mail", "[write](mailto:a_b@x.example) [+34 600 111](tel:+34600111)", "write (a_b@x.example) +34600111"},
	{"link brackets", "[a [b]](https://x.example/a_(b)) [x][1] [1] a[i](x)", "a [b] (https://x.example/a_(b)) [x][1] [1] a[i](x)"},
	{"link nowhere", "[top](#top) [run](javascript:alert(1))", "top run"},
	{"image", "![a menu](https://x.example/m.jpg) ![](https://x.example/n.jpg)", "a menu (https://x.example/m.jpg) https://x.example/n.jpg"},
	{"image in link", "[![alt](https://i.example/i.png)](https://x.example)", "alt (https://x.example)"},
	{"autolink", "<https://x.example/a_b> <a_b@x.example>", "https://x.example/a_b a_b@x.example"},
	{"address", "https://x.example/a_b_c*d*e?x=__init__ *it*", "https://x.example/a_b_c*d*e?x=__init__ _it_"},
	{"bold address", "**https://x.example/a**, **see https://x.example**", "https://x.example/a, see https://x.example"},
	{"address in brackets", "(https://x.example/a) and www.x.example/a_b_.", "(https://x.example/a) and www.x.example/a_b_."},
	{"code", "Use `**raw** __init__` and ``a ` b``", "Use `**raw** __init__` and ```a ` b```"},
	{"code open", "a ` b **c**", "a ` b *c*"},
	{"fence", "```go\nx := **y**\n\n# no\n```\nafter", "```\nx := **y**\n\n# no\n```\nafter"},
	{"fence tilde", "~~~\na_b_c\n~~~", "```\na_b_c\n```"},
	{"fence open", "text\n```\ncode *x*", "text\n```\ncode *x*\n```"},
	{"fence in list", "- a\n  ```sh\n  ls\n    -l\n  ```\n- b", "- a\n```\nls\n  -l\n```\n- b"},
	{"fence empty", "a\n```\n```\nb", "a\nb"},
	{"fence in one line", "```one line```", "```one line```"},
	{"table", "| Dish | Price |\n|:--|--:|\n| Paella | **12** € |\n| Soup | |\nend", "Dish: Paella · Price: *12* €\nDish: Soup\nend"},
	{"table plain", "A | B\n--|--\n1 \\| 2 | `x|y`", "A: 1 | 2 · B: `x|y`"},
	{"table head only", "| A | B |\n|---|---|", "A · B"},
	{"no table", "a | b\nc | d", "a | b\nc | d"},
	{"quote", "> **a** b\n> > c\n>", "> *a* b\n> c\n>"},
	{"quote list", "> * a", "> • a"},
	{"rule", "a\n\n---\n\nb\n***\nc\n- - -", "a\n\nb\n\nc"},
	{"only rules", "---\n***", ""},
	{"entities", "R&amp;D &lt;x&gt; &nbsp;&#8364; &copy=1 AT&T &foo; &#42;a&#42;", "R&D <x>  € &copy=1 AT&T &foo; *a*"},
	{"tags", "<b>bold</b><br>next<br/><i>it</i> <p>par</p><ul><li>one</li><li>two</li></ul>", "*bold*\nnext\n_it_ par\n\n- one\n- two"},
	{"tag link", `<a href="https://x.example">here</a> <span style="x">s</span>`, "here (https://x.example) s"},
	{"no tags", "a < b > c, <your name>, <3, 1<2", "a < b > c, <your name>, <3, 1<2"},
	{"tags in code", "`<b>x</b>` <b>y</b>\n```\n<br>\n```", "`<b>x</b>` *y*\n```\n<br>\n```"},
	{"comment", "a<!-- hidden\nwords -->b", "ab"},
	{"escapes", `\*no\* 1\. \_x\_ C:\temp \\srv`, `*no* 1. _x_ C:\temp \\srv`},
	{"nul", "a\x00b\xff", "ab\uFFFD"},
	{"white space", " \n\t a  b \n ", "a  b"},
	{"nothing", " \n ", ""},
	{"nothing to see", "\u200b &zwj;\n&#8203;", ""},
	{"a question mark", "?", "?"},
}

func TestFormat(t *testing.T) {
	for _, c := range formatCases {
		t.Run(c.name, func(t *testing.T) {
			got := Format(c.in)
			if c.want == "" {
				if len(got) != 0 {
					t.Fatalf("got %q", got)
				}
				return
			}
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestFormatLeavesPlainTextAlone: what customers mostly get must not be touched.
func TestFormatLeavesPlainTextAlone(t *testing.T) {
	for _, text := range []string{
		"Hola, ¿en qué puedo ayudarte?",
		"Two  blanks,\ttab.\n\n\n\nThree empty lines.   \nTrailing blanks.",
		"Windows\r\nline\r\n\r\nends",
		"Opening hours:\n- Mon-Fri 9:00–18:00\n- Sat 10-14\n\n1. Call us\n2. Or write",
		"Total: 3 x 4,50 € = 13,50 € (IVA 10% incl.) #12-A @ana a/b\\c 50% & más",
		"    indented\n        more",
		"مرحبا بك في متجرنا، كيف أساعدك؟",
		"👨‍👩‍👧‍👦🇪🇸👍🏽",
		"if a < b && c > d { x[i] = y(z) }",
		"~5 km, 5~6 h, a_b, _x, 7*8, * , ** , `",
		"\u200bzero\u200d width",
		"mail ana_maria_lopez@example.com or https://x.example/a_b?c=*d*",
	} {
		if got := Format(text); len(got) != 1 || got[0] != strings.TrimSpace(text) {
			t.Errorf("%q became %q", text, got)
		}
	}
}
