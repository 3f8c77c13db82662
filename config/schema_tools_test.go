package config

// builtinTools are the tools that are part of the program, with the settings of each.
func builtinTools() []partKey {
	return []partKey{
		{name: "datetime_now", means: "what day and time it is"},
		{name: "get_user_context", means: "what is known of the customer"},
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
	}
}
