package slacksim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBody is more than any call the Web API accepts.
const maxBody = 4 << 20

// readArgs reads a call's arguments from a form or a JSON body
// (docs.slack.dev, "Using the Slack Web API"). Structured JSON arguments come
// out as JSON text, which is how a form carries them. A token is returned only
// from where Slack accepts one: the Authorization header, or a form's body.
func readArgs(r *http.Request) (args map[string]string, token string, warning string, fail *apiError) {
	token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, token, "", &apiError{code: "request_timeout"}
	}
	args = map[string]string{}
	addForm(args, r.URL.Query())
	delete(args, "token") // never in a URL
	if r.Method != http.MethodPost || len(body) == 0 {
		return args, token, "", nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Header.Get("Content-Type") == "":
		return nil, token, "", &apiError{code: "missing_post_type"}
	case err != nil:
		return nil, token, "", &apiError{code: "invalid_post_type"}
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, token, "", &apiError{code: "invalid_form_data"}
		}
		addForm(args, form)
	case "multipart/form-data":
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := r.ParseMultipartForm(maxBody); err != nil {
			return nil, token, "", &apiError{code: "invalid_form_data"}
		}
		addForm(args, r.MultipartForm.Value)
	case "application/json":
		if params["charset"] == "" {
			warning = "missing_charset"
		}
		if fail := addJSON(args, body); fail != nil {
			return nil, token, "", fail
		}
		delete(args, "token")
	default:
		return nil, token, "", &apiError{code: "invalid_post_type"}
	}
	if token == "" {
		token = args["token"]
	}
	delete(args, "token")
	return args, token, warning, nil
}

func addForm(args map[string]string, form map[string][]string) {
	for k, v := range form {
		if len(v) > 0 {
			args[k] = v[0]
		}
	}
}

func addJSON(args map[string]string, body []byte) *apiError {
	if !json.Valid(body) {
		return &apiError{code: "invalid_json"}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return &apiError{code: "json_not_object"}
	}
	for k, v := range object {
		var s string
		switch {
		case string(v) == "null":
			continue
		case json.Unmarshal(v, &s) == nil:
			args[k] = s
		default:
			args[k] = string(v)
		}
	}
	return nil
}

// A call is one Web API call in progress.
type call struct {
	ws     *Workspace
	method string
	args   map[string]string
	token  *token
	// granted are the token's scopes when the call was made.
	granted string
}

func (c *call) has(name string) bool {
	_, ok := c.args[name]
	return ok
}

func (c *call) bool(name string) bool {
	v := c.args[name]
	return v == "true" || v == "1"
}

// flag is a boolean argument that may be missing.
func (c *call) flag(name string) *bool {
	if !c.has(name) {
		return nil
	}
	v := c.bool(name)
	return &v
}

// require fails unless every argument is there.
func (c *call) require(names ...string) *apiError {
	var messages []string
	for _, name := range names {
		if c.args[name] == "" {
			messages = append(messages, "missing required field: "+name)
		}
	}
	if messages == nil {
		return nil
	}
	return invalidArguments(messages...)
}

// An apiError is an answer with "ok": false.
type apiError struct {
	code   string
	fields map[string]any
	status int // zero is 200
	header http.Header
}

func (e *apiError) Error() string { return e.code }

func fail(code string) *apiError { return &apiError{code: code} }

// invalidArguments is how Slack names missing or malformed arguments.
func invalidArguments(messages ...string) *apiError {
	return detailed("invalid_arguments", messages)
}

// detailed is an error with its reasons, in the two places where Slack puts them.
func detailed(code string, reasons []string) *apiError {
	messages := make([]string, len(reasons))
	for i, r := range reasons {
		messages[i] = "[ERROR] " + r
	}
	return &apiError{code: code, fields: map[string]any{
		"errors":            reasons,
		"response_metadata": map[string]any{"messages": messages},
	}}
}

// tooLong is the error of an argument above its limit.
func tooLong(name string, limit int) *apiError {
	return invalidArguments(fmt.Sprintf("must be less than %d characters [json-pointer:/%s]", limit+1, name))
}

type reply = map[string]any

// body is the answer's JSON.
func (e *apiError) body() reply {
	b := reply{"ok": false, "error": e.code}
	maps.Copy(b, e.fields)
	return b
}

func withWarning(body reply, warning string) reply {
	if warning == "" {
		return body
	}
	body = maps.Clone(body)
	meta := map[string]any{}
	if old, ok := body["response_metadata"].(map[string]any); ok {
		meta = maps.Clone(old)
	}
	old, _ := meta["warnings"].([]string)
	all := append(slices.Clone(old), warning)
	body["warning"], meta["warnings"] = strings.Join(all, ","), all
	body["response_metadata"] = meta
	return body
}

func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("slacksim: marshalling %T: %v", v, err)) // only our own values come here
	}
	return b
}
