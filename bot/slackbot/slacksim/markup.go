package slacksim

import (
	"encoding/json"
	"strings"
)

// A Finding is something in a call's body that pings somebody or links
// somewhere, had Slack rendered it.
type Finding struct {
	Method string
	// Kind is ping or link.
	Kind string
	Text string
}

// Pings returns the mentions of people, groups and channels' audiences in
// whatever the app sent, be it to a channel or to one person: messages, streams,
// replies to commands, modals, Home tabs, titles, statuses, prompts. They are <@U…>, <!here>, <!subteam^…>, rich-text mentions, and
// bare @names where the call asked Slack to look for them.
func (ws *Workspace) Pings() []Finding { return ws.findings("ping") }

// Links returns the links in what the app sent: <https://…>, [text](https://…),
// bare addresses, and buttons that open one. Mentions of channels are none.
func (ws *Workspace) Links() []Finding { return ws.findings("link") }

func (ws *Workspace) findings(kind string) []Finding {
	var all []Finding
	for _, c := range ws.Calls("") {
		for _, f := range scanCall(c) {
			if f.Kind == kind {
				f.Method = c.Method
				all = append(all, f)
			}
		}
	}
	return all
}

// scanCall looks at every text of a call that Slack renders.
func scanCall(c Call) []Finding {
	var all []Finding
	for _, name := range []string{"text", "markdown_text", "title", "status", "username"} {
		all = append(all, scanText(c.Args[name])...)
		if c.Args["link_names"] == "true" || c.Args["link_names"] == "1" || c.Args["parse"] == "full" {
			all = append(all, bareNames(c.Args[name])...)
		}
	}
	for _, name := range []string{"prompts", "loading_messages"} {
		for _, s := range argTexts(c.Args[name]) {
			all = append(all, scanText(s)...)
		}
	}
	for _, name := range []string{"blocks", "chunks", "view", "attachments", "body"} {
		var v any
		if json.Unmarshal([]byte(c.Args[name]), &v) == nil {
			walk(v, func(o map[string]any) { all = append(all, scanObject(o)...) })
		}
	}
	return all
}

// argTexts lists the strings of a JSON argument, or the argument itself. A prompt
// becomes a message of the person who picks it.
func argTexts(arg string) []string {
	var v any
	if json.Unmarshal([]byte(arg), &v) != nil {
		return []string{arg}
	}
	return stringsIn(v)
}

func stringsIn(v any) []string {
	var all []string
	switch v := v.(type) {
	case string:
		all = append(all, v)
	case []any:
		for _, e := range v {
			all = append(all, stringsIn(e)...)
		}
	case map[string]any:
		for _, k := range sortedKeys(v) {
			all = append(all, stringsIn(v[k])...)
		}
	}
	return all
}

// scanObject looks at one JSON object of Block Kit.
func scanObject(o map[string]any) []Finding {
	str := func(name string) string { s, _ := o[name].(string); return s }
	switch str("type") {
	case "plain_text", "text": // rendered as it stands; clients still link addresses
		return bareLinks(str("text"))
	case "user":
		return []Finding{{Kind: "ping", Text: "<@" + str("user_id") + ">"}}
	case "usergroup":
		return []Finding{{Kind: "ping", Text: "<!subteam^" + str("usergroup_id") + ">"}}
	case "broadcast":
		return []Finding{{Kind: "ping", Text: "<!" + str("range") + ">"}}
	}
	var found []Finding
	for _, name := range []string{"text", "title", "details", "output", "pretext", "footer", "author_name", "fallback"} {
		found = append(found, scanText(str(name))...) // those but text are of attachments and tasks
	}
	for _, name := range []string{"url", "image_url", "thumb_url", "thumbnail_url", "video_url", "title_url", "title_link", "author_link", "from_url"} {
		if str(name) != "" {
			found = append(found, Finding{Kind: "link", Text: str(name)})
		}
	}
	return found
}

// scanText looks at mrkdwn or markdown: what stands between < and >, and bare
// addresses.
func scanText(text string) []Finding {
	var all []Finding
	for rest := text; ; {
		_, after, open := strings.Cut(rest, "<")
		inner, next, closed := strings.Cut(after, ">")
		if !open || !closed {
			break
		}
		if i := strings.LastIndex(inner, "<"); i >= 0 {
			inner = inner[i+1:]
		}
		if f, ok := angle(inner); ok {
			all = append(all, f)
		}
		rest = next
	}
	return append(all, bareLinks(text)...)
}

// angle reads what stands between < and >.
func angle(inner string) (Finding, bool) {
	target, _, _ := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(target, "@"):
		return Finding{Kind: "ping", Text: "<" + inner + ">"}, true
	case strings.HasPrefix(target, "!date^"):
		return Finding{}, false
	case strings.HasPrefix(target, "!"):
		return Finding{Kind: "ping", Text: "<" + inner + ">"}, true
	case strings.HasPrefix(target, "mailto:"), strings.HasPrefix(target, "tel:"):
		return Finding{Kind: "link", Text: target}, true
	}
	return Finding{}, false // web addresses are found as bare links
}

// bareLinks finds addresses that clients link by themselves.
func bareLinks(text string) []Finding {
	var all []Finding
	for i := 0; i < len(text); {
		start := schemeAt(text[i:])
		if start < 0 {
			break
		}
		link := text[i+start:]
		if end := strings.IndexAny(link, " \t\n<>|)\"'`"); end >= 0 {
			link = link[:end]
		}
		all = append(all, Finding{Kind: "link", Text: link})
		i += start + len(link)
	}
	return all
}

// schemeAt returns where the first address starts, or -1.
func schemeAt(text string) int {
	for i := 0; i < len(text); i++ {
		for _, scheme := range []string{"http://", "https://", "ftp://"} {
			if len(text)-i >= len(scheme) && strings.EqualFold(text[i:i+len(scheme)], scheme) {
				return i
			}
		}
	}
	return -1
}

// bareNames finds @here and its like, for calls with link_names.
func bareNames(text string) []Finding {
	var all []Finding
	for word := range strings.FieldsSeq(text) {
		if strings.HasPrefix(word, "@") && len(word) > 1 {
			all = append(all, Finding{Kind: "ping", Text: word})
		}
	}
	return all
}

// Unfurling returns the app's standing messages whose links or media Slack
// would show a preview of: those with a link that were not posted with both
// unfurl_links and unfurl_media set to false. A streamed or updated message
// has no such switch and unfurls nothing.
func (ws *Workspace) Unfurling() []*Message {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	var all []*Message
	for _, ch := range ws.channelOrder {
		for _, m := range ch.messages {
			off := m.UnfurlLinks != nil && !*m.UnfurlLinks && m.UnfurlMedia != nil && !*m.UnfurlMedia
			if m.BotID != ws.BotID || m.Deleted || m.Stream != nil || off {
				continue
			}
			if hasLink(m) {
				all = append(all, m.clone())
			}
		}
	}
	return all
}

func hasLink(m *Message) bool {
	found := scanCall(Call{Args: map[string]string{"text": m.Text, "blocks": string(mustJSON(m.Blocks))}})
	for _, f := range found {
		if f.Kind == "link" {
			return true
		}
	}
	return false
}
