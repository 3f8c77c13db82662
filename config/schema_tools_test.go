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
		{name: "json_transform", means: "picks parts out of JSON", keys: []partKey{
			{name: "expression", kind: "string", means: "what to pick, as a JMESPath expression; the model writes it unless said otherwise"},
		}},
		{name: "text_summarize", means: "a long text in fewer words", keys: []partKey{
			{name: "max_words", kind: "integer", means: "at most so many words; 80 unless said otherwise, at most 400"},
		}},
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
	}
}
