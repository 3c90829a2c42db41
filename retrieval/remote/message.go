package remote

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Said is what the body of an error says: the code, or else the type, and the
// message; "" for none. It knows OpenAI's form, a string where that has an
// object, vLLM's with everything at the top, FastAPI's list of details, and
// plain text. What FastAPI repeats of the request is left out. A page of HTML
// says nothing.
func Said(body []byte) (code, message string) {
	var v any
	if json.Unmarshal(body, &v) != nil {
		if isPage(body) {
			return "", ""
		}
		return "", strings.TrimSpace(string(body))
	}
	fields, _ := v.(map[string]any)
	if inner, ok := fields["error"].(map[string]any); ok {
		fields = inner
	}
	return codeOf(fields), messageOf(fields, 0)
}

func codeOf(fields map[string]any) string {
	kind, _ := fields["type"].(string)
	return Code(fields["code"], kind)
}

// Code is an error's code, a string or a number, or else its type. A code of 0
// is none: a reader of JSON may have made it of null.
func Code(code any, kind string) string {
	switch text := fmt.Sprint(code); {
	case code == nil, text == "", text == "0":
		return kind
	default:
		return text
	}
}

// messageOf finds the words in what an error's JSON holds.
func messageOf(v any, depth int) string {
	const deepest = 8
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var all []string
		for _, item := range v {
			if text := messageOf(item, depth+1); text != "" && depth < deepest {
				all = append(all, text)
			}
		}
		return strings.Join(all, "; ")
	case map[string]any:
		if detail := detailOf(v); detail != "" {
			return detail
		}
		for _, name := range []string{"error", "message", "detail"} {
			if inner, ok := v[name]; ok && depth < deepest {
				if text := messageOf(inner, depth+1); text != "" {
					return text
				}
			}
		}
	}
	return ""
}

// detailOf reads one of FastAPI's details: where, and what is wrong there.
func detailOf(fields map[string]any) string {
	msg, ok := fields["msg"].(string)
	if !ok {
		return ""
	}
	var at []string
	if loc, ok := fields["loc"].([]any); ok {
		for _, part := range loc {
			at = append(at, fmt.Sprint(part))
		}
	}
	if len(at) == 0 {
		return msg
	}
	return strings.Join(at, ".") + ": " + msg
}

func isPage(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) }

// looked is how many bytes of a text are compared with what was sent.
const looked = 4096

// repeats reports whether the beginning of a text has 20 bytes or more in
// common with what was sent, or the whole of something shorter. Case and white
// space do not count.
func repeats(text string, sent []string) bool {
	const part, least = 20, 8
	text = folded(text[:min(len(text), looked)])
	parts := map[string]bool{}
	for i := 0; i+part <= len(text); i++ {
		parts[text[i:i+part]] = true
	}
	for _, s := range sent {
		if s = folded(s); len(s) < part {
			if len(s) >= least && strings.Contains(text, s) {
				return true
			}
			continue
		}
		for i := 0; i+part <= len(s) && len(parts) > 0; i++ {
			if parts[s[i:i+part]] {
				return true
			}
		}
	}
	return false
}

func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
