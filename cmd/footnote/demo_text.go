package main

import (
	"strings"
)

// str is a string of a JSON object.
func str(o map[string]any, name string) string {
	s, _ := o[name].(string)
	return s
}

// plainText is what a text object holds.
func plainText(v any) string {
	o, _ := v.(map[string]any)
	return str(o, "text")
}

// textOf is a text object as it is read.
func (d *display) textOf(v any) string {
	o, _ := v.(map[string]any)
	if str(o, "type") == "mrkdwn" {
		return d.namesIn(str(o, "text"))
	}
	return words(str(o, "text"))
}

var unescaped = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// namesIn is a text of Slack's (docs.slack.dev, "Formatting message text") as
// people see it: names for mentions, words for links.
func (d *display) namesIn(text string) string {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "<")
		inner, after, closed := strings.Cut(rest, ">")
		if !open || !closed {
			b.WriteString(unescaped.Replace(text))
			return words(b.String())
		}
		b.WriteString(unescaped.Replace(before) + d.reference(inner))
		text = after
	}
}

// reference is what stands between < and >.
func (d *display) reference(inner string) string {
	target, label, _ := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(target, "@"):
		return "@" + d.userName(target[1:])
	case strings.HasPrefix(target, "#"):
		if ch := d.ws.Channel(target[1:]); ch != nil {
			return "#" + ch.Name
		}
	}
	return unescaped.Replace(firstOf(label, target))
}

func (d *display) userName(id string) string {
	if id == d.ws.Bot.ID {
		return d.ws.Bot.Name
	}
	return firstOf(d.names[id], id)
}

// markdown is the text of a markdown block as it is read: a backslash says that
// the sign after it is meant as it stands.
func (d *display) markdown(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", text[i+1]) >= 0 {
			i++
		}
		b.WriteByte(text[i])
	}
	return d.namesIn(strings.TrimSpace(b.String()))
}

// richText is a rich_text block as it is read.
func (d *display) richText(b map[string]any) string {
	var parts []string
	list, _ := b["elements"].([]any)
	for _, v := range list {
		o, _ := v.(map[string]any)
		text := d.richPart(o)
		if str(o, "type") == "rich_text_quote" {
			text = "> " + strings.ReplaceAll(text, "\n", "\n> ")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "\n")
}

func (d *display) richPart(o map[string]any) string {
	text := ""
	switch str(o, "type") {
	case "text":
		text = words(str(o, "text"))
	case "user":
		text = "@" + d.userName(str(o, "user_id"))
	case "link":
		text = words(firstOf(str(o, "text"), str(o, "url")))
	case "broadcast":
		text = "@" + words(str(o, "range"))
	case "emoji":
		text = ":" + words(str(o, "name")) + ":"
	}
	list, _ := o["elements"].([]any)
	for i, v := range list {
		e, _ := v.(map[string]any)
		if str(o, "type") == "rich_text_list" {
			text += map[bool]string{true: "\n"}[i > 0] + "- "
		}
		text += d.richPart(e)
	}
	if style, _ := o["style"].(map[string]any); style["bold"] == true && text != "" {
		return boldOn + text + boldOff
	}
	return text
}
