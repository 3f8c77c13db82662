package mcptest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

type answer = func(ctx context.Context, arguments map[string]any, r *sdk.CallToolRequest) (*sdk.CallToolResult, error)

// Server has these tools: order_status, note, echo, data, picture, refuse, env,
// die, big, hang, stop, child, more.
func Server() *sdk.Server {
	s := sdk.NewServer(&sdk.Implementation{Name: "mcptest", Version: "1"}, nil)
	tool := func(name, description, parameters string, f answer) {
		s.AddTool(&sdk.Tool{Name: name, Description: description, InputSchema: json.RawMessage(`{"type":"object","properties":{` + parameters + `}}`)},
			func(ctx context.Context, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
				var arguments map[string]any
				if err := json.Unmarshal(r.Params.Arguments, &arguments); err != nil {
					return nil, err
				}
				return f(ctx, arguments, r)
			})
	}
	tool("order_status", "Tells where an order is.", `"order":{"type":"string"}`, func(_ context.Context, a map[string]any, _ *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		return text(fmt.Sprintf("Order %v is on its way.", a["order"])), nil
	})
	tool("note", "Writes something down.", `"text":{"type":"string"}`, note)
	tool("echo", "Gives back its headers.", ``, func(_ context.Context, _ map[string]any, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		if r.Extra == nil {
			return text("no headers"), nil
		}
		return text("key " + r.Extra.Header.Get("X-Api-Key")), nil
	})
	tool("data", "", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		return &sdk.CallToolResult{Content: []sdk.Content{}, StructuredContent: map[string]any{"stock": 7}}, nil
	})
	tool("picture", "Shows things.", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		return &sdk.CallToolResult{Content: []sdk.Content{
			&sdk.TextContent{Text: "Here it is."}, &sdk.ImageContent{MIMEType: "image/png", Data: []byte("\x89PNG")}, &sdk.AudioContent{MIMEType: "audio/ogg", Data: []byte("OggS12")},
			&sdk.ResourceLink{Name: "manual", URI: "file:///manual.pdf"},
			&sdk.EmbeddedResource{Resource: &sdk.ResourceContents{URI: "file:///a.txt", MIMEType: "text/plain", Text: "inside"}},
			&sdk.EmbeddedResource{Resource: &sdk.ResourceContents{URI: "file:///b.zip", MIMEType: "application/zip", Blob: []byte("PK\x03\x04")}},
		}}, nil
	})
	tool("refuse", "Says no.", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		r := text("There is no such order.")
		r.IsError = true
		return r, nil
	})
	tool("more", "Brings another tool.", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		tool("extra", "It was not there before.", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
			return text("extra"), nil
		})
		return text("done"), nil
	})
	misbehave(tool)
	return s
}

// misbehave adds the tools that do what no server should.
func misbehave(tool func(name, description, parameters string, f answer)) {
	tool("env", "Shows what the program was given.", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		env := os.Environ()
		slices.Sort(env)
		return text(strings.Join(env, "\n")), nil
	})
	tool("die", "Ends in the middle of a call.", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		os.Exit(3)
		return nil, nil
	})
	tool("big", "Says far too much.", `"mb":{"type":"integer"}`, func(_ context.Context, a map[string]any, _ *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		mb, _ := a["mb"].(float64)
		return text(strings.Repeat("0123456789abcdef", int(mb)<<16)), nil
	})
	tool("hang", "Never comes to an end.", ``, func(ctx context.Context, _ map[string]any, _ *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	tool("stop", "Stands still as a whole.", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		return nil, standStill()
	})
	tool("child", "Starts a program that stays.", ``, func(context.Context, map[string]any, *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		cmd := exec.Command("sleep", "600")
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		pids := fmt.Sprintf("%d %d", os.Getpid(), cmd.Process.Pid)
		return text(pids), write(pids + "\n")
	})
}

// note writes the call's key and text to the file of the tests.
func note(_ context.Context, a map[string]any, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
	return text("Written down."), write(fmt.Sprintf("%v %v\n", r.Params.Meta["idempotencyKey"], a["text"]))
}

func write(line string) error {
	f, err := os.OpenFile(os.Getenv(notes), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return errors.New("the note cannot be written")
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}

func text(s string) *sdk.CallToolResult {
	return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: s}}}
}

// Handler serves the same tools over HTTP.
func Handler(sse bool) http.Handler {
	s := Server()
	get := func(*http.Request) *sdk.Server { return s }
	if sse {
		return sdk.NewSSEHandler(get, nil)
	}
	return sdk.NewStreamableHTTPHandler(get, nil)
}
