package slacksim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// block prints a block in a line or a few.
func (t *transcript) block(b Block, indent string) {
	kind, _ := b["type"].(string)
	label := "[" + kind + "] "
	switch kind {
	case "rich_text":
		t.lines(indent, label, t.richTextString(b))
		return
	case "divider":
		t.line(indent, "[divider]")
		return
	case "markdown":
		text, _ := b["text"].(string)
		t.lines(indent, label, t.names(text))
		return
	case "image":
		alt, _ := b["alt_text"].(string)
		t.lines(indent, label, alt)
		return
	case "input":
		t.lines(indent, label, t.textOf(b["label"])+" "+t.elementString(b["element"]))
		return
	}
	var parts []string
	if s := t.textOf(b["text"]); s != "" {
		parts = append(parts, s)
	}
	for _, name := range []string{"fields", "elements"} {
		list, _ := b[name].([]any)
		for _, v := range list {
			parts = append(parts, t.elementString(v))
		}
	}
	if a, ok := b["accessory"]; ok {
		parts = append(parts, t.elementString(a))
	}
	sep := " "
	if kind == "context" || b["fields"] != nil {
		sep = " | "
	}
	t.lines(indent, label, strings.Join(parts, sep))
}

func (t *transcript) lines(indent, label, text string) {
	for i, l := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			label = "  "
		}
		t.line(indent, label+l)
	}
}

func (t *transcript) textOf(v any) string {
	o, _ := v.(map[string]any)
	s, _ := o["text"].(string)
	if o["type"] == "mrkdwn" {
		return t.names(s)
	}
	return s
}

// elementString prints an element: (Button), (Button → address), {menu}.
func (t *transcript) elementString(v any) string {
	e, _ := v.(map[string]any)
	kind, _ := e["type"].(string)
	switch kind {
	case "mrkdwn", "plain_text":
		return t.textOf(e)
	case "button", "icon_button", "workflow_button":
		label := t.textOf(e["text"])
		if link, _ := e["url"].(string); link != "" {
			label += " → " + link
		}
		return "(" + label + ")"
	case "feedback_buttons":
		good, _ := e["positive_button"].(map[string]any)
		bad, _ := e["negative_button"].(map[string]any)
		return "(" + t.textOf(good["text"]) + ") (" + t.textOf(bad["text"]) + ")"
	case "image":
		alt, _ := e["alt_text"].(string)
		return "[image: " + alt + "]"
	case "overflow", "static_select", "radio_buttons", "checkboxes":
		options, _ := e["options"].([]any)
		var names []string
		for _, o := range options {
			option, _ := o.(map[string]any)
			names = append(names, t.textOf(option["text"]))
		}
		return "{" + strings.Join(names, " / ") + "}"
	}
	return "{" + kind + "}"
}

// richTextString prints the words of a rich_text block.
func (t *transcript) richTextString(b Block) string {
	var out strings.Builder
	elements, _ := b["elements"].([]any)
	for i, e := range elements {
		if i > 0 {
			out.WriteByte('\n')
		}
		t.richPart(&out, e)
	}
	return out.String()
}

func (t *transcript) richPart(out *strings.Builder, v any) {
	o, _ := v.(map[string]any)
	str := func(name string) string { s, _ := o[name].(string); return s }
	switch o["type"] {
	case "text":
		out.WriteString(str("text"))
	case "user":
		out.WriteString("@" + t.userName(str("user_id")))
	case "link":
		fmt.Fprintf(out, "<%s>", cmp.Or(str("text"), str("url")))
	case "broadcast":
		out.WriteString("@" + str("range"))
	case "emoji":
		out.WriteString(":" + str("name") + ":")
	}
	list, _ := o["elements"].([]any)
	for i, e := range list {
		if o["type"] == "rich_text_list" {
			if i > 0 {
				out.WriteByte('\n')
			}
			out.WriteString("- ")
		}
		if i == 0 && o["type"] == "rich_text_quote" {
			out.WriteString("> ")
		}
		t.richPart(out, e)
	}
}

// allViews prints the modals and Home tabs in the order they were first shown.
func (t *transcript) allViews() {
	var views []*View
	for _, v := range t.ws.views {
		views = append(views, v)
	}
	slices.SortFunc(views, func(a, b *View) int { return cmp.Compare(a.seq, b.seq) })
	for _, v := range views {
		if t.Len() > 0 {
			t.WriteByte('\n')
		}
		t.view(v)
	}
}

func (t *transcript) view(v *View) {
	what := "modal"
	if v.Type == homeView {
		what = "home tab"
	}
	fmt.Fprintf(t, "== %s of %s%s ==\n", what, t.userName(v.UserID), viewMarks(v))
	if v.Title != "" {
		fmt.Fprintf(t, "# %s\n", v.Title)
	}
	for _, b := range v.Blocks {
		t.block(b, "")
	}
	for _, label := range []string{v.Submit, v.Close} {
		if label != "" {
			fmt.Fprintf(t, "(%s)\n", label)
		}
	}
}

func viewMarks(v *View) string {
	var marks []string
	if v.Updates > 0 {
		marks = append(marks, times("updated", v.Updates))
	}
	if v.Closed {
		marks = append(marks, "closed")
	}
	if marks == nil {
		return ""
	}
	return " (" + strings.Join(marks, ", ") + ")"
}
