package agent

import (
	"fmt"
	"mime"
	"strings"
	"unicode"

	"astromesh/runtime/channel"
	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
)

// attachments are the lines in brackets that stand for files: those that no
// model can be shown, and the images too if all is set (in memory, where bytes
// are never kept).
func (t *turn) attachments(all bool) []string {
	var lines []string
	for _, s := range t.in.Said {
		for _, f := range s.Files {
			if all || !seen(f) {
				lines = append(lines, t.inBrackets(f))
			}
		}
	}
	return lines
}

// images are the pictures for a model that can see, and what each is called for
// one that cannot.
func (t *turn) images() (bytes [][]byte, attached []model.Attachment) {
	for _, s := range t.in.Said {
		for _, f := range s.Files {
			if seen(f) {
				bytes = append(bytes, f.File.Data)
				attached = append(attached, model.Attachment{MIME: mediaType(f), Bytes: len(f.File.Data)})
			}
		}
	}
	return bytes, attached
}

// seen says whether a file goes to the model as a picture.
func seen(f Attachment) bool {
	return f.Kind == channel.KindImage && !f.Failed && len(f.File.Data) > 0
}

// inBrackets is what a model reads in place of a file (contract.md, last paragraph).
func (t *turn) inBrackets(f Attachment) string {
	kind := word(string(f.Kind))
	if f.Failed {
		return fmt.Sprintf("[Attached %s: download failed]", kind)
	}
	if f.Unfetched {
		return fmt.Sprintf("[Attached %s: %s]", kind, mediaType(f))
	}
	name := ""
	if f.Kind == channel.KindDocument {
		if name = t.filename(f.Filename); name != "" {
			name = ", filename=" + name
		}
	}
	return fmt.Sprintf("[Attached %s: %s, %d bytes%s]", kind, mediaType(f), len(f.File.Data), name)
}

// filename is a stranger's text like any other: judged, on one line, and
// without the bracket that would let it speak outside of its place.
func (t *turn) filename(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '[' || r == ']' {
			return -1
		}
		return r
	}, clean(name))
	v := t.input.Run(clip(strings.TrimSpace(name), 120))
	if v.Action == guardrail.Block {
		return ""
	}
	return v.Text
}

// mediaType is the file's type without parameters ("audio/ogg; codecs=opus").
func mediaType(f Attachment) string {
	for _, s := range []string{f.File.MIME, f.MIME} {
		if kind, _, err := mime.ParseMediaType(s); err == nil && strings.Contains(kind, "/") && len(kind) <= 100 {
			return kind
		}
	}
	return "application/octet-stream"
}

// word keeps the letters of a kind's name.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r == '_' {
			return r
		}
		return -1
	}, s)
	if s == "" {
		return "file"
	}
	return clip(s, 30)
}
