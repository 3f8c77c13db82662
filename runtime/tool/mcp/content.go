package mcp

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// textOf is a result as a model can read it: texts one after the other, pictures
// and the like by name and size. Data stands in for words where there are none:
// servers repeat it in words for clients that cannot read it.
func textOf(r *sdk.CallToolResult) string {
	var parts []string
	for _, c := range r.Content {
		if part := describe(c); part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 && r.StructuredContent != nil {
		if b, err := json.Marshal(r.StructuredContent); err == nil {
			parts = append(parts, string(b))
		}
	}
	return strings.Join(parts, "\n")
}

func describe(c sdk.Content) string {
	switch x := c.(type) {
	case *sdk.TextContent:
		return strings.TrimSpace(x.Text)
	case *sdk.ImageContent:
		return fmt.Sprintf("[image: %s, %d bytes]", clip(x.MIMEType, 60), len(x.Data))
	case *sdk.AudioContent:
		return fmt.Sprintf("[audio: %s, %d bytes]", clip(x.MIMEType, 60), len(x.Data))
	case *sdk.ResourceLink:
		return fmt.Sprintf("[link: %s %s]", clip(x.Name, 200), clip(x.URI, 500))
	case *sdk.EmbeddedResource:
		switch {
		case x.Resource == nil:
			return ""
		case x.Resource.Text != "":
			return strings.TrimSpace(x.Resource.Text)
		default:
			return fmt.Sprintf("[file: %s, %d bytes]", clip(x.Resource.MIMEType, 60), len(x.Resource.Blob))
		}
	default:
		return ""
	}
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// sorted writes a map as words, always in the same order.
func sorted(m map[string]string) []string {
	var words []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		words = append(words, k, m[k])
	}
	return words
}
