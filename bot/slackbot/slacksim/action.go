package slacksim

import "maps"

// findAction looks for an interactive element and returns it as block_actions
// carries it, or nil.
func findAction(blocks []Block, actionID, value string) map[string]any {
	for _, b := range blocks {
		for _, e := range interactive(b) {
			if e["action_id"] != actionID {
				continue
			}
			if action := chosen(e, value); action != nil {
				action["action_id"], action["block_id"], action["type"] = actionID, b["block_id"], e["type"]
				return action
			}
		}
	}
	return nil
}

// interactive lists a block's elements that can be used.
func interactive(b Block) []map[string]any {
	var all []map[string]any
	if e, ok := b["accessory"].(map[string]any); ok {
		all = append(all, e)
	}
	list, _ := b["elements"].([]any)
	for _, v := range list {
		if e, ok := v.(map[string]any); ok && e["action_id"] != nil {
			all = append(all, e)
		}
	}
	return all
}

// chosen is what using an element sends, nil if it offers no such value.
func chosen(e map[string]any, value string) map[string]any {
	switch e["type"] {
	case "feedback_buttons":
		for _, name := range []string{"positive_button", "negative_button"} {
			if b, _ := e[name].(map[string]any); b["value"] == value {
				return map[string]any{"text": b["text"], "value": b["value"]}
			}
		}
		return nil
	case "overflow", "static_select", "radio_buttons":
		options, _ := e["options"].([]any)
		for _, v := range options {
			if o, _ := v.(map[string]any); o["value"] == value {
				return map[string]any{"selected_option": maps.Clone(o)}
			}
		}
		return nil
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
