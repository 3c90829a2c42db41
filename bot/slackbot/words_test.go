package slackbot

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"footnote/bot"
)

func TestTheWaitIsRoundedUp(t *testing.T) {
	cases := map[time.Duration][2]string{
		0:                               {"in a moment", "稍后"},
		1500 * time.Millisecond:         {"in about 10 seconds", "约10秒后"},
		50 * time.Second:                {"in about 50 seconds", "约50秒后"},
		55 * time.Second:                {"in about 1 minute", "约1分钟后"},
		3*time.Minute + time.Nanosecond: {"in about 4 minutes", "约4分钟后"},
		2*time.Hour + time.Minute:       {"in about 3 hours", "约3小时后"},
	}
	for wait, want := range cases {
		if got := inAbout(wait, false); got != want[0] {
			t.Errorf("%v: %q", wait, got)
		}
		if got := inAbout(wait, true); got != want[1] {
			t.Errorf("%v: %q", wait, got)
		}
	}
}

// Every "no" is short, in the asker's language, and says what to do.
func TestEveryNoSaysWhatToDo(t *testing.T) {
	for _, zh := range []bool{false, true} {
		said := []string{
			searchFailed(zh), notAllowed(deniedChannel, zh), notAllowed(deniedPerson, zh), notAllowed(deniedGuest, zh),
			askedTooOften(4*time.Minute, zh), cannotIdentify(zh), sourceNotKept(zh), answerNotKept(zh), firstLine(zh), onlyTheAskerStops(zh),
		}
		for _, s := range said {
			if utf8.RuneCountInString(s) > 200 || bot.InChinese(s) != zh || len(renderText(s)) != 1 {
				t.Errorf("%q", s)
			}
			if m := renderText(s)[0]; m.markdown != s || m.text != s {
				t.Errorf("%q became %q", s, m.markdown)
			}
			if next := pick(zh, "ask", "问"); s != firstLine(zh) && !strings.Contains(s, next) && !strings.Contains(s, "联系") {
				t.Errorf("%q does not say what to do", s)
			}
		}
		if s := statusReading(zh); bot.InChinese(s) != zh {
			t.Errorf("%q", s)
		}
	}
}
