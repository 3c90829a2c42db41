package slackbot

import (
	"strings"
	"testing"
	"time"

	"footnote/bot/ledger"
	"footnote/bot/slackbot/slacksim"
)

// Wherever the process is killed while it takes a report in, or has a channel
// answered from it, the report is there once and told of once.
func TestKilledWhileAReportIsTakenIn(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"claimed", "downloaded", "kept", "record.kept", "reported", "save.committed", "answered", "record.posting", "stream.stopped", "delivered"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s, kept := besiegeShelf(t)
			m := s.killed(t, point, func() *slacksim.Message {
				return s.people[0].Upload(s.ws.DM(s.people[0]), "Who cuts the hedge?", []*slacksim.File{text("minutes.md", minutes)})
			})
			ours := s.ours(m)
			if len(ours) != 1 || !strings.Contains(shownText(ours[0]), "hedge be cut twice a year") {
				t.Errorf("%d answers\n%s", len(ours), s.ws.Transcript())
			}
			if n := s.used(t, m); n != 1 || len(kept.kept()) != 1 {
				t.Errorf("used in %d places, kept %v", n, kept.kept())
			}
		})
	}
}

func TestKilledWhileAChannelIsGivenAReport(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"put.committed", "taken", "claimed", "chosen", "save.committed", "posted", "delivered"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s, _ := besiegeShelf(t)
			alice := s.people[0]
			im := s.ws.DM(alice)
			m := s.killed(t, "", func() *slacksim.Message {
				return alice.Upload(im, "", []*slacksim.File{text("minutes.md", minutes)})
			})
			s.killed(t, point, func() *slacksim.Message {
				alice.Click(s.ours(m)[0], wideAction)
				return m
			})
			told := strings.Count(s.ws.Transcript(), "[markdown] From now on")
			used := s.used(t, &slacksim.Message{Channel: m.Channel})
			// Before it is acknowledged, Slack tells the person that it failed.
			if told != used || used != 1 && point != "put.committed" && point != "taken" {
				t.Errorf("told %d times, used in %d places\n%s", told, used, s.ws.Transcript())
			}
		})
	}
}

func TestKilledWhileAReportIsForgotten(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"claimed", "deleted", "record.removed", "finish.begin"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s, _ := besiegeShelf(t)
			alice := s.people[0]
			m := s.killed(t, "", func() *slacksim.Message {
				return alice.Upload(s.ws.DM(alice), "", []*slacksim.File{text("minutes.md", minutes)})
			})
			s.killed(t, point, func() *slacksim.Message {
				alice.Delete(m)
				return m
			})
			if n := s.used(t, m); n != 0 || len(s.ours(m)) != 0 {
				t.Errorf("used in %d places\n%s", n, s.ws.Transcript())
			}
		})
	}
}

// besiegeShelf is a siege whose bot takes reports. Slack sends a press once, so
// it waits until the slowest process has started.
func besiegeShelf(t *testing.T) (*siege, *shelf) {
	t.Helper()
	kept := &shelf{folder: t.TempDir()}
	s := besiege(t, 1, 30*time.Second)
	s.library = kept.folder
	return s, kept
}

// killed has a process die at a point of what somebody does, and another one
// finish it.
func (s *siege) killed(t *testing.T, point string, do func() *slacksim.Message) *slacksim.Message {
	t.Helper()
	var m *slacksim.Message
	if point == "" {
		p := s.start("none", 1)
		m = do()
		s.ends(t, p)
		return m
	}
	p := s.start(point, 1)
	m = do()
	s.diedWithin(p.Cmd, point, 3*time.Minute)
	if s.reached[point] == 0 {
		t.Errorf("%s was never reached", point)
	}
	s.ends(t, s.start("none", 1))
	return m
}

func (s *siege) ends(t *testing.T, p besieged) {
	t.Helper()
	s.peace()
	p.stdin.Close()
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	// A press that Slack sends down the ended process's connection is lost.
	if err := s.ws.Wait(t.Context(), func() bool { return len(s.ws.Sockets()) == 0 }); err != nil {
		t.Error(err)
	}
}

// ours are the bot's messages below a message.
func (s *siege) ours(m *slacksim.Message) (ours []*slacksim.Message) {
	for _, r := range s.ws.Channel(m.Channel).Thread(m.TS) {
		if r.BotID == s.ws.BotID && !r.Deleted {
			ours = append(ours, r)
		}
	}
	return ours
}

// used is how many reports a message's thread is answered from, or with no
// message a whole channel.
func (s *siege) used(t *testing.T, m *slacksim.Message) int {
	t.Helper()
	l, err := ledger.Open(t.Context(), s.url, ledger.Options{Heartbeat: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	reports, err := l.Reports(t.Context(), s.ws.Team.ID, m.Channel, m.TS)
	if err != nil {
		t.Fatal(err)
	}
	return len(reports)
}
