package tool

import (
	"maps"
	"slices"
)

// nameIt gives an argument without a name, book_table("for two"), the name of the
// only parameter that it can be for. Where there is none it is dropped.
func (c *checker) nameIt(args map[string]any) {
	value, given := args[""]
	if !given {
		return
	}
	delete(args, "")
	properties, _ := c.schema["properties"].(map[string]any)
	names := c.missing(args)
	if len(names) == 0 {
		names = slices.Collect(maps.Keys(properties))
	}
	if len(names) == 1 {
		if _, said := args[names[0]]; !said {
			args[names[0]] = value
		}
	}
}

// MisfitError says that a call's arguments do not fit the tool's schema, in words
// for the model.
type MisfitError struct{ Err error }

func (e *MisfitError) Error() string { return e.Err.Error() }

func (e *MisfitError) Unwrap() error { return e.Err }
