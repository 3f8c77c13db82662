package tool

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// text reads a string argument under any of its names, as small models write
// them: numbers and booleans count as their text, and what is neither (null, a
// copy of the schema) counts as not given.
func text(args map[string]any, names ...string) string {
	for _, name := range names {
		if s := strings.TrimSpace(scalar(args[name])); s != "" {
			return s
		}
	}
	for key, v := range args { // "Timezone", "TIME_ZONE"
		for _, name := range names {
			if s := strings.TrimSpace(scalar(v)); s != "" && strings.EqualFold(key, name) {
				return s
			}
		}
	}
	return ""
}

func scalar(v any) string {
	switch x := v.(type) {
	case string:
		if strings.EqualFold(x, "null") || strings.EqualFold(x, "none") {
			return ""
		}
		return x
	case json.Number:
		return x.String()
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1e15 {
			return strconv.FormatInt(int64(x), 10)
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	case int:
		return strconv.Itoa(x)
	case bool:
		return strconv.FormatBool(x)
	default:
		return ""
	}
}
