package main

import (
	"fmt"
	"slices"
	"strings"

	"footnote/bot/slackbot/slacksim"
)

// What begins and ends bold words until lines are broken. They take no column,
// and no text from elsewhere can hold them: see words.
const (
	boldOn  = "\U000E0001"
	boldOff = "\U000E007F"
)

// words makes a foreign text safe to print, and to hold marks of ours.
func words(s string) string { return strings.NewReplacer(boldOn, "", boldOff, "").Replace(clean(s)) }

// marked puts styles in place of the marks.
func (s *screen) marked(text string) string {
	on, off := "*", "*"
	if s.colour {
		on, off = styleBold, styleOff
	}
	return strings.NewReplacer(boldOn, on, boldOff, off).Replace(text)
}

// message lays a message out, without the end of its last line.
func (d *display) message(m *slacksim.Message, mark string) string {
	indent := ""
	if m.IsReply() {
		indent = "    "
	}
	if m.EphemeralTo != "" {
		mark = strings.TrimPrefix(mark+", only you can see this", ", ")
	}
	name := d.authorOf(m)
	head := indent + d.out.bold(name)
	if mark != "" {
		head += d.out.dim(" (" + mark + ")")
	}
	body := indent + "  "
	lines := []string{head + ":"}
	said, blocks := d.saidIn(m)
	if said != "" {
		// The first line goes on from the name.
		text := wrap(strings.Repeat("x", columns(name+mark)+2)+" "+said, d.out.width-columns(indent), "  ")
		_, text, _ = strings.Cut(text, " ")
		if m.BotID == d.ws.BotID {
			text = d.out.boldAll(text)
		}
		lines[0] += " " + strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\n"+indent), "\n"+body+"\n", "\n\n")
	}
	for _, b := range blocks {
		lines = append(lines, d.block(b, body, button{message: m})...)
	}
	for _, f := range m.Files {
		lines = append(lines, body+"[file] "+words(oneLine(f.Name)))
	}
	for _, r := range m.Reactions {
		lines = append(lines, body+d.out.dim(fmt.Sprintf(":%s: %d", words(r.Name), len(r.Users))))
	}
	return strings.Join(lines, "\n")
}

// saidIn divides a message into the text that it begins with and the blocks
// below. With blocks, a message's own text is for notifications alone, unless
// it is streamed.
func (d *display) saidIn(m *slacksim.Message) (said string, blocks []slacksim.Block) {
	blocks = m.Blocks
	isMarkdown := func(b slacksim.Block) bool { return b["type"] == "markdown" }
	switch {
	case m.BotID != d.ws.BotID:
		return d.namesIn(m.Text), nil
	case len(blocks) > 0 && isMarkdown(blocks[0]):
		return d.markdown(str(blocks[0], "text")), blocks[1:]
	case m.Stream != nil && !slices.ContainsFunc(blocks, isMarkdown):
		return d.markdown(m.Text), blocks
	case len(blocks) > 0:
		return "", blocks
	}
	return d.namesIn(m.Text), nil
}

func (d *display) authorOf(m *slacksim.Message) string {
	if m.Username != "" {
		return words(m.Username)
	}
	return words(strings.TrimPrefix(d.namesIn("<@"+m.User+">"), "@"))
}

// wordsOf is a message without its layout, to tell whether it changed.
func (d *display) wordsOf(m *slacksim.Message) string {
	said, blocks := d.saidIn(m)
	return fmt.Sprint(d.authorOf(m), ": ", said, blocks, len(m.Files), m.Reactions)
}

// view lays a window or a Home tab out, in a frame.
func (d *display) view(v *slacksim.View) string {
	title := firstOf(words(v.Title), botName+": Home")
	lines := []string{"  ┌ " + d.out.bold(title)}
	for _, b := range v.Blocks {
		lines = append(lines, d.block(b, "  │ ", button{view: v})...)
	}
	foot := ""
	if v.Submit != "" {
		foot += "  :submit (" + words(v.Submit) + ")"
	}
	if v.Type == "modal" {
		foot += "  :close (" + firstOf(words(v.Close), "Close") + ")"
	}
	return strings.Join(append(lines, "  └"+strings.TrimPrefix(foot, " ")), "\n") + "\n"
}

// block lays a block out in lines. The buttons in it belong to what on names.
func (d *display) block(b slacksim.Block, indent string, on button) []string {
	lay := func(text string, style func(string) string) []string {
		text = wrap(strings.TrimRight(text, "\n"), d.out.width-columns(indent), "")
		lines := strings.Split(text, "\n")
		for i, l := range lines {
			if style != nil {
				l = style(l)
			}
			lines[i] = strings.TrimRight(indent+d.out.marked(l), " ")
		}
		return lines
	}
	switch str(b, "type") {
	case "markdown":
		return lay(d.markdown(str(b, "text")), nil)
	case "rich_text":
		return lay(d.richText(b), nil)
	case "divider":
		return lay("———", d.out.dim)
	case "header":
		return lay(boldOn+d.textOf(b["text"])+boldOff, nil)
	case "image":
		return lay("[image: "+words(str(b, "alt_text"))+"]", d.out.dim)
	case "context":
		return lay(d.join(b, " · ", on), d.out.dim)
	case "input":
		label := d.textOf(b["label"])
		if b["optional"] == true {
			label += " (optional)"
		}
		return lay(label+": "+d.inputText(b["element"]), nil)
	}
	if text := d.join(b, "   ", on); text != "" {
		return lay(text, nil)
	}
	return lay("["+words(str(b, "type"))+"]", d.out.dim)
}

// join puts a block's texts and elements side by side.
func (d *display) join(b slacksim.Block, separator string, on button) string {
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	add(d.textOf(b["text"]))
	for _, name := range []string{"fields", "elements"} {
		list, _ := b[name].([]any)
		for _, e := range list {
			add(d.element(e, on))
		}
	}
	add(d.element(b["accessory"], on))
	return strings.Join(parts, separator)
}

// element is an element in a line. What can be pressed gets a number.
func (d *display) element(v any, on button) string {
	e, _ := v.(map[string]any)
	on.action = str(e, "action_id")
	number := func(label, value string) string {
		on.label, on.value = oneLine(words(label)), value
		return d.number(on)
	}
	switch kind := str(e, "type"); kind {
	case "":
		return ""
	case "mrkdwn", "plain_text":
		return d.textOf(e)
	case "button", "workflow_button":
		if link := str(e, "url"); link != "" {
			return number(plainText(e["text"])+" → "+link, str(e, "value"))
		}
		return number(plainText(e["text"]), str(e, "value"))
	case "icon_button":
		return number(plainText(e["text"]), str(e, "value"))
	case "feedback_buttons":
		var both []string
		on.marked = true
		for _, name := range []string{"positive_button", "negative_button"} {
			b, _ := e[name].(map[string]any)
			both = append(both, number(plainText(b["text"]), str(b, "value")))
		}
		return strings.Join(both, "   ")
	case "image":
		return "[image: " + words(str(e, "alt_text")) + "]"
	default:
		var all []string
		for _, o := range choicesOf(e) {
			all = append(all, number(plainText(o["text"]), str(o, "value")))
		}
		if all == nil {
			return "{" + kind + "}"
		}
		return strings.Join(all, "   ")
	}
}

// number gives a button its number; one that was shown before keeps it.
func (d *display) number(b button) string {
	same := func(o button) bool {
		return o.prompt == b.prompt && o.channel == b.channel && o.thread == b.thread && o.action == b.action && o.value == b.value && o.label == b.label && b.stands() == o.stands()
	}
	n := slices.IndexFunc(d.buttons, same)
	if n < 0 {
		n = len(d.buttons)
		d.buttons = append(d.buttons, b)
	}
	d.buttons[n] = b
	if !d.out.colour {
		return fmt.Sprintf(":%d (%s)", n+1, b.label)
	}
	return fmt.Sprintf("%s:%d%s (%s)", boldOn, n+1, boldOff, b.label)
}

// stands names what a button stands in.
func (b button) stands() string {
	if b.view != nil {
		return b.view.ID
	}
	if b.message != nil {
		return keyOf(b.message)
	}
	return ""
}

// inputText shows how an input is filled in by the app.
func (d *display) inputText(v any) string {
	e, _ := v.(map[string]any)
	var names []string
	initial, _ := e["initial_option"].(map[string]any)
	for _, o := range choicesOf(e) {
		name := d.textOf(o["text"])
		if initial != nil && str(o, "value") == str(initial, "value") {
			name = boldOn + name + boldOff
		}
		names = append(names, name)
	}
	if names != nil {
		return "{" + strings.Join(names, " / ") + "}"
	}
	return firstOf(words(str(e, "initial_value")), "____")
}
