package slacksim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// section, button and so on write blocks as JSON.
func section(n int) string {
	return fmt.Sprintf(`{"type":"section","text":{"type":"mrkdwn","text":%q}}`, text(n))
}
func markdown(n int) string { return fmt.Sprintf(`{"type":"markdown","text":%q}`, text(n)) }
func header(n int) string {
	return fmt.Sprintf(`{"type":"header","text":{"type":"plain_text","text":%q}}`, text(n))
}
func button(id string, label, value int) string {
	return fmt.Sprintf(`{"type":"button","action_id":%q,"text":{"type":"plain_text","text":%q},"value":%q}`, id, text(label), text(value))
}
func actions(elements ...string) string {
	return `{"type":"actions","elements":[` + strings.Join(elements, ",") + `]}`
}
func context10(n int) string {
	return `{"type":"context","elements":[` + repeat(n, `{"type":"mrkdwn","text":"x"}`) + `]}`
}
func repeat(n int, s string) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }

func buttons(n int) string {
	var all []string
	for i := range n {
		all = append(all, button(fmt.Sprint("a", i), 1, 1))
	}
	return actions(all...)
}

const feedback = `{"type":"context_actions","elements":[{"type":"feedback_buttons","action_id":"f",
	"positive_button":{"text":{"type":"plain_text","text":"Good"},"value":"good"},
	"negative_button":{"text":{"type":"plain_text","text":"Bad"},"value":"bad"}}]}`

func TestBlocksOfAMessageAreCheckedAsSlackDoes(t *testing.T) {
	const long = "must be less than %d characters [json-pointer:%s]"
	cases := []struct {
		name, blocks, code, reason string
	}{
		{"50 blocks", repeat(50, `{"type":"divider"}`), "", ""},
		{"51 blocks", repeat(51, `{"type":"divider"}`), "invalid_blocks", "no more than 50 items allowed [json-pointer:/blocks]"},
		{"section of 3000", section(3000), "", ""},
		{"section of 3001", section(3001), "invalid_blocks", fmt.Sprintf(long, 3001, "/blocks/0/text/text")},
		{"section without text", `{"type":"section"}`, "invalid_blocks", "missing required field: text [json-pointer:/blocks/0]"},
		{"section with empty text", section(0), "invalid_blocks", "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
		{"section with fields", `{"type":"section","fields":[{"type":"mrkdwn","text":"a"}]}`, "", ""},
		{"section with 11 fields", `{"type":"section","fields":[` + repeat(11, `{"type":"mrkdwn","text":"a"}`) + `]}`, "invalid_blocks", "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		{"markdown of 12000", markdown(12000), "", ""},
		{"markdown of 12001", markdown(12001), "invalid_blocks", fmt.Sprintf(long, 12001, "/blocks/0/text")},
		{"13200 characters in all", markdown(12000) + "," + markdown(1200), "", ""},
		{"13201 characters in all", markdown(12000) + "," + markdown(1201), "msg_blocks_too_long", ""},
		{"characters, not bytes", `{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("é", 150) + `"}}`, "", ""},
		{"header of 150", header(150), "", ""},
		{"header of 151", header(151), "invalid_blocks", fmt.Sprintf(long, 151, "/blocks/0/text/text")},
		{"header of mrkdwn", `{"type":"header","text":{"type":"mrkdwn","text":"x"}}`, "invalid_blocks", "must be one of: plain_text [json-pointer:/blocks/0/text/type]"},
		{"button", actions(button("a", 75, 2000)), "", ""},
		{"button text of 76", actions(button("a", 76, 1)), "invalid_blocks", fmt.Sprintf(long, 76, "/blocks/0/elements/0/text/text")},
		{"button value of 2001", actions(button("a", 1, 2001)), "invalid_blocks", fmt.Sprintf(long, 2001, "/blocks/0/elements/0/value")},
		{"action_id of 255", actions(button(text(255), 1, 1)), "", ""},
		{"action_id of 256", actions(button(text(256), 1, 1)), "invalid_blocks", fmt.Sprintf(long, 256, "/blocks/0/elements/0/action_id")},
		{"action_id twice", actions(button("a", 1, 1), button("a", 1, 1)), "invalid_blocks", "action_id already exists: a [json-pointer:/blocks/0/elements/1/action_id]"},
		{"button style", `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"x"},"style":"loud"}]}`, "invalid_blocks", "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]"},
		{"block_id of 256", `{"type":"divider","block_id":"` + text(256) + `"}`, "invalid_blocks", fmt.Sprintf(long, 256, "/blocks/0/block_id")},
		{"block_id twice", repeat(2, `{"type":"divider","block_id":"b"}`), "invalid_blocks", "block_id already exists: b [json-pointer:/blocks/1/block_id]"},
		{"25 actions", buttons(25), "", ""},
		{"26 actions", buttons(26), "invalid_blocks", "no more than 25 items allowed [json-pointer:/blocks/0/elements]"},
		{"no actions", actions(), "invalid_blocks", "must provide at least 1 items [json-pointer:/blocks/0/elements]"},
		{"10 in a context", context10(10), "", ""},
		{"11 in a context", context10(11), "invalid_blocks", "no more than 10 items allowed [json-pointer:/blocks/0/elements]"},
		{"feedback buttons", feedback, "", ""},
		{"button in context_actions", `{"type":"context_actions","elements":[` + button("a", 1, 1) + `]}`, "invalid_blocks", "unsupported type: button [json-pointer:/blocks/0/elements/0/type]"},
		{"unknown type", `{"type":"sections"}`, "invalid_blocks", "unsupported type: sections [json-pointer:/blocks/0/type]"},
		{"alert is for modals", `{"type":"alert","text":{"type":"plain_text","text":"x"}}`, "invalid_blocks", "unsupported type: alert [json-pointer:/blocks/0/type]"},
		{"unknown element", `{"type":"actions","elements":[{"type":"knob"}]}`, "invalid_blocks", "unsupported type: knob [json-pointer:/blocks/0/elements/0/type]"},
		{"image", `{"type":"image","image_url":"https://a.test/x.png","alt_text":"x"}`, "", ""},
		{"image without alt", `{"type":"image","image_url":"https://a.test/x.png"}`, "invalid_blocks", "missing required field: alt_text [json-pointer:/blocks/0]"},
		{"emoji in mrkdwn", `{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}`, "invalid_blocks", "emoji cannot be true in mrkdwn [json-pointer:/blocks/0/text/emoji]"},
		{"overflow", `{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"overflow","action_id":"o","options":[` + repeat(6, `{"text":{"type":"plain_text","text":"x"},"value":"v"}`) + `]}}`,
			"invalid_blocks", "no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]"},
		{"rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}`, "", ""},
		{"rich text of bare text", `{"type":"rich_text","elements":[{"type":"text","text":"x"}]}`, "invalid_blocks", "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"},
		{"table of 21 columns", `{"type":"table","rows":[[` + repeat(21, `{"type":"raw_text","text":"x"}`) + `]]}`, "invalid_blocks", "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"},
		{"input without element", `{"type":"input","label":{"type":"plain_text","text":"x"}}`, "invalid_blocks", "missing required field: element [json-pointer:/blocks/0]"},
		{"markdown that becomes 51 blocks", `{"type":"markdown","text":"` + strings.Repeat("# a\\n\\nb\\n\\n", 26) + `"}`, "invalid_blocks", "no more than 50 items allowed [json-pointer:/blocks]"},
	}
	ws, _, general := sim(t, Options{Limits: Limits{Off: true}})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			answer := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "fallback", "blocks", "["+c.blocks+"]")
			wantError(t, answer, c.code)
			if c.reason == "" {
				return
			}
			b, _ := json.Marshal(answer["response_metadata"])
			want, _ := json.Marshal("[ERROR] " + c.reason)
			if !strings.Contains(string(b), string(want)) {
				t.Errorf("reasons = %s, want %s", b, want)
			}
		})
	}
}

func TestBlocksMustBeAList(t *testing.T) {
	ws, _, general := sim(t, Options{Limits: Limits{Off: true}})
	for _, blocks := range []string{`{"type":"divider"}`, `[1]`, `[{]`, `"x"`} {
		wantError(t, form(t, ws, "chat.postMessage", "channel", general.ID, "blocks", blocks), "invalid_blocks_format")
	}
}

func FuzzBlocksAreCheckedWithoutPanic(f *testing.F) {
	f.Add(`[{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":` + button("a", 1, 1) + `}]`)
	f.Add("[" + feedback + "," + buttons(2) + "," + context10(2) + "]")
	f.Add(`[{"type":"table","rows":[[{"text":1}],null]},{"type":"rich_text","elements":[null]},null]`)
	f.Add(`[{"type":"section","fields":[null],"accessory":{"type":"static_select","options":[3]}}]`)
	f.Fuzz(func(t *testing.T, s string) {
		var blocks []Block
		if json.Unmarshal([]byte(s), &blocks) != nil {
			return
		}
		for _, where := range []surface{inMessage, inModal, inHome} {
			checkBlocks(blocks, where)
		}
		findAction(blocks, "a", "")
		scanCall(Call{Args: map[string]string{"blocks": s, "view": s, "chunks": s}})
		tr := transcript{ws: build(Options{})}
		for _, b := range blocks {
			tr.block(b, "")
		}
	})
}
