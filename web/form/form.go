// Package form holds one form a file: its fields, how it is read, what is wrong
// with it. Problems are keys of the view's texts, by field.
package form

import "net/url"

// Errors are what is wrong, by field; the value is a key of the texts.
type Errors map[string]string

// first value of a field, as typed.
func first(v url.Values, name string) string { return v.Get(name) }

// add notes a problem, unless the field has one already or there is none.
func (e Errors) add(field, key string) {
	if key != "" && e[field] == "" {
		e[field] = key
	}
}
