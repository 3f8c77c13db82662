package config

// AgentDocument is an agent's YAML as plain values, as the file has them: keys that
// this program does not know too, and ${NAME} for what only the environment holds,
// such as the secret of a tool. ok is false where there is no mapping of keys.
func AgentDocument(data []byte) (document map[string]any, ok bool) {
	d := newDecoder("", nil)
	d.asWritten = true
	ok = d.decode(data, &document)
	return document, ok
}
