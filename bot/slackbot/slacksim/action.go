package slacksim

import (
	"maps"
	"slices"
	"strings"
)

// An Action is something that can be pressed or picked, for [User.Choose] and
// [User.ChooseView].
type Action struct {
	ID, Value, Text string
	// Kind is the element's type; URL is what a button opens.
	Kind, URL string
}

// Actions lists what can be pressed or picked in a message: each button, each
// option of a menu.
func (m *Message) Actions() []Action { return actionsIn(m.Blocks) }

// Actions lists what can be pressed or picked in a view, fields to write in
// aside.
func (v *View) Actions() []Action { return actionsIn(v.Blocks) }

func actionsIn(blocks []Block) []Action {
	var all []Action
	for _, b := range blocks {
		for _, e := range interactive(b) {
			all = append(all, actionsOf(e)...)
		}
	}
	return all
}

func actionsOf(e map[string]any) []Action {
	id, _ := e["action_id"].(string)
	kind, _ := e["type"].(string)
	var from []map[string]any
	switch kind {
	case "button", "icon_button", "workflow_button":
		from = []map[string]any{e}
	case "feedback_buttons":
		from = feedbackOptions(e)
	default:
		from = optionsOf(e)
	}
	var all []Action
	for _, o := range from {
		a := Action{ID: id, Kind: kind, Text: plain(o["text"])}
		a.Value, _ = o["value"].(string)
		a.URL, _ = o["url"].(string)
		all = append(all, a)
	}
	return all
}

func feedbackOptions(e map[string]any) []map[string]any {
	var all []map[string]any
	for _, name := range []string{"positive_button", "negative_button"} {
		if b, ok := e[name].(map[string]any); ok {
			all = append(all, b)
		}
	}
	return all
}

// findElement looks for an interactive element that takes the value.
func findElement(blocks []Block, actionID, value string) (block Block, element, chosen map[string]any) {
	for _, b := range blocks {
		for _, e := range interactive(b) {
			if e["action_id"] != actionID {
				continue
			}
			if picked := pick(e, value); picked != nil {
				return b, e, picked
			}
		}
	}
	return nil, nil, nil
}

// findAction is an element and what was picked as block_actions carries it, or
// nil.
func findAction(blocks []Block, actionID, value string) map[string]any {
	b, e, action := findElement(blocks, actionID, value)
	if action == nil {
		return nil
	}
	action["action_id"], action["block_id"], action["type"] = actionID, b["block_id"], e["type"]
	return action
}

// interactive lists a block's elements that can be used.
func interactive(b Block) []map[string]any {
	var all []map[string]any
	for _, name := range []string{"accessory", "element"} {
		if e, ok := b[name].(map[string]any); ok {
			all = append(all, e)
		}
	}
	list, _ := b["elements"].([]any)
	for _, v := range list {
		if e, ok := v.(map[string]any); ok && e["action_id"] != nil {
			all = append(all, e)
		}
	}
	return all
}

// pick is what using an element sends, nil if it offers no such value. Several
// choices are separated by commas.
func pick(e map[string]any, value string) map[string]any {
	kind, _ := e["type"].(string)
	switch kind {
	case "feedback_buttons":
		for _, b := range feedbackOptions(e) {
			if b["value"] == value {
				return map[string]any{"text": b["text"], "value": value}
			}
		}
		return nil
	case "overflow", "static_select", "radio_buttons":
		if o := optionOf(e, value); o != nil {
			return map[string]any{"selected_option": o}
		}
		return nil
	case "checkboxes", "multi_static_select":
		return pickSeveral(e, value)
	}
	if slices.Contains(inputOnly, kind) {
		return map[string]any{"value": value}
	}
	if value != "" && e["value"] != value {
		return nil
	}
	action := map[string]any{"text": e["text"]}
	if v, ok := e["value"]; ok {
		action["value"] = v
	}
	return action
}

func pickSeveral(e map[string]any, values string) map[string]any {
	all := []any{}
	for v := range strings.SplitSeq(values, ",") {
		if v == "" {
			continue
		}
		o := optionOf(e, v)
		if o == nil {
			return nil
		}
		all = append(all, o)
	}
	return map[string]any{"selected_options": all}
}

// optionOf is the option of that value, or nil.
func optionOf(e map[string]any, value string) map[string]any {
	for _, o := range optionsOf(e) {
		if o["value"] == value {
			return maps.Clone(o)
		}
	}
	return nil
}
