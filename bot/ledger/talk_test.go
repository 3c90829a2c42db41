package ledger

import (
	"errors"
	"testing"
	"time"
)

func TestTalkKeepsTheLatestTimestamp(t *testing.T) {
	l := open(t, Options{})
	put(t, l, inThread(1, "9.9"))
	note := func(thread, ts string) {
		t.Helper()
		check(t, l.NoteTalk(t.Context(), "T1", "C1", thread, ts))
	}
	at := func(thread string) string {
		t.Helper()
		ts, err := l.TalkAt(t.Context(), "T1", "C1", thread)
		check(t, err)
		return ts
	}
	if got := at("9.9"); got != "" {
		t.Errorf("talk at %q before anybody spoke", got)
	}
	// As text, 999999999.5 would be the latest.
	for _, ts := range []string{"999999999.5", "1750000001.000200", "1750000001.000100"} {
		note("9.9", ts)
	}
	if got := at("9.9"); got != "1750000001.000200" {
		t.Errorf("talk at %q", got)
	}
	note("8.8", "1750000001.000100")
	if got := at("8.8"); got != "" {
		t.Errorf("a thread without a question has talk at %q", got)
	}
	for name, c := range map[string][2]string{
		"no timestamp":       {"9.9", "yesterday"},
		"an empty timestamp": {"9.9", ""},
		"an empty thread":    {"", "1.1"},
		"a thread in pieces": {"9\n9", "1.1"},
	} {
		if err := l.NoteTalk(t.Context(), "T1", "C1", c[0], c[1]); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTalkIsPrunedWithItsThread(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	answered(t, l, inThread(1, "9.9"), "77.1")
	check(t, l.NoteTalk(t.Context(), "T1", "C1", "9.9", "1750000001.000100"))
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{time.Hour, "1750000001.000100"}, {keyKept, ""}} {
		clock.advance(c.after)
		_, err := l.Prune(t.Context(), 0)
		check(t, err)
		if got, err := l.TalkAt(t.Context(), "T1", "C1", "9.9"); err != nil || got != c.want {
			t.Errorf("after %s: %q, %v", c.after, got, err)
		}
	}
}

func TestConversationIsTheChannelSinceATime(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	answered(t, l, message(1), "77.1")
	clock.advance(time.Hour)
	since := clock.now()
	second, _ := answered(t, l, message(2), "77.2")
	deleted := put(t, l, message(3))
	_, err := l.Withdraw(t.Context(), message(3).Key)
	check(t, err)
	elsewhere := message(4)
	elsewhere.Channel = "C2"
	put(t, l, elsewhere)
	last := put(t, l, inThread(5, "9.9"))

	turns, err := l.Conversation(t.Context(), "T1", "C1", since, 0, 0)
	check(t, err)
	if len(turns) != 2 || turns[0].ID != second || turns[0].Answer == nil || turns[1].ID != last || turns[1].Answer != nil {
		t.Errorf("%+v (deleted is %d)", turns, deleted)
	}
	if turns, err := l.Conversation(t.Context(), "T1", "C1", time.Time{}, 0, 1); err != nil || len(turns) != 1 || turns[0].ID != last {
		t.Errorf("%+v, %v", turns, err)
	}
	if turns, err := l.Conversation(t.Context(), "T1", "C1", time.Time{}, 0, 0); err != nil || len(turns) != 3 {
		t.Errorf("%+v, %v", turns, err)
	}
}

func TestRecentIsNewestFirst(t *testing.T) {
	l := open(t, Options{})
	first, _ := answered(t, l, message(1), "77.1")
	second := put(t, l, message(2))
	if _, err := l.Withdraw(t.Context(), message(2).Key); err != nil {
		t.Fatal(err)
	}
	turns, err := l.Recent(t.Context(), 5)
	check(t, err)
	if len(turns) != 2 || turns[0].ID != second || turns[0].State != Withdrawn || turns[1].ID != first || turns[1].Answer == nil {
		t.Errorf("%+v", turns)
	}
	if turns, err := l.Recent(t.Context(), 1); err != nil || len(turns) != 1 {
		t.Errorf("%+v, %v", turns, err)
	}
}
