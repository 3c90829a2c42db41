package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot/slackbot/slacksim"
)

// harbours is how many facts the report of these tests has. Each is a sentence
// that answers one question and no other.
const harbours = 100

func harbour(n int) (name, goods string, crates int) {
	begin := []string{"Bel", "Cor", "Dan", "Fen", "Gal", "Hes", "Jor", "Kil", "Lor", "Mar"}
	end := []string{"ada", "esk", "ilo", "onda", "umri", "avo", "ethra", "ikka", "oram", "usta"}
	kinds := []string{"copper", "salt", "timber", "coffee", "wool", "glass", "cotton"}
	n %= harbours
	return begin[n/10] + end[n%10], kinds[n%7], 1000 + 37*n
}

func factOf(n int) string {
	name, goods, crates := harbour(n)
	return fmt.Sprintf("The harbour of %s handled %d crates of %s last year.", name, crates, goods)
}

// questionAbout is question n, which is like no other, about one of the facts.
func questionAbout(n int) string {
	name, goods, _ := harbour(n)
	return fmt.Sprintf("How many crates of %s did the harbour of %s handle last year? (%d)", goods, name, harbours*100+n)
}

// harbourReport writes the report, and returns its path.
func harbourReport(t *testing.T) string {
	t.Helper()
	paragraphs := []string{"# Harbours"}
	for n := range harbours {
		paragraphs = append(paragraphs, factOf(n))
	}
	path := filepath.Join(t.TempDir(), "harbours.md")
	if err := os.WriteFile(path, []byte(strings.Join(paragraphs, "\n\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A harbourQuestion was asked in Slack.
type harbourQuestion struct {
	number      int
	channel, ts string
	thread      string
	answers     []*slacksim.Message
}

// gatherAnswers finds what stands below the questions, and returns the bot's messages
// that answer none of them.
func gatherAnswers(ws *slacksim.Workspace, questions []*harbourQuestion) (others []*slacksim.Message) {
	type place struct{ channel, ts string }
	asked, channels := map[place]*harbourQuestion{}, map[string]bool{}
	for _, q := range questions {
		q.answers = nil
		asked[place{q.channel, q.ts}], channels[q.channel] = q, true
	}
	for id := range channels {
		for _, m := range ws.Channel(id).Posts() {
			ts := ""
			if m.Metadata != nil {
				ts, _ = m.Metadata.EventPayload["question"].(string)
			}
			if q := asked[place{id, ts}]; q != nil && q.thread == m.ThreadTS {
				q.answers = append(q.answers, m)
			} else {
				others = append(others, m)
			}
		}
	}
	return others
}

// right reports whether a message says what question n asks for, with its source.
func right(m *slacksim.Message, n int) bool {
	encoded, err := json.Marshal(m.Blocks)
	shown := m.Text + string(encoded)
	return err == nil && strings.Contains(shown, factOf(n)) && strings.Contains(shown, "[1]")
}

// at is when a message was posted, by the clock of the machine.
func at(ts string) time.Time {
	var seconds, micros int64
	if _, err := fmt.Sscanf(ts, "%d.%d", &seconds, &micros); err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, micros*1000)
}

// waits are how long answered questions waited, in order of that.
func waits(questions []*harbourQuestion) []time.Duration {
	var all []time.Duration
	for _, q := range questions {
		if len(q.answers) > 0 {
			all = append(all, at(q.answers[0].TS).Sub(at(q.ts)))
		}
	}
	slices.Sort(all)
	return all
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1))].Round(10 * time.Millisecond)
}

// stall is the longest time in which no answer was posted while questions waited,
// and when it began.
func stall(questions []*harbourQuestion) (began time.Time, longest time.Duration) {
	type event struct {
		at    time.Time
		asked bool
	}
	var events []event
	for _, q := range questions {
		events = append(events, event{at(q.ts), true})
		if len(q.answers) > 0 {
			events = append(events, event{at(q.answers[0].TS), false})
		}
	}
	slices.SortFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	waiting, since := 0, time.Time{}
	for _, e := range events {
		if waiting > 0 && !e.asked {
			if lasted := e.at.Sub(since); lasted > longest {
				began, longest = since, lasted
			}
		}
		if !e.asked || waiting == 0 {
			since = e.at
		}
		if waiting--; e.asked {
			waiting += 2
		}
	}
	return began, longest
}
