package model

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func FuzzReadAnswer(f *testing.F) {
	for _, s := range []string{
		`{"message":{"role":"assistant","content":"Hi"},"done":false}` + "\n" + `{"done":true,"done_reason":"stop","eval_count":1}` + "\n",
		`{"message":{"tool_calls":[{"function":{"name":"f","arguments":{"a":[1,{"b":null}]}}}]}}` + "\n",
		`{"error":"broken"}`, `{"error":{"x":1}}`, "null", "[]", "\x00", "{", `{"message":null,"done":true}`,
		`{"message":{"thinking":"hm"}}` + "\n" + `{"done":true}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		var pieces strings.Builder
		a, err := readAnswer(bytes.NewReader(stream), func() {}, func(s string) { pieces.WriteString(s) })
		var line serverError
		if err != nil && !errors.Is(err, errGarbage) && !errors.Is(err, errCutShort) && !errors.Is(err, errEndless) && !errors.As(err, &line) {
			t.Fatalf("an error without a name: %v", err)
		}
		if err == nil && !a.last.Done {
			t.Fatal("finished without the last piece")
		}
		if err == nil && pieces.String() != string(a.content) {
			t.Fatalf("pieces %q, content %q", pieces.String(), a.content)
		}
		for i, call := range a.calls {
			if c := callFromWire(i, call); c.ID == "" || c.Arguments == nil {
				t.Fatalf("call %+v", c)
			}
		}
	})
}

func FuzzParseParameters(f *testing.F) {
	f.Add("temperature", 0.5, "x", 3)
	f.Add("stop", 1.0, "", -1)
	f.Add("num_ctx", 1e300, "END", 1<<40)
	f.Fuzz(func(t *testing.T, name string, number float64, text string, whole int) {
		for _, value := range []any{number, text, whole, []any{text, text}, []any{number}, nil, map[string]any{}} {
			p, err := parseParameters(map[string]any{name: value})
			if err == nil && (p.maxTokens < 1 || p.numCtx < 0) {
				t.Fatalf("%s=%v became %+v", name, value, p)
			}
		}
	})
}

func FuzzToolsToWire(f *testing.F) {
	f.Add([]byte(`{"type":"object","properties":{"a":{"type":["string","null"],"enum":[1]}},"required":["a"]}`))
	f.Add([]byte(`{"properties":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, schema []byte) {
		tools, err := toolsToWire([]ToolSpec{{Name: "f", Parameters: schema}})
		if err == nil && (len(tools) != 1 || tools[0].Function.Parameters.Properties == nil) {
			t.Fatalf("%s became %+v", schema, tools)
		}
	})
}

func FuzzIsUnreadable(f *testing.F) {
	var p, j bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	if err := errors.Join(png.Encode(&p, img), jpeg.Encode(&j, img, nil)); err != nil {
		f.Fatal(err)
	}
	f.Add(p.Bytes())
	f.Add(j.Bytes())
	f.Add([]byte("GIF89a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		bad := isUnreadable(data)
		m := describeImages(Message{Content: "x", Images: [][]byte{data}}, isUnreadable)
		if bad != (len(m.Images) == 0) || bad != strings.HasPrefix(m.Content, "x\n[Attached image: ") {
			t.Fatalf("unreadable %v, became %q and %d images", bad, m.Content, len(m.Images))
		}
	})
}

func TestIsUnreadable(t *testing.T) {
	var p bytes.Buffer
	if err := png.Encode(&p, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	huge := bytes.Clone(p.Bytes())
	copy(huge[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 × 65,536
	for name, data := range map[string][]byte{"nothing": nil, "text": []byte("hello"), "half": p.Bytes()[:p.Len()/2], "huge": huge, "webp": []byte("RIFF\x00\x00\x00\x00WEBPVP8 ")} {
		if !isUnreadable(data) {
			t.Errorf("%s passes", name)
		}
	}
	if isUnreadable(p.Bytes()) {
		t.Error("a picture does not pass")
	}
}

func TestToolSchemaThatIsNone(t *testing.T) {
	if _, err := toolsToWire([]ToolSpec{{Name: "f", Parameters: []byte(`"text"`)}}); err == nil || !strings.Contains(err.Error(), "parameters of tool f") {
		t.Errorf("error %v", err)
	}
}

// The same request must be the same bytes: what Ollama has computed for a
// prompt holds only as long as its beginning does not change.
func TestArgumentsKeepTheirOrder(t *testing.T) {
	call := ToolCall{Name: "f", Arguments: map[string]any{"b": 1, "a": 2, "d": 3, "c": 4, "e": 5}}
	for range 50 {
		w := callToWire(0, call)
		if got := w.Function.Arguments.String(); got != `{"a":2,"b":1,"c":4,"d":3,"e":5}` {
			t.Fatal(got)
		}
	}
}
