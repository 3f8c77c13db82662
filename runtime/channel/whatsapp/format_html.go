package whatsapp

import (
	"regexp"
	"strings"
)

var (
	tagPattern    = regexp.MustCompile(`<(/?)([A-Za-z][A-Za-z0-9]*)((?:\s[^<>]*)?)/?>`)
	hiddenPattern = regexp.MustCompile(`(?is)<!--.*?-->|<script\b[^>]*>.*?</script>|<style\b[^>]*>.*?</style>`)
	anchorPattern = regexp.MustCompile(`(?is)<a\s[^<>]*?href\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')[^<>]*>(.*?)</a>`)
	imagePattern  = regexp.MustCompile(`(?i)<img\s[^<>]*>`)
	sourcePattern = regexp.MustCompile(`(?i)\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	altPattern    = regexp.MustCompile(`(?i)\salt\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	manyNewlines  = regexp.MustCompile(`\n[ \t]*\n(?:[ \t]*\n)+`)
)

// htmlToMarkdown translates the tags that models mix into Markdown; what is no
// tag of HTML ("a < b", "<your name>") stays, and so does everything in code.
func htmlToMarkdown(text string) string {
	if !tagPattern.MatchString(text) && !strings.Contains(text, "<!--") {
		return text
	}
	changed := false
	result := outsideCode(text, func(s string) string {
		before := s
		s = hiddenPattern.ReplaceAllString(s, "")
		s = anchorPattern.ReplaceAllString(s, "[$3]($1$2)")
		s = imagePattern.ReplaceAllStringFunc(s, imageTag)
		s = tagPattern.ReplaceAllStringFunc(s, func(tag string) string {
			m := tagPattern.FindStringSubmatch(tag)
			if mark, known := tagMark(strings.ToLower(m[2]), m[1] == "/"); known {
				return mark
			}
			return tag
		})
		changed = changed || s != before
		return s
	})
	if changed {
		result = strings.TrimSpace(manyNewlines.ReplaceAllString(result, "\n\n"))
	}
	return result
}

func imageTag(tag string) string {
	source, alt := "", ""
	if m := sourcePattern.FindStringSubmatch(tag); m != nil {
		source = m[1] + m[2]
	}
	if m := altPattern.FindStringSubmatch(tag); m != nil {
		alt = m[1] + m[2]
	}
	if source == "" {
		return alt
	}
	return "![" + alt + "](" + source + ")"
}

// tagMark is what a tag becomes.
func tagMark(name string, closing bool) (mark string, known bool) {
	either := func(open, closed string) (string, bool) {
		if closing {
			return closed, true
		}
		return open, true
	}
	switch name {
	case "b", "strong":
		return "**", true
	case "i", "em":
		return "_", true
	case "s", "strike", "del":
		return "~~", true
	case "code", "kbd", "samp", "tt":
		return "`", true
	case "pre":
		return "\n```\n", true
	case "br":
		return "\n", true
	case "hr":
		return "\n---\n", true
	case "p":
		return either("", "\n\n")
	case "div", "tr", "ul", "ol", "dl", "dd", "dt", "table", "section", "article", "header", "footer", "center":
		return either("", "\n")
	case "li":
		return either("\n- ", "")
	case "td", "th":
		return either("", " ")
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return either("\n# ", "\n")
	case "blockquote":
		return either("\n> ", "\n")
	case "span", "u", "ins", "small", "big", "sup", "sub", "font", "mark", "a", "img", "tbody", "thead",
		"details", "summary", "html", "body", "head", "abbr", "cite", "q", "label", "wbr":
		return "", true
	}
	return "", false
}

// outsideCode applies change to everything that is not a code block or span.
func outsideCode(text string, change func(string) string) string {
	var out strings.Builder
	from := 0
	for i := 0; i < len(text); {
		if text[i] != '`' && text[i] != '~' {
			i++
			continue
		}
		run := i
		for run < len(text) && text[run] == text[i] {
			run++
		}
		end := codeEnd(text, i, run)
		if end < 0 {
			i = run
			continue
		}
		out.WriteString(change(text[from:i]))
		out.WriteString(text[i:end])
		from, i = end, end
	}
	out.WriteString(change(text[from:]))
	return out.String()
}

// codeEnd returns where the code ends that the run of marks text[start:run]
// begins, or -1 if it begins none. A block without end reaches to the end of the
// text; a span ends within its paragraph.
func codeEnd(text string, start, run int) int {
	mark := text[start:run]
	lineStart := strings.TrimSpace(text[strings.LastIndexByte(text[:start], '\n')+1:start]) == ""
	line, _, _ := strings.Cut(text[run:], "\n")
	if len(mark) >= 3 && lineStart && !strings.Contains(line, mark[:1]) {
		if at := strings.Index(text[run:], "\n"+mark); at >= 0 {
			return run + at + 1 + len(mark)
		}
		return len(text)
	}
	if mark[0] == '~' {
		return -1
	}
	paragraph, _, _ := strings.Cut(text[run:], "\n\n")
	if at := strings.Index(paragraph, mark); at >= 0 {
		return run + at + len(mark)
	}
	return -1
}
