package config

import "strings"

// outputSchema checks the form of an answer, in both of its forms. What only a
// compiler of schemas sees is for whoever compiles the agent.
func (d *decoder) outputSchema(at string, schema map[string]any) {
	if len(schema) == 0 {
		if d.has(at) {
			d.warnf(at, "output_schema names no field: answers are words alone")
		}
		return
	}
	fields, isSchema := schema["properties"].(map[string]any)
	kind, isText := schema["type"].(string)
	if isText && kind != "object" && (isSchema || contains(parameterTypes(true), kind)) && !shortString(schema) {
		d.errorf(at+".type", "an answer is an object: write type: object with properties, not %s", d.word(at+".type", kind))
		return
	}
	switch {
	case isSchema:
		at += ".properties"
	case isText || schema["$ref"] != nil || schema["anyOf"] != nil || schema["oneOf"] != nil || schema["allOf"] != nil:
		return
	default:
		fields = schema
	}
	for _, name := range sortedKeys(fields) {
		d.outputField(join(at, name), fields[name], isSchema)
	}
}

// shortString tells {type: string, size: integer}, two fields of which one is
// called type, from a schema of a string.
func shortString(schema map[string]any) bool {
	for name, v := range schema {
		field, isMap := v.(map[string]any)
		if _, named := field["type"]; isMap && named && name != "properties" && name != "items" {
			return true
		}
	}
	return false
}

func (d *decoder) outputField(at string, v any, isSchema bool) {
	path, kind := at, ""
	switch x := v.(type) {
	case map[string]any:
		kind, _ = x["type"].(string)
		path = at + ".type"
	case string:
		if isSchema {
			d.errorf(at, "a field is described as {type: …, description: …}")
			return
		}
		kind = x
	case nil, bool: // any value at all
		return
	default:
		d.errorf(at, "a field is described as {type: …, description: …}")
		return
	}
	if kind != "" && !contains(parameterTypes(isSchema), strings.ToLower(kind)) {
		d.errorf(path, "%s is not a type of a field: it is string, integer, number, boolean, array or object%s", d.word(path, kind), didYouMean(kind, parameterTypes(isSchema)))
	}
}
