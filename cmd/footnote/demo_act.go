package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"footnote/bot/slackbot"
	"footnote/bot/slackbot/slacksim"
)

// await lets an interaction take its course, and says how it failed, if it did,
// and what the app has against what was filled in.
func (v *visitor) await(i *slacksim.Interaction, filledIn ...input) {
	v.underway.Add(1)
	go func() {
		defer v.underway.Add(-1)
		answer, err := i.Wait(context.Background()) // it ends with the workspace
		switch {
		case errors.Is(err, slacksim.ErrNoAck):
			v.tell("Slack: " + botName + " did not respond.")
		case errors.Is(err, slacksim.ErrNoAction):
			v.tell("Slack: that is no longer there.")
		case err != nil:
			v.tell("Slack: " + err.Error() + ".")
		}
		var refused struct {
			Errors map[string]string `json:"errors"`
		}
		_ = json.Unmarshal(answer, &refused) // most answers are empty
		for _, in := range filledIn {
			if problem := refused.Errors[in.block]; problem != "" {
				v.tell(in.label + ": " + problem)
			}
		}
	}()
}

// press uses what a number stands for.
func (v *visitor) press(b button) {
	if b.prompt == "" { // which shows as what was said
		v.narrate(v.me.Name + " presses " + b.label + map[bool]string{true: ", and Slack marks it"}[b.marked])
	}
	switch {
	case b.prompt != "":
		v.where, v.thread = v.ws.Channel(b.channel), b.thread
		v.post(v.stored(b.prompt))
	case b.view != nil:
		v.await(v.me.ClickView(b.view, b.action))
	default:
		v.await(v.me.Choose(b.message, b.action, b.value))
	}
}

// pressNamed presses the last button that has such a name.
func (v *visitor) pressNamed(name string) {
	for _, b := range slices.Backward(v.buttons) {
		if _, ok := cutPrefixFold(b.label, name); ok && name != "" && v.canPress(b) {
			v.press(b)
			return
		}
	}
	v.print("There is no such button.\n")
}

// canPress reports whether a button of a message is still there: an answer that
// was changed has other ones.
func (v *visitor) canPress(b button) bool {
	if b.message == nil {
		return b.view == nil || v.me.Modal() != nil && v.me.Modal().ID == b.view.ID
	}
	ch := v.ws.Channel(b.message.Channel)
	for _, m := range append(ch.Messages(), ch.Ephemerals()...) {
		if keyOf(m) == keyOf(b.message) && !m.Deleted {
			return slices.ContainsFunc(m.Actions(), func(a slacksim.Action) bool { return a.ID == b.action && a.Value == b.value })
		}
	}
	return false
}

func (v *visitor) home() {
	v.narrate(v.me.Name + " opens the App Home")
	v.wantHome = true
	v.me.OpenHome()
}

// direct goes to the direct message with the bot, to say something there, or
// else to see what is suggested.
func (v *visitor) direct(text string) {
	if text == "" {
		v.narrate(v.me.Name + " opens the messages with " + botName)
		v.me.OpenMessages()
	}
	v.goTo(v.ws.DM(v.me), "", text)
}

// stop presses Slack's stop button, wherever there is one.
func (v *visitor) stop() {
	for _, ch := range v.places {
		for _, m := range slices.Backward(ch.Messages()) {
			if m.BotID != v.ws.BotID && v.me.StopSession(ch, firstOf(m.ThreadTS, m.TS)) {
				v.narrate(v.me.Name + " presses stop")
				return
			}
		}
	}
	v.print("No answer is being written.\n")
}

var callbackPattern = regexp.MustCompile(`callback_id: "?([^"\s]+)`)

// shortcut uses the manifest's message shortcut on what the visitor wrote last here, or
// else on the latest message.
func (v *visitor) shortcut() {
	var manifest bytes.Buffer
	// The zero options are valid, and a buffer takes everything.
	_ = slackbot.WriteManifest(&manifest, slackbot.ManifestOptions{})
	callback := callbackPattern.FindStringSubmatch(manifest.String())
	all := v.where.Messages()
	if callback == nil || len(all) == 0 {
		v.print("There is no message shortcut, or no message to use it on.\n")
		return
	}
	m := all[len(all)-1]
	if last := v.last[v.me]; last != nil && last.Channel == v.where.ID && v.where.Message(last.TS) != nil {
		m = last
	}
	v.narrate(v.me.Name + " uses the message shortcut on “" + clip(v.namesIn(m.Text), 40) + "”")
	v.await(v.me.MessageShortcut(m, callback[1]))
}

// An input is an element of a window that can be filled in.
type input struct {
	block, action, kind, label string
	element                    map[string]any
	optional                   bool
}

// inputs lists a window's inputs.
func inputs(v *slacksim.View) []input {
	if v == nil {
		return nil
	}
	var all []input
	for _, b := range v.Blocks {
		e, _ := b["element"].(map[string]any)
		if b["type"] != "input" || e == nil {
			continue
		}
		all = append(all, input{block: str(b, "block_id"), action: str(e, "action_id"), kind: str(e, "type"), label: plainText(b["label"]), element: e, optional: b["optional"] == true})
	}
	return all
}

// fill remembers what an input is to hold; it is found by how its label begins.
func (v *visitor) fill(argument string) {
	for _, in := range inputs(v.me.Modal()) {
		rest, ok := cutPrefixFold(argument, in.label)
		label, value, _ := strings.Cut(argument, " ")
		if !ok && label != "" && strings.HasPrefix(strings.ToLower(in.label), strings.ToLower(label)) {
			rest, ok = value, true
		}
		if !ok {
			continue
		}
		value = strings.TrimSpace(rest)
		if choices := choicesOf(in.element); len(choices) > 0 && !in.several() {
			o := choice(choices, value)
			if o == nil {
				v.print("There is no such choice.\n")
				return
			}
			value = plainText(o["text"])
		}
		v.filled[in.label] = value
		v.narrate(in.label + ": " + value)
		return
	}
	v.print("There is no window with such an input.\n")
}

func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

func choicesOf(element map[string]any) []map[string]any {
	var all []map[string]any
	list, _ := element["options"].([]any)
	for _, o := range list {
		if option, ok := o.(map[string]any); ok {
			all = append(all, option)
		}
	}
	return all
}

// choice finds an option by how its text begins, or else by what is in it.
func choice(options []map[string]any, text string) map[string]any {
	for _, fits := range []func(s, part string) bool{strings.HasPrefix, strings.Contains} {
		for _, o := range options {
			if text != "" && fits(strings.ToLower(plainText(o["text"])), strings.ToLower(text)) {
				return o
			}
		}
	}
	return nil
}

func (v *visitor) submit() {
	modal := v.me.Modal()
	if modal == nil {
		v.print("No window is open.\n")
		return
	}
	values := map[string]map[string]any{}
	asked := inputs(modal)
	for _, in := range asked {
		state := in.state(v.filled)
		if !in.optional && in.missing(state) {
			v.print(clean(in.label) + " This has to be filled in, such as by :fill.\n")
			return
		}
		values[in.block] = map[string]any{in.action: state}
	}
	v.narrate(v.me.Name + " sends the window")
	v.filled = map[string]string{}
	v.await(v.me.Submit(modal, values), asked...)
}

// several reports whether an input takes several choices, separated by commas.
func (in input) several() bool { return in.kind == "checkboxes" || in.kind == "multi_static_select" }

// state is what an input holds, in the form that a submission has it (docs.slack.dev,
// "view_submission payload").
func (in input) state(filled map[string]string) map[string]any {
	value, given := filled[in.label]
	s := map[string]any{"type": in.kind}
	options := choicesOf(in.element)
	switch {
	case in.several():
		chosen := []any{}
		for part := range strings.SplitSeq(value, ",") {
			if o := choice(options, strings.TrimSpace(part)); o != nil {
				chosen = append(chosen, o)
			}
		}
		s["selected_options"] = chosen
	case len(options) > 0 && given:
		s["selected_option"] = choice(options, value)
	case len(options) > 0:
		s["selected_option"] = in.element["initial_option"]
	case given:
		s["value"] = value
	default:
		s["value"] = in.element["initial_value"]
	}
	return s
}

// missing reports whether nothing was filled in, which Slack's own window does
// not let through.
func (in input) missing(state map[string]any) bool {
	if in.several() {
		return len(state["selected_options"].([]any)) == 0
	}
	value := state["value"]
	if len(choicesOf(in.element)) > 0 {
		option, _ := state["selected_option"].(map[string]any)
		return option == nil
	}
	return value == nil || value == ""
}

func (v *visitor) dismiss() {
	modal := v.me.Modal()
	if modal == nil {
		v.print("No window is open.\n")
		return
	}
	v.await(v.me.Dismiss(modal))
}
