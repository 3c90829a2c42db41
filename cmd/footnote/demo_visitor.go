package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"footnote/bot/slackbot/slacksim"
)

// A visitor is whoever sits at the demo's terminal: one person of the workspace
// at a time, in one place of it.
type visitor struct {
	*display
	people  []*slacksim.User
	general *slacksim.Channel
	where   *slacksim.Channel
	thread  string                               // "" for the conversation itself
	last    map[*slacksim.User]*slacksim.Message // what each wrote last
	filled  map[string]string                    // the inputs of the open window, by label
	// underway counts what the app has yet to acknowledge.
	underway atomic.Int32
}

func newVisitor(ws *slacksim.Workspace, out *screen) *visitor {
	v := &visitor{display: newDisplay(ws, out), general: ws.Channel("general"),
		last: map[*slacksim.User]*slacksim.Message{}, filled: map[string]string{}}
	v.person("guest", slacksim.Guest)
	v.become(v.person("alice", slacksim.Member))
	return v
}

// person finds somebody, or brings them into the workspace.
func (v *visitor) person(name string, kind slacksim.UserKind) *slacksim.User {
	for _, u := range v.people {
		if strings.EqualFold(u.Name, name) {
			return u
		}
	}
	u := v.ws.AddUser(slacksim.UserSpec{Name: name, Kind: kind})
	v.people, v.names[u.ID] = append(v.people, u), u.Name
	return u
}

func (v *visitor) become(u *slacksim.User) {
	v.me, v.where, v.thread = u, v.general, ""
	v.places = []*slacksim.Channel{v.general, v.ws.DM(u)}
}

func (v *visitor) greet() {
	v.print(v.out.dim(wrap("This is Slack, played in your terminal. You are alice, in #general, and Footnote is there. Ask it about the report; :help lists what else you can do, :quit ends.", v.out.width, "")) + "\n")
}

// prompt says who writes where.
func (v *visitor) prompt() {
	where := " in #" + v.general.Name
	if v.where != v.general {
		where = " to " + botName
	}
	if v.thread != "" {
		where += ", thread"
	}
	v.print("\n" + v.out.bold(v.me.Name+where+" › "))
}

// take does what a line says, and reports whether the visit is over.
func (v *visitor) take(text string) (over bool) {
	name, argument, _ := strings.Cut(text, " ")
	argument = strings.TrimSpace(argument)
	switch {
	case text == "":
		return false
	case slices.Contains([]string{":quit", ":q", ":exit"}, text):
		return true
	case strings.HasPrefix(text, ":"):
		v.command(name, argument)
	case strings.HasPrefix(text, "/"):
		v.narrate(v.me.Name + " types " + text)
		v.await(v.me.Command(v.where, name, argument))
	default:
		v.ask(text)
	}
	return false
}

const demoHelp = `A plain line is said to Footnote, with a mention where it needs one. What else
a person can do:
  :1 (or :2 …)          press the button, or open the source, numbered so
  :press NAME           press the last button whose name begins so
  :thread, :channel     go into the thread of what you wrote last, or out of it
  :dm                   go to the direct message with Footnote, which suggests questions
  :say TEXT             write without a mention
  :edit TEXT, :delete   change or delete what you wrote last
  :upload FILE [TEXT]   hand Footnote a file, with a question about it or without
  :stop                 press Slack's stop button while an answer is written
  /footnote QUESTION    use the slash command
  :shortcut             use the message shortcut on what was written last
  :home                 open Footnote's Home tab
  :fill LABEL VALUE     fill in a window's input; :submit sends it, :close closes it
  :as NAME              be somebody else: bob, say, or guest
  :transcript           everything so far, as text
  :quit                 end the demo
`

// command does what begins with a colon.
func (v *visitor) command(name, argument string) {
	commands := map[string]func(string){
		":help":       func(string) { v.print(demoHelp) },
		":as":         v.as,
		":thread":     v.goThread,
		":channel":    func(text string) { v.goTo(v.general, "", text) },
		":dm":         v.direct,
		":say":        v.say,
		":edit":       v.edit,
		":delete":     func(string) { v.delete() },
		":press":      v.pressNamed,
		":upload":     v.upload,
		":stop":       func(string) { v.stop() },
		":shortcut":   func(string) { v.shortcut() },
		":home":       func(string) { v.home() },
		":fill":       v.fill,
		":submit":     func(string) { v.submit() },
		":close":      func(string) { v.dismiss() },
		":transcript": func(string) { v.print(v.ws.Transcript()) },
	}
	if do := commands[name]; do != nil {
		do(argument)
		return
	}
	if b := v.button(name[1:]); b != nil {
		v.press(*b)
		return
	}
	v.print(clean(fmt.Sprintf("There is no command or button %s.\n%s", oneLine(name), demoHelp)))
}

func (v *visitor) as(name string) {
	if name = strings.TrimPrefix(oneLine(name), "@"); !nameForm.MatchString(name) || strings.EqualFold(name, botName) {
		v.print("Name somebody, such as :as bob.\n")
		return
	}
	v.become(v.person(strings.ToLower(name), slacksim.Member))
	v.narrate("you are " + v.me.Name + " now")
}

var nameForm = regexp.MustCompile(`^[\pL\pN._-]{1,20}$`)

// goTo changes the place, and says there what follows the command.
func (v *visitor) goTo(where *slacksim.Channel, thread, text string) {
	v.where, v.thread = where, thread
	if text != "" {
		v.ask(text)
	}
}

// goThread goes into the thread of what the visitor wrote last, or else of what
// was written here last.
func (v *visitor) goThread(text string) {
	m := v.last[v.me]
	if all := v.where.Messages(); m == nil && len(all) > 0 {
		m = all[len(all)-1]
	}
	if m == nil {
		v.print("There is nothing here yet that has a thread.\n")
		return
	}
	v.goTo(v.ws.Channel(m.Channel), firstOf(m.ThreadTS, m.TS), text)
}

// ask says something to the bot: in a channel that takes a mention.
func (v *visitor) ask(text string) {
	stored := v.stored(text)
	if v.where == v.general && v.thread == "" && !strings.Contains(stored, v.ws.Bot.Mention()) {
		stored = v.ws.Bot.Mention() + " " + stored
	}
	v.post(stored)
}

func (v *visitor) say(text string) {
	if text == "" {
		v.print("Say something, such as :say Good morning.\n")
		return
	}
	v.post(v.stored(text))
}

func (v *visitor) post(stored string, options ...slacksim.PostOption) {
	if v.thread != "" {
		options = append(options, slacksim.InThread(v.thread))
	}
	v.last[v.me] = v.me.Post(v.where, stored, options...)
}

var namePattern = regexp.MustCompile(`@[\pL\pN._-]+`)

// stored is a text as Slack keeps it: names are mentions.
func (v *visitor) stored(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return namePattern.ReplaceAllStringFunc(text, func(name string) string {
		for _, u := range append(v.people, v.ws.Bot) {
			if strings.EqualFold(name[1:], u.Name) {
				return u.Mention()
			}
		}
		return name
	})
}

// standing is what the visitor wrote last, if it still stands.
func (v *visitor) standing() *slacksim.Message {
	if m := v.last[v.me]; m != nil && v.ws.Channel(m.Channel).Message(m.TS) != nil {
		return m
	}
	v.print("You have written nothing that stands.\n")
	return nil
}

func (v *visitor) edit(text string) {
	m := v.standing()
	if m == nil {
		return
	}
	stored := v.stored(text)
	if mention := v.ws.Bot.Mention(); strings.HasPrefix(m.Text, mention) && !strings.Contains(stored, mention) {
		stored = mention + " " + stored
	}
	v.me.Edit(m, stored)
}

func (v *visitor) delete() {
	if m := v.standing(); m != nil {
		v.me.Delete(m)
		if v.thread == m.TS {
			v.thread = ""
		}
	}
}

// mostUpload is the largest file that is read.
const mostUpload = 32 << 20

func (v *visitor) upload(argument string) {
	path, text := argument, ""
	if _, err := os.Stat(path); err != nil {
		path, text, _ = strings.Cut(argument, " ")
	}
	info, err := os.Stat(path)
	switch {
	case path == "":
		v.print("Name a file, such as :upload minutes.md.\n")
		return
	case err == nil && (info.IsDir() || info.Size() > mostUpload):
		v.print(clean(path) + " is no file, or too large.\n")
		return
	}
	content, err := os.ReadFile(path)
	if err != nil {
		v.print(clean(err.Error()) + "\n")
		return
	}
	if v.where == v.general && v.thread == "" {
		text = "@" + botName + " " + text
	}
	f := slacksim.File{Name: filepath.Base(path), Mimetype: mimeOf(path), Content: content}
	v.post(v.stored(strings.TrimSpace(text)), slacksim.WithFile(f))
}

// mimeOf names a file's type as Slack does, by its ending.
func mimeOf(path string) string {
	known := map[string]string{
		".md": "text/markdown", ".markdown": "text/markdown", ".txt": "text/plain", ".text": "text/plain", ".pdf": "application/pdf",
		".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	}[strings.ToLower(filepath.Ext(path))]
	if known == "" {
		return "application/octet-stream"
	}
	return known
}
