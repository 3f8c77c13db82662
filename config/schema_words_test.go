package config

import "maps"

// wordsOf are the words that a key may have, each with what it means; the key is
// "TYPE.key" as in the schema's definitions. An editor shows them.
func wordsOf() map[string][]said {
	providers := []said{
		{"ollama", "Ollama's own API: pictures, tools, and what the model can do is asked of it"},
		{"openai_compat", "any server that speaks OpenAI's chat API; write its endpoint"},
		{"openai", "OpenAI itself, or what endpoint names"},
		{"vllm", "a vLLM server; write its endpoint"},
		{"llamacpp", "the server of llama.cpp; write its endpoint"},
		{"hf_tgi", "Hugging Face's text generation server; write its endpoint"},
		{"litellm", "a LiteLLM proxy; write its endpoint"},
		{"builtin", "no server: answers from a list of questions and answers"},
	}
	strategies := []said{
		{"capability_match", "the first that can do what the message needs: pictures, tools (the default)"},
		{"cost_optimized", "the cheapest that can"},
		{"latency_optimized", "the one that has answered soonest of late"},
		{"quality_first", "the order of the file"},
		{"round_robin", "each in turn"},
	}
	words := map[string][]said{
		"Agent.apiVersion":   {{"astromesh/v1", "the only version there is"}},
		"Agent.kind":         {{"Agent", "this file describes an agent"}},
		"Candidate.provider": providers,
		"Candidate.source":   providers,
		"Routing.strategy":   strategies,
		"ModelRole.strategy": strategies,
		"Orchestration.pattern": {
			{"react", "the model asks for tools until it has an answer (the default)"},
			{"plan_and_execute", "a plan first, then its steps, then the answer"},
			{"parallel_fan_out", "the question in parts that are worked on side by side"},
			{"pipeline", "one stage after the other, each with what the one before wrote"},
			{"supervisor", "one hands out work to others and judges what comes back"},
			{"swarm", "agents that pass the conversation on to each other"},
		},
		"Tool.type": {
			{"builtin", "part of the program"},
			{"agent", "another agent of this folder"},
			{"client", "nothing is done here: what the model says is kept for your own programs"},
			{"webhook", "calls an address of yours"},
			{"mcp", "a server of the Model Context Protocol, with all its tools"},
			{"rag", "searches in your documents; not acted on yet"},
		},
	}
	maps.Copy(words, wordsOfLists())
	return words
}

// wordsOfLists are those of memory and guardrails.
func wordsOfLists() map[string][]said {
	return map[string][]said{
		"ConversationalMemory.backend": {
			{"sqlite", "the program's own database"}, {"redis", "the same database"}, {"postgres", "the same database"}, {"in_memory", "the same database"},
		},
		"ConversationalMemory.strategy": {
			{"sliding_window", "the newest max_turns entries (the default)"},
			{"summary", "older turns as a summary that the model writes"},
			{"token_budget", "as many of the newest as max_tokens has room for"},
		},
		"Guardrail.type": {
			{"content_filter", "words and patterns that must not be there"},
			{"cost_limit", "how many tokens one turn may use"},
			{"max_length", "how long a message may be"},
			{"pii_detection", "private data: e-mail, telephone and card numbers, ids"},
			{"topic_filter", "what it is not to be about"},
		},
		"Guardrail.action": {
			{"redact", "puts a marker in its place"}, {"block", "stops the message; the customer reads the text for it"},
			{"warn", "lets it pass and writes it down"}, {"truncate", "cuts what is too long"},
		},
	}
}

// said is a word with what it means.
type said struct{ word, means string }

// entityMeans are what pii_detection looks for.
func entityMeans() map[string]string {
	return map[string]string{
		"EMAIL": "e-mail addresses", "PHONE": "telephone numbers", "SSN": "US social security numbers", "CC": "card numbers",
		"IBAN": "bank accounts", "IP": "addresses of computers", "ES_NIF": "Spanish NIF and NIE", "BR_CPF": "Brazilian CPF", "BR_CNPJ": "Brazilian CNPJ",
		"AR_CUIT": "Argentine CUIT and CUIL", "AR_DNI": "Argentine DNI", "MX_CURP": "Mexican CURP", "MX_RFC": "Mexican RFC",
	}
}

// parameterMeans are the parameters of a candidate.
func parameterMeans() map[string]string {
	return map[string]string{
		"temperature":      "how freely the model chooses its words, 0 to 5: 0 = always the likeliest",
		"presence_penalty": "how much words that came before are avoided, -2 to 2", "frequency_penalty": "the same, the more the oftener they came, -2 to 2",
		"repeat_penalty": "Ollama: how much repetition is avoided; 1 = not at all", "repeat_last_n": "Ollama: how far back it looks for repetition, in tokens",
		"typical_p": "Ollama: only words about as likely as is typical here, 0 to 1", "num_keep": "Ollama: how many tokens of the beginning stay when a prompt is cut",
		"top_p": "only the likeliest words that together have this share, 0 to 1", "min_p": "only words that are at least this likely beside the likeliest, 0 to 1",
		"top_k": "only so many of the likeliest words", "seed": "the same number gives the same answer again",
		"stop": "a text, or a list of texts, that ends the answer", "num_ctx": "how much the model can read at once, in tokens",
		"max_tokens": "the longest answer, in tokens", "num_predict": "another name of max_tokens",
	}
}
