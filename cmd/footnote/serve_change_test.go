package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"footnote/bot/slackbot/slacksim"
)

// gate is a document of which the tests change a number.
const gate = `# The mill at Orrest

The mill was built in 1768 by Hannah Tyson.

The sluice gate is %s metres wide.

The wheel turns nine times a minute.
`

func rewrite(t *testing.T, file, text string) {
	t.Helper()
	draft := file + ".draft"
	if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(draft, file); err != nil {
		t.Fatal(err)
	}
}

// asked has somebody ask in a channel, and returns once they have an answer.
func (s *served) asked(ws *slacksim.Workspace, u *slacksim.User, question, want string) {
	s.t.Helper()
	ch := ws.Channel("general")
	m := u.Say(ch, question)
	s.until("the answer "+want, func() bool {
		for _, r := range ch.Thread(m.TS) {
			if r.BotID == ws.BotID && strings.Contains(r.Text, want) {
				return true
			}
		}
		return false
	})
}

// A report that changes while questions are answered is answered from at once, and
// what was said of it is marked; one that is broken changes nothing; what changed
// while nobody was there is noticed at the start. No passage is embedded twice.
func TestServeNoticesThatTheReportHasChanged(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{Limits: slacksim.Limits{Off: true}})
	alice := ws.AddUser(slacksim.UserSpec{Name: "alice"})
	file := filepath.Join(t.TempDir(), "mill.md")
	rewrite(t, file, fmt.Sprintf(gate, "4.5"))
	env = append(env, "FOOTNOTE_DATA="+t.TempDir())
	s := serve(t, env, "--corpus", file)
	s.until("a socket", func() bool { code, _ := s.get("/readyz"); return code == 200 })
	s.asked(ws, alice, "How wide is the sluice gate?", "4.5 metres")

	rewrite(t, file, fmt.Sprintf(gate, "5.2"))
	s.until("the change", func() bool {
		return strings.Contains(s.said(), "the report has changed: answers are from its new version")
	})
	if !regexp.MustCompile(`passages=3 embedded=1 `).MatchString(s.said()) {
		t.Errorf("more than the changed passage was embedded:\n%s", s.said())
	}
	s.asked(ws, alice, "How wide is the sluice gate?", "5.2 metres")
	marks := func(n int) func() bool {
		return func() bool { return strings.Count(ws.Transcript(), "[context] Outdated:") == n }
	}
	s.until("a mark", marks(1))

	rewrite(t, file, "")
	s.until("a warning", func() bool { return strings.Contains(s.said(), "cannot be read: answers are from its last version") })
	if _, figures := s.get("/metrics"); !strings.Contains(figures, "footnote_corpus_unreadable 1") {
		t.Errorf("the figures do not say so:\n%s", figures)
	}
	s.asked(ws, alice, "Who built the mill?", "Hannah Tyson")
	s.cmd.Process.Signal(syscall.SIGTERM)
	if code := s.ends(); code != 0 {
		t.Errorf("exit status %d", code)
	}

	rewrite(t, file, fmt.Sprintf(gate, "6.1"))
	s = serve(t, env, "--corpus", file)
	s.until("another mark", marks(2))
	s.asked(ws, alice, "How wide is the sluice gate?", "6.1 metres")
	if strings.Contains(s.said(), "the report has changed: answers") {
		t.Errorf("what was read at the start was read again:\n%s", s.said())
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.ends()
	if d := ws.Duplicates("post"); len(d) > 0 {
		t.Errorf("posted twice: %v", d)
	}
}

// However often the report changes while it is asked about, each question gets one
// answer, from one version.
func TestTheReportChangesUnderLoad(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{Limits: slacksim.Limits{Off: true}})
	file := filepath.Join(t.TempDir(), "mill.md")
	rewrite(t, file, fmt.Sprintf(gate, "0"))
	s := serve(t, append(env, "FOOTNOTE_DATA="+t.TempDir(), "FOOTNOTE_USER_LIMIT=1000/s", "FOOTNOTE_CHANNEL_LIMIT=1000/s"), "--corpus", file)
	s.until("a socket", func() bool { code, _ := s.get("/readyz"); return code == 200 })
	const rounds, each = 4, 6
	var channels []*slacksim.Channel // the bot posts once a second in each
	for i := range each {
		channels = append(channels, ws.AddChannel(slacksim.ChannelSpec{Name: fmt.Sprint("channel", i)}))
	}
	var asked []*slacksim.Message
	answers := func(m *slacksim.Message) []*slacksim.Message { return ws.Channel(m.Channel).Thread(m.TS) }
	for n := 1; n <= rounds; n++ {
		rewrite(t, file, fmt.Sprintf(gate, fmt.Sprint(n)))
		for i := range each {
			u := ws.AddUser(slacksim.UserSpec{Name: fmt.Sprintf("u%d.%d", n, i)})
			asked = append(asked, u.Say(channels[i], "How wide is the sluice gate?"))
		}
		want := n
		s.until("the change", func() bool { return strings.Count(s.said(), "answers are from its new version") >= want })
	}
	width := regexp.MustCompile(`The sluice gate is (\d+) metres wide\. \[1\]`)
	s.until("all answers", func() bool {
		for _, m := range asked {
			if len(answers(m)) != 1 {
				return false
			}
		}
		return ws.Idle()
	})
	s.until("the work to be done", func() bool {
		_, figures := s.get("/metrics")
		return strings.Contains(figures, "footnote_queue_depth 0") && strings.Contains(figures, "footnote_questions_running 0")
	})
	for _, m := range asked {
		if r := answers(m)[0]; !width.MatchString(r.Text) {
			t.Errorf("%s", r.Text)
		}
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.ends()
	if d := ws.Duplicates("post"); len(d) > 0 {
		t.Errorf("posted twice: %v", d)
	}
	for _, bad := range []string{"panic", "ERROR"} {
		if strings.Contains(s.said(), bad) {
			t.Errorf("the log has a %s:\n%s", bad, s.said())
		}
	}
}
