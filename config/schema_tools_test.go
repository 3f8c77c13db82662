package config

// builtinTools are the tools that are part of the program, with the settings of each.
func builtinTools() []partKey {
	return []partKey{
		{name: "datetime_now", means: "what day and time it is", keys: []partKey{
			{name: "timezone", kind: "string", means: "a time zone such as Europe/Madrid; the computer's own unless said otherwise"},
		}},
		{name: "get_user_context", means: "what is known of the customer who writes"},
		{name: "send_message", means: "a message of its own to the same customer, before the answer"},
		{name: "hand_over", means: "calls a person, who goes on with the conversation"},
		{name: "cache_store", means: "keeps small things under a name, for a later conversation", keys: []partKey{
			{name: "scope", kind: "string", means: "whose it is", words: []said{
				{"customer", "each customer has their own (unless said otherwise)"}, {"agent", "one for all customers of this agent: nothing personal belongs there"},
			}},
			{name: "ttl_seconds", kind: "integer", means: "how long it is kept, in seconds; 30 days unless said otherwise, at most 400 days"},
		}},
		{name: "http_request", means: "asks an address that the model chooses, among those allowed", keys: append([]partKey{
			{name: "allow", kind: "array", means: "where it may go: hosts such as api.example.com, *.example.com, https://example.com/v1; * is every host of the internet, the local network never"},
			{name: "methods", kind: "array", means: "what it may do there; GET unless said otherwise", words: httpMethods()},
		}, outside()...)},
		{name: "json_transform", means: "picks parts out of JSON", keys: []partKey{
			{name: "expression", kind: "string", means: "what to pick, as a JMESPath expression; the model writes it unless said otherwise"},
		}},
		{name: "text_summarize", means: "a long text in fewer words", keys: []partKey{
			{name: "max_words", kind: "integer", means: "at most so many words; 80 unless said otherwise, at most 400"},
		}},
	}
}

// httpMethods are the methods of requests.
func httpMethods() []said {
	return []said{
		{"GET", "asks"}, {"POST", "sends something new"}, {"PUT", "sends what is to stand there"}, {"PATCH", "sends what is to change"},
		{"DELETE", "takes away"}, {"HEAD", "asks whether it is there"},
	}
}

// outside are the keys of every tool that reaches out of the program.
func outside() []partKey {
	return []partKey{
		{name: "headers", kind: "object", means: "sent with each request, such as Authorization: Bearer ${SHOP_KEY}"},
		{name: "timeout", means: "how long a call may take, in seconds or as 30s; 15 unless said otherwise, at most 2 minutes"},
	}
}

// toolKeys are the keys that only one type of tool has.
func toolKeys() map[string][]partKey {
	var names []said
	for _, b := range builtinTools() {
		names = append(names, said{b.name, b.means})
	}
	return map[string][]partKey{
		"builtin": {{name: "name", words: names}},
		"agent":   {{name: "agent", kind: "string", means: "name of the agent that is asked; the tool's own name unless said otherwise"}},
		"webhook": append([]partKey{
			{name: "url", kind: "string", means: "the address that is called; it may be in the local network"},
			{name: "method", kind: "string", means: "how it is called; POST unless said otherwise", words: httpMethods()},
			{name: "secret", kind: "string", means: "signs each request, so that the other side knows who calls: header X-Astromesh-Signature-256"},
			{name: "allow", kind: "array", means: "hosts; the url must be one of them, so that a variable in it cannot lead elsewhere"},
		}, outside()...),
		"mcp": append([]partKey{
			{name: "command", kind: "string", means: "the program that is the server, started and spoken to by this one"},
			{name: "args", kind: "array", means: "arguments of the command"},
			{name: "env", kind: "object", means: "environment variables of the command, which gets no others of ours but PATH and HOME"},
			{name: "cwd", kind: "string", means: "the folder that the command runs in"},
			{name: "url", kind: "string", means: "the address of the server, in the place of a command"},
			{name: "transport", kind: "string", means: "how it is spoken to; seen from command or url unless said otherwise", words: []said{
				{"stdio", "by the standard input and output of the command"}, {"http", "by streamable HTTP at the url"},
				{"streamable_http", "the same as http"}, {"sse", "by server-sent events at the url, as before 2025"},
			}},
			{name: "tools", kind: "array", means: "names of the server's tools to offer; all unless said otherwise"},
			{name: "include", kind: "array", means: "another name of tools"},
		}, outside()...),
	}
}
