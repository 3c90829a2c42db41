package slacksim

import (
	"fmt"
	"strings"
	"testing"
)

// words is a plain_text object of n characters.
func words(n int) string { return fmt.Sprintf(`{"type":"plain_text","text":%q}`, text(n)) }

// option is one of a menu.
func option(label, value int) string {
	return fmt.Sprintf(`{"text":%s,"value":%q}`, words(label), text(value))
}

func feedbackOf(label, value, accessibility int) string {
	b := fmt.Sprintf(`{"text":%s,"value":%q,"accessibility_label":%q}`, words(label), text(value), text(accessibility))
	return `{"type":"context_actions","elements":[{"type":"feedback_buttons","action_id":"f","positive_button":` + b + `,"negative_button":` + b + `}]}`
}

func icon(more string) string {
	return `{"type":"context_actions","elements":[{"type":"icon_button","action_id":"i","icon":"trash","text":` + words(75) + more + `}]}`
}

func input(element string) string {
	return `{"type":"input","label":` + words(10) + `,"element":` + element + `}`
}

// opening is a button that opens an address.
func opening(address string) string {
	return fmt.Sprintf(`{"type":"button","text":%s,"url":%q}`, words(1), address)
}

func radio(n int, more string) string {
	return `{"type":"radio_buttons","action_id":"r","options":[` + repeat(n, option(75, 150)) + `]` + more + `}`
}

// reasons are what an answer says is wrong.
func reasons(answer map[string]any) string { return string(mustJSON(answer["response_metadata"])) }

func TestElementsAreCheckedAsSlackDoes(t *testing.T) {
	cases := []struct{ name, blocks, reason string }{
		{"feedback", feedbackOf(75, 2000, 75), ""},
		{"feedback text of 76", feedbackOf(76, 1, 1), "must be less than 76 characters"},
		{"feedback value of 2001", feedbackOf(1, 2001, 1), "must be less than 2001 characters"},
		{"feedback without value", feedbackOf(1, 0, 1), "must be more than 0 characters"},
		{"feedback label of 76", feedbackOf(1, 1, 76), "must be less than 76 characters"},
		{"feedback that opens a link", strings.ReplaceAll(feedbackOf(1, 1, 1), `"value"`, `"url":"https://a.test","value"`), "invalid additional property: url"},
		{"five in context_actions", `{"type":"context_actions","elements":[` + repeat(6, `{"type":"icon_button","icon":"trash","text":`+words(1)+`}`) + `]}`, "no more than 5 items allowed"},
		{"icon button", icon(`,"value":"v"`), ""},
		{"icon button value", icon(`,"value":"` + text(2001) + `"`), "must be less than 2001 characters"},
		{"another icon", strings.Replace(icon(""), "trash", "star", 1), "must be one of: trash"},
		{"icon button style", icon(`,"style":"danger"`), "invalid additional property: style"},
		{"10 radio buttons", actions(radio(10, "")), ""},
		{"11 radio buttons", actions(radio(11, "")), "no more than 10 items allowed"},
		{"no radio buttons", actions(radio(0, "")), "must provide at least 1 items"},
		{"option text of 76", actions(`{"type":"radio_buttons","options":[` + option(76, 1) + `]}`), "must be less than 76 characters"},
		{"option value of 151", actions(`{"type":"checkboxes","options":[` + option(1, 151) + `]}`), "must be less than 151 characters"},
		{"option without value", actions(`{"type":"checkboxes","options":[{"text":` + words(1) + `}]}`), "missing required field: value"},
		{"description of 76", actions(`{"type":"checkboxes","options":[{"text":` + words(1) + `,"value":"v","description":` + words(76) + `}]}`), "must be less than 76 characters"},
		{"an option that is none", actions(radio(1, `,"initial_option":`+option(1, 1))), "initial option is not among the options"},
		{"an initial option", actions(radio(1, `,"initial_option":`+option(75, 150))), ""},
		{"mrkdwn in a menu", actions(`{"type":"static_select","options":[{"text":{"type":"mrkdwn","text":"x"},"value":"v"}]}`), "must be one of: plain_text"},
		{"input", input(`{"type":"plain_text_input","min_length":0,"max_length":3000,"placeholder":` + words(150) + `}`), ""},
		{"max_length of 3001", input(`{"type":"plain_text_input","max_length":3001}`), "must be an integer from 1 to 3000"},
		{"max_length of 0", input(`{"type":"plain_text_input","max_length":0}`), "must be an integer from 1 to 3000"},
		{"min above max", input(`{"type":"plain_text_input","min_length":9,"max_length":8}`), "must be at least min_length"},
		{"placeholder of 151", input(`{"type":"plain_text_input","placeholder":` + words(151) + `}`), "must be less than 151 characters"},
		{"label of 2001", `{"type":"input","label":` + words(2001) + `,"element":{"type":"plain_text_input"}}`, "must be less than 2001 characters"},
		{"hint of 2001", `{"type":"input","label":` + words(1) + `,"hint":` + words(2001) + `,"element":{"type":"plain_text_input"}}`, "must be less than 2001 characters"},
		{"a button as input", input(button("a", 1, 1)), "unsupported type: button"},
		{"an input in a section", `{"type":"section","text":` + words(1) + `,"accessory":{"type":"plain_text_input"}}`, "unsupported type: plain_text_input"},
		{"an input among actions", actions(`{"type":"plain_text_input"}`), "unsupported type: plain_text_input"},
		{"section with no fields", `{"type":"section","fields":[]}`, "must provide at least 1 items"},
		{"field of 2001", `{"type":"section","fields":[` + words(2001) + `]}`, "must be less than 2001 characters"},
		{"button url of 3001", actions(`{"type":"button","text":` + words(1) + `,"url":"` + text(3001) + `"}`), "must be less than 3001 characters"},
		{"button url", actions(opening("https://a.test/" + text(2985))), ""},
		{"button url of another scheme", actions(opening("javascript:alert(1)")), "invalid url"},
		{"button url without a host", actions(opening("https:///a")), "invalid url"},
		{"button url that is a path", actions(opening("/a.pdf")), "invalid url"},
		{"button url with a space", actions(opening("https://a.test/a b")), "invalid url"},
		{"button url that is empty", actions(opening("")), "invalid url"},
		{"menu url", actions(`{"type":"overflow","options":[{"text":` + words(1) + `,"value":"v","url":"ftp://a.test"}]}`), "invalid url"},
		{"confirm", actions(`{"type":"button","text":` + words(1) + `,"confirm":{"title":` + words(100) + `,"text":` + words(300) + `,"confirm":` + words(30) + `,"deny":` + words(30) + `,"style":"danger"}}`), ""},
		{"confirm title of 101", actions(`{"type":"button","text":` + words(1) + `,"confirm":{"title":` + words(101) + `,"text":` + words(1) + `,"confirm":` + words(1) + `,"deny":` + words(1) + `}}`), "must be less than 101 characters"},
		{"confirm of 31", actions(`{"type":"button","text":` + words(1) + `,"confirm":{"title":` + words(1) + `,"text":` + words(301) + `,"confirm":` + words(31) + `,"deny":` + words(1) + `}}`), "must be less than 31 characters"},
	}
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code := ""
			if c.reason != "" {
				code = "invalid_blocks"
			}
			answer := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "fallback", "blocks", "["+c.blocks+"]")
			wantError(t, answer, code)
			if !strings.Contains(reasons(answer), c.reason) {
				t.Errorf("reasons = %s, want %s", reasons(answer), c.reason)
			}
			if strings.Contains(c.blocks, "context_actions") {
				return // not for views
			}
			home := form(t, ws, "views.publish", "user_id", alice.ID, "view", `{"type":"home","blocks":[`+c.blocks+`]}`)
			if !strings.Contains(reasons(home), c.reason) {
				t.Errorf("in the Home tab: %v", home)
			}
		})
	}
}

func TestViewsHaveLimits(t *testing.T) {
	ws, alice, _ := sim(t, Options{Limits: Limits{Off: true}})
	serve(t, ws, nothing)
	modalOf := func(title, submit int, more string) string {
		return `{"type":"modal","title":` + words(title) + `,"submit":` + words(submit) + `,"close":` + words(24) + `,"blocks":[{"type":"divider"}]` + more + `}`
	}
	cases := []struct{ name, view, code string }{
		{"modal", modalOf(24, 24, `,"private_metadata":"`+text(3000)+`","callback_id":"`+text(255)+`"`), ""},
		{"title of 25", modalOf(25, 24, ""), "invalid_arguments"},
		{"submit of 25", modalOf(24, 25, ""), "invalid_arguments"},
		{"private_metadata of 3001", modalOf(1, 1, `,"private_metadata":"`+text(3001)+`"`), "invalid_arguments"},
		{"callback_id of 256", modalOf(1, 1, `,"callback_id":"`+text(256)+`"`), "invalid_arguments"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, form(t, ws, "views.open", "trigger_id", alice.Shortcut("x").TriggerID, "view", c.view), c.code)
		})
	}
	home := func(blocks string) map[string]any {
		return form(t, ws, "views.publish", "user_id", alice.ID, "view", `{"type":"home","blocks":[`+blocks+`]}`)
	}
	wantError(t, home(repeat(100, `{"type":"divider"}`)), "")
	wantError(t, home(repeat(101, `{"type":"divider"}`)), "invalid_arguments")
	wantError(t, home(repeat(90, section(3000))), "view_too_large")
	wantError(t, home(repeat(2, `{"type":"divider","block_id":"b"}`)), "invalid_arguments")
	wantError(t, home(feedback), "invalid_arguments")
	wantError(t, home(actions(button("a", 1, 1), button("a", 1, 1))), "invalid_arguments")
}
