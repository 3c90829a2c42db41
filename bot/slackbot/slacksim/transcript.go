package slacksim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Transcript prints every conversation as a person would read it: who said
// what, threads below their parents, blocks and buttons compactly, what was
// edited, deleted or shown to one person alone, and the modals and Home tabs.
// It names people and channels, never IDs or times, so that it is the same in
// every run; the app's secrets are blotted out.
func (ws *Workspace) Transcript() string {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	var t transcript
	t.ws = ws
	for _, ch := range ws.channelOrder {
		t.channel(ch)
	}
	t.allViews()
	return ws.blot(t.String())
}

// Transcript prints this conversation alone.
func (ch *Channel) Transcript() string {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	t := transcript{ws: ch.ws}
	t.channel(ch)
	return ch.ws.blot(t.String())
}

// blot hides secrets.
func (ws *Workspace) blot(s string) string {
	return strings.NewReplacer(ws.opts.BotToken, "[secret]", ws.opts.AppToken, "[secret]", ws.opts.SigningSecret, "[secret]").Replace(s)
}

// Render prints a message as the transcript does, by lines.
func (ws *Workspace) Render(m *Message) []string {
	return ws.lines(func(t *transcript) { t.entry(entry{message: m}, "") })
}

// RenderView prints a modal or a Home tab as the transcript does, by lines.
func (ws *Workspace) RenderView(v *View) []string {
	return ws.lines(func(t *transcript) { t.view(v) })
}

func (ws *Workspace) lines(print func(*transcript)) []string {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	t := transcript{ws: ws}
	print(&t)
	return strings.Split(strings.TrimSuffix(ws.blot(t.String()), "\n"), "\n")
}

type transcript struct {
	strings.Builder
	ws *Workspace
}

// An entry is one thing of a conversation, in its place.
type entry struct {
	seq     int
	message *Message
	note    string
}

func (t *transcript) channel(ch *Channel) {
	top := t.entries(ch, "")
	if len(top) == 0 {
		return
	}
	if t.Len() > 0 {
		t.WriteByte('\n')
	}
	fmt.Fprintf(t, "== %s ==\n", t.channelName(ch))
	for _, e := range top {
		t.entry(e, "")
		if e.message == nil || e.message.IsReply() || e.message.EphemeralTo != "" {
			continue
		}
		for _, r := range t.entries(ch, e.message.TS) {
			t.entry(r, "    ")
		}
	}
}

func (t *transcript) channelName(ch *Channel) string {
	switch ch.Kind {
	case IM:
		return "direct message with " + t.userName(ch.partner())
	case MPIM:
		return "group message " + ch.Name
	case Private:
		return "#" + ch.Name + " (private)"
	}
	if len(ch.SharedWith) > 0 {
		return "#" + ch.Name + " (shared)"
	}
	return "#" + ch.Name
}

// entries lists what stands in a thread, or with no thread in the channel, in
// the order it happened.
func (t *transcript) entries(ch *Channel, threadTS string) []entry {
	var all []entry
	for _, list := range [][]*Message{ch.messages, ch.ephemerals} {
		for _, m := range list {
			in := m.ThreadTS
			if in == m.TS {
				in = ""
			}
			if in == threadTS {
				all = append(all, entry{seq: m.seq, message: m})
			}
		}
	}
	for _, n := range ch.notes {
		if n.threadTS == threadTS {
			all = append(all, entry{seq: n.seq, note: n.text})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.seq, b.seq) })
	return all
}

func (t *transcript) entry(e entry, indent string) {
	if e.message == nil {
		fmt.Fprintf(t, "%s* %s\n", indent, t.names(e.note))
		return
	}
	m := e.message
	fmt.Fprintf(t, "%s%s%s:", indent, t.author(m), t.marks(m))
	body := indent + "  "
	t.text(m, body)
	if m.BotID == t.ws.BotID { // what people's clients send repeats the text
		for _, b := range m.Blocks {
			t.block(b, body)
		}
	}
	if m.Stream != nil {
		for _, task := range m.Stream.Tasks {
			fmt.Fprintf(t, "%s[task] %s (%s)\n", body, task.Title, task.Status)
		}
	}
	for _, f := range m.Files {
		if f.Deleted {
			fmt.Fprintf(t, "%s[file deleted]\n", body)
			continue
		}
		fmt.Fprintf(t, "%s[file] %s\n", body, f.Name)
	}
	for _, r := range m.Reactions {
		fmt.Fprintf(t, "%s:%s: %s\n", body, r.Name, strings.Join(t.userNames(r.Users), ", "))
	}
}

// text prints a message's text, unless its blocks say the same.
func (t *transcript) text(m *Message, body string) {
	if m.Text == "" || len(m.Blocks) == 1 && m.Blocks[0]["type"] == "markdown" && m.Blocks[0]["text"] == m.Text {
		t.WriteByte('\n')
		return
	}
	lines := strings.Split(t.names(m.Text), "\n")
	fmt.Fprintf(t, " %s\n", lines[0])
	for _, l := range lines[1:] {
		t.line(body, l)
	}
}

func (t *transcript) line(indent, s string) {
	t.WriteString(strings.TrimRight(indent+s, " ") + "\n")
}

func (t *transcript) author(m *Message) string {
	if m.Username != "" {
		return m.Username
	}
	return t.userName(m.User)
}

// marks tells what happened to a message.
func (t *transcript) marks(m *Message) string {
	var marks []string
	if m.EphemeralTo != "" {
		marks = append(marks, "only "+t.userName(m.EphemeralTo)+" sees this")
	}
	if s := m.Stream; s != nil {
		marks = append(marks, streamMark(s, t.ws))
	}
	if m.Broadcast {
		marks = append(marks, "also sent to the channel")
	}
	switch {
	case m.Edits > 0 && m.BotID == t.ws.BotID: // an app's updates follow its pace
		marks = append(marks, "edited")
	case m.Edits > 0:
		marks = append(marks, times("edited", m.Edits))
	}
	if m.Deleted {
		marks = append(marks, "deleted")
	}
	if marks == nil {
		return ""
	}
	return " (" + strings.Join(marks, ", ") + ")"
}

func streamMark(s *Stream, ws *Workspace) string {
	mark := fmt.Sprintf("streamed, %d appends", s.Appends)
	if s.Appends == 1 {
		mark = "streamed, 1 append"
	}
	switch s.state(ws) {
	case Streaming:
		return mark + ", unfinished"
	case StoppedByUser:
		return mark + ", stopped by the reader"
	case Expired:
		return mark + ", expired"
	}
	return mark
}

func times(what string, n int) string {
	if n == 1 {
		return what
	}
	return fmt.Sprintf("%s ×%d", what, n)
}

func (t *transcript) userName(id string) string {
	if u := t.ws.users[id]; u != nil {
		return u.Name
	}
	if id == "" {
		return "(nobody)"
	}
	return id
}

func (t *transcript) userNames(ids []string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = t.userName(id)
	}
	return names
}

// names puts names in place of mentions.
func (t *transcript) names(text string) string {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "<")
		inner, after, closed := strings.Cut(rest, ">")
		if !open || !closed {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		id, _, _ := strings.Cut(strings.TrimLeft(inner, "@#"), "|")
		ch := t.ws.channels[id]
		switch {
		case strings.HasPrefix(inner, "@") && t.ws.users[id] != nil:
			b.WriteString("@" + t.ws.users[id].Name)
		case strings.HasPrefix(inner, "#") && ch != nil:
			b.WriteString("#" + ch.Name)
		default:
			b.WriteString("<" + inner + ">")
		}
		text = after
	}
}
