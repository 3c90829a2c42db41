package slacksim

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// values is what a view's elements hold: block_id → action_id → state
// (docs.slack.dev, "View interactions payload").
type values map[string]map[string]any

// A Field is something to fill in, in a view.
type Field struct {
	BlockID, ActionID string
	// Kind is the element's type.
	Kind        string
	Label, Hint string
	Optional    bool
	Options     []Action
}

// Fields lists what is to be filled in.
func (v *View) Fields() []Field {
	var all []Field
	for _, b := range v.Blocks {
		for _, e := range interactive(b) {
			if stateOf(e) == nil {
				continue
			}
			f := Field{Label: plain(b["label"]), Hint: plain(b["hint"]), Options: actionsOf(e)}
			f.BlockID, _ = b["block_id"].(string)
			f.ActionID, _ = e["action_id"].(string)
			f.Kind, _ = e["type"].(string)
			f.Optional = b["type"] != "input" || b["optional"] == true
			all = append(all, f)
		}
	}
	return all
}

// Values is what [User.Submit] takes, made of answers by action_id: a text, an
// option's value, or several separated by commas. An answer that a field does
// not offer is left out.
func (v *View) Values(answers map[string]string) map[string]map[string]any {
	all := values{}
	for _, b := range v.Blocks {
		for _, e := range interactive(b) {
			id, _ := e["action_id"].(string)
			answer, ok := answers[id]
			if picked := pick(e, answer); ok && picked != nil && stateOf(e) != nil {
				picked["type"] = e["type"]
				all.set(b, id, picked)
			}
		}
	}
	return all
}

func (v values) set(b Block, actionID string, state map[string]any) {
	block, _ := b["block_id"].(string)
	if v[block] == nil {
		v[block] = map[string]any{}
	}
	v[block][actionID] = state
}

// stateOf is what an element holds at first, nil if it holds nothing.
func stateOf(e map[string]any) map[string]any {
	kind, _ := e["type"].(string)
	state := map[string]any{"type": kind}
	switch {
	case slices.Contains(inputOnly, kind):
		state["value"] = e["initial_value"]
	case kind == "static_select" || kind == "radio_buttons":
		state["selected_option"] = e["initial_option"]
	case kind == "checkboxes" || kind == "multi_static_select":
		chosen, _ := e["initial_options"].([]any)
		state["selected_options"] = append([]any{}, chosen...)
	default:
		return nil
	}
	return state
}

// stateIn is what the elements of blocks hold, with what a person changed.
func stateIn(blocks []Block, changed values) values {
	all := values{}
	for _, b := range blocks {
		for _, e := range interactive(b) {
			id, _ := e["action_id"].(string)
			state := stateOf(e)
			if state == nil {
				continue
			}
			block, _ := b["block_id"].(string)
			if now, ok := changed[block][id].(map[string]any); ok {
				state = now
			}
			all.set(b, id, state)
		}
	}
	return all
}

// change remembers what a person did to an element, if it holds anything.
func (v *View) change(b Block, e, picked map[string]any) {
	if stateOf(e) == nil {
		return
	}
	if v.state == nil {
		v.state = values{}
	}
	id, _ := e["action_id"].(string)
	state := maps.Clone(picked)
	state["type"] = e["type"]
	v.state.set(b, id, state)
}

// submit is the view's state with the values that a submission gives. Slack's
// client sends whole options, and does not submit what it finds wanting.
func (v *View) submit(given values) (values, error) {
	all := stateIn(v.Blocks, v.state)
	for block, actions := range given {
		for id, state := range actions {
			all.set(Block{"block_id": block}, id, asMap(state))
		}
	}
	for _, b := range v.Blocks {
		e, _ := b["element"].(map[string]any)
		block, _ := b["block_id"].(string)
		id, _ := e["action_id"].(string)
		state := maps.Clone(asMap(all[block][id]))
		if b["type"] != "input" || state == nil {
			continue
		}
		all.set(b, id, state)
		if err := whole(e, state); err != nil {
			return nil, fmt.Errorf("block %s: %w", block, err)
		}
		if b["optional"] != true && emptyState(state) {
			return nil, fmt.Errorf("block %s: %w: it is not filled in", block, ErrIncomplete)
		}
	}
	return all, nil
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// whole completes the option that a state names, and checks a text's length.
func whole(e, state map[string]any) error {
	if o := asMap(state["selected_option"]); o != nil {
		value, _ := o["value"].(string)
		full := optionOf(e, value)
		if full == nil {
			return fmt.Errorf("%w: no option %q", ErrIncomplete, value)
		}
		state["selected_option"] = full
	}
	text, _ := state["value"].(string)
	n := float64(utf8.RuneCountInString(text))
	most, bounded := e["max_length"].(float64)
	if !bounded {
		most = maxInput
	}
	if least, _ := e["min_length"].(float64); text != "" && n < least || n > most {
		return fmt.Errorf("%w: %v characters", ErrIncomplete, n)
	}
	return nil
}

func emptyState(state map[string]any) bool {
	several, _ := state["selected_options"].([]any)
	return (state["value"] == nil || state["value"] == "") && state["selected_option"] == nil && len(several) == 0
}
