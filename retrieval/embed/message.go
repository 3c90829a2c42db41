package embed

import (
	"bytes"
	"encoding/json"
)

// plainMessage is what an error's body says that is not in OpenAI's form: a
// string where an object should be, another name for it, or plain text. A page
// of HTML says nothing.
func plainMessage(body []byte) string {
	var fields map[string]any
	if json.Unmarshal(body, &fields) == nil {
		for _, name := range []string{"error", "message", "detail"} {
			if text, ok := fields[name].(string); ok {
				return text
			}
		}
		return ""
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return ""
	}
	return string(body)
}
