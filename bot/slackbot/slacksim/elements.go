package slacksim

import (
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// str checks a string property.
func (c *blockCheck) str(path string, o map[string]any, name string, atLeast, atMost int, required bool) {
	v, ok := o[name]
	if !ok || v == nil {
		if required {
			c.addf(path, "missing required field: %s", name)
		}
		return
	}
	s, ok := v.(string)
	if !ok {
		c.addf(path+"/"+name, "must be a string")
		return
	}
	c.length(path+"/"+name, s, atLeast, atMost)
}

func (c *blockCheck) length(path, s string, atLeast, atMost int) {
	switch n := utf8.RuneCountInString(s); {
	case n < atLeast:
		c.addf(path, "must be more than %d characters", atLeast-1)
	case n > atMost:
		c.addf(path, "must be less than %d characters", atMost+1)
	}
}

func (c *blockCheck) id(path string, o map[string]any, name string) {
	c.str(path, o, name, 0, maxID, false)
}

// text checks a property that is a text object; kind restricts its type.
func (c *blockCheck) text(path string, o map[string]any, name, kind string, atLeast, atMost int, required bool) {
	v, ok := o[name]
	if !ok || v == nil {
		if required {
			c.addf(path, "missing required field: %s", name)
		}
		return
	}
	c.textObject(path+"/"+name, v, kind, atLeast, atMost)
}

func (c *blockCheck) textObject(path string, v any, kind string, atLeast, atMost int) {
	o, ok := v.(map[string]any)
	if !ok {
		c.addf(path, "must be an object")
		return
	}
	switch t, _ := o["type"].(string); {
	case t != "plain_text" && t != "mrkdwn":
		c.addf(path+"/type", "unsupported type: %s", t)
	case kind != "" && t != kind:
		c.addf(path+"/type", "must be one of: %s", kind)
	case t == "mrkdwn" && o["emoji"] == true:
		c.addf(path+"/emoji", "emoji cannot be true in mrkdwn")
	}
	c.str(path, o, "text", atLeast, atMost, true)
	s, _ := o["text"].(string)
	c.chars += utf8.RuneCountInString(s)
}

// elements checks a list of elements, and that their action_ids differ.
func (c *blockCheck) elements(path string, b Block, atMost int, check func(path string, v any)) {
	list, ok := b["elements"].([]any)
	switch {
	case !ok:
		c.addf(path, "missing required field: elements")
		return
	case len(list) == 0:
		c.addf(path+"/elements", "must provide at least 1 items")
	case len(list) > atMost:
		c.errs = append(c.errs, tooMany(path+"/elements", atMost))
	}
	seen := map[string]bool{}
	for i, e := range list {
		at := path + "/elements/" + strconv.Itoa(i)
		check(at, e)
		o, _ := e.(map[string]any)
		id, _ := o["action_id"].(string)
		if id != "" && seen[id] {
			c.addf(at+"/action_id", "action_id already exists: %s", id)
		}
		seen[id] = true
	}
}

func (c *blockCheck) contextElement(path string, v any) {
	o, _ := v.(map[string]any)
	if o["type"] == "image" {
		c.element(path, v)
		return
	}
	c.textObject(path, v, "", 1, maxText)
}

func (c *blockCheck) actionElement(path string, v any) {
	o, _ := v.(map[string]any)
	switch o["type"] {
	case "image", "feedback_buttons", "icon_button":
		c.addf(path+"/type", "unsupported type: %v", o["type"])
	default:
		c.no(path, v, inputOnly)
		c.element(path, v)
	}
}

func (c *blockCheck) contextAction(path string, v any) {
	o, _ := v.(map[string]any)
	switch o["type"] {
	case "feedback_buttons":
		for _, name := range []string{"positive_button", "negative_button"} {
			b, ok := o[name].(map[string]any)
			if !ok {
				c.addf(path, "missing required field: %s", name)
				continue
			}
			c.feedbackButton(path+"/"+name, b)
		}
	case "icon_button":
		c.iconButton(path, o)
	default:
		c.addf(path+"/type", "unsupported type: %v", o["type"])
	}
	c.id(path, o, "action_id")
}

func (c *blockCheck) button(path string, o map[string]any) {
	c.text(path, o, "text", "plain_text", 1, maxButton, true)
	c.str(path, o, "value", 0, maxValue, false)
	c.address(path, o, "url")
	c.str(path, o, "accessibility_label", 0, maxButton, false)
	c.style(path, o)
}

// address checks an address that a client opens, which must be whole; that other
// schemes are refused is more than Slack says.
func (c *blockCheck) address(path string, o map[string]any, name string) {
	c.str(path, o, name, 0, maxURL, false)
	s, ok := o[name].(string)
	if !ok {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsAny(s, " <>\"") {
		c.addf(path+"/"+name, "invalid url") // as in MacPaw/together-app issue 4
	}
}

func (c *blockCheck) style(path string, o map[string]any) {
	if s, ok := o["style"]; ok && s != "primary" && s != "danger" {
		c.addf(path+"/style", "must be one of: primary, danger")
	}
}

// feedbackButton checks one of the two (docs.slack.dev, "Feedback buttons
// element", "Button object fields").
func (c *blockCheck) feedbackButton(path string, o map[string]any) {
	c.text(path, o, "text", "plain_text", 1, maxButton, true)
	c.str(path, o, "value", 1, maxValue, true)
	c.str(path, o, "accessibility_label", 1, maxButton, false)
	c.only(path, o, "text", "value", "accessibility_label")
}

// iconButton checks a button with an icon, of which there is one
// (docs.slack.dev, "Icon button element").
func (c *blockCheck) iconButton(path string, o map[string]any) {
	if o["icon"] != "trash" {
		c.addf(path+"/icon", "must be one of: trash")
	}
	c.text(path, o, "text", "plain_text", 1, maxButton, true)
	c.str(path, o, "value", 0, maxValue, false)
	c.str(path, o, "accessibility_label", 1, maxButton, false)
	c.confirm(path, o)
	c.only(path, o, "type", "icon", "text", "value", "accessibility_label", "confirm", "action_id", "visible_to_user_ids")
}

// only refuses properties that an object does not have.
func (c *blockCheck) only(path string, o map[string]any, names ...string) {
	for _, k := range sortedKeys(o) {
		if !slices.Contains(names, k) {
			c.addf(path, "invalid additional property: %s", k)
		}
	}
}

// element checks an interactive element or an image.
func (c *blockCheck) element(path string, v any) {
	o, ok := v.(map[string]any)
	if !ok {
		c.addf(path, "must be an object")
		return
	}
	c.id(path, o, "action_id")
	c.confirm(path, o)
	switch kind, _ := o["type"].(string); kind {
	case "button", "workflow_button":
		c.button(path, o)
	case "image":
		c.image(path, o)
	case "overflow":
		c.options(path, o, maxOverflow, "plain_text", true)
	case "checkboxes", "radio_buttons":
		c.options(path, o, maxChoices, "", true)
		c.initial(path, o)
	case "static_select", "multi_static_select":
		c.options(path, o, maxOptions, "plain_text", o["option_groups"] == nil)
		c.initial(path, o)
		c.text(path, o, "placeholder", "plain_text", 1, maxPlaceholder, false)
	case "plain_text_input":
		c.textInput(path, o)
	case "external_select", "multi_external_select", "users_select", "multi_users_select",
		"conversations_select", "multi_conversations_select", "channels_select", "multi_channels_select",
		"rich_text_input", "email_text_input", "url_text_input", "number_input",
		"datepicker", "timepicker", "datetimepicker", "file_input":
		c.text(path, o, "placeholder", "plain_text", 1, maxPlaceholder, false)
		c.str(path, o, "initial_value", 0, maxText, false)
	default:
		c.addf(path+"/type", "unsupported type: %s", kind)
	}
}

// textInput checks a field to write in (docs.slack.dev, "Plain-text input
// element").
func (c *blockCheck) textInput(path string, o map[string]any) {
	c.text(path, o, "placeholder", "plain_text", 1, maxPlaceholder, false)
	c.str(path, o, "initial_value", 0, maxInput, false)
	least := c.number(path, o, "min_length", 0)
	if most := c.number(path, o, "max_length", 1); o["max_length"] != nil && most < least {
		c.addf(path+"/max_length", "must be at least min_length")
	}
}

// number checks an optional number from atLeast to what an input takes.
func (c *blockCheck) number(path string, o map[string]any, name string, atLeast float64) float64 {
	v, ok := o[name]
	if !ok {
		return 0
	}
	n, ok := v.(float64)
	if !ok || n != math.Trunc(n) || n < atLeast || n > maxInput {
		c.addf(path+"/"+name, "must be an integer from %v to %d", atLeast, maxInput)
	}
	return n
}

// initial checks that what is chosen at first is among the options
// (docs.slack.dev, "Radio button group element", "Checkboxes element").
func (c *blockCheck) initial(path string, o map[string]any) {
	chosen, _ := o["initial_options"].([]any)
	if one, ok := o["initial_option"]; ok {
		chosen = append(chosen, one)
	}
	all := optionsOf(o)
	for _, v := range chosen {
		if !slices.ContainsFunc(all, func(o map[string]any) bool { return reflect.DeepEqual(any(o), v) }) {
			c.addf(path, "initial option is not among the options")
		}
	}
}

// optionsOf lists an element's options, those in groups too.
func optionsOf(e map[string]any) []map[string]any {
	var all []map[string]any
	list, _ := e["options"].([]any)
	for _, v := range list {
		if o, ok := v.(map[string]any); ok {
			all = append(all, o)
		}
	}
	groups, _ := e["option_groups"].([]any)
	for _, v := range groups {
		if g, ok := v.(map[string]any); ok {
			all = append(all, optionsOf(g)...)
		}
	}
	return all
}

// options checks an element's options; kind restricts the type of their texts.
func (c *blockCheck) options(path string, o map[string]any, atMost int, kind string, required bool) {
	list, ok := o["options"].([]any)
	switch {
	case !ok && required:
		c.addf(path, "missing required field: options")
	case ok && len(list) == 0:
		c.addf(path+"/options", "must provide at least 1 items")
	case len(list) > atMost:
		c.errs = append(c.errs, tooMany(path+"/options", atMost))
	}
	for i, v := range list {
		at := path + "/options/" + strconv.Itoa(i)
		option, ok := v.(map[string]any)
		if !ok {
			c.addf(at, "must be an object")
			continue
		}
		c.text(at, option, "text", kind, 1, maxOption, true)
		c.str(at, option, "value", 1, maxOptionValue, true)
		c.text(at, option, "description", kind, 1, maxOption, false)
		c.address(at, option, "url")
	}
}

// confirm checks a confirmation dialog (docs.slack.dev, "Confirmation dialog object").
func (c *blockCheck) confirm(path string, o map[string]any) {
	d, ok := o["confirm"].(map[string]any)
	if !ok {
		return
	}
	path += "/confirm"
	c.text(path, d, "title", "plain_text", 1, 100, true)
	c.text(path, d, "text", "", 1, 300, true)
	c.text(path, d, "confirm", "plain_text", 1, 30, true)
	c.text(path, d, "deny", "plain_text", 1, 30, true)
	c.style(path, d)
}
