package web

import (
	"encoding/json"
	"net/http"

	"astromesh/config"
	"astromesh/web/view"

	"github.com/labstack/echo/v4"
)

// agentSchema describes the YAML for the editor's completion and hover, in the
// operator's language. The page's address of it names the language, so that a
// browser does not keep the one before.
func (s *Server) agentSchema(c echo.Context) error {
	var schema any
	if err := json.Unmarshal(config.AgentSchema(), &schema); err != nil {
		return err
	}
	explainAll(schema, func(english string) string { return view.Explain(c.Request().Context(), english) })
	c.Response().Header().Set(echo.HeaderCacheControl, "private, max-age=3600")
	return c.JSON(http.StatusOK, schema)
}

// explainAll puts other words in the place of every description below a value.
func explainAll(value any, words func(string) string) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			explainAll(element, words)
		}
	case map[string]any:
		for key, element := range v {
			switch text, isText := element.(string); {
			case isText && key == "description":
				v[key] = words(text)
			case key == "enumDescriptions":
				list, _ := element.([]any)
				for i := range list {
					if text, ok := list[i].(string); ok {
						list[i] = words(text)
					}
				}
			default: // also a key that is called description
				explainAll(element, words)
			}
		}
	}
}
