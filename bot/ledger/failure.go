package ledger

import (
	"math/rand/v2"
	"strings"
	"time"
)

// backoff is the pause after the attempt of the given number, from 1.
func (l *Ledger) backoff(attempt int) time.Duration {
	d := l.options.BackoffMax
	if doublings := attempt - 1; doublings < 30 {
		d = min(d, l.options.BackoffBase<<doublings)
	}
	return d - time.Duration(rand.Int64N(int64(d)/2+1))
}

// outagePause is the pause after an attempt that failed for an outage that has
// lasted so long: the longer, the longer.
func (l *Ledger) outagePause(lasted time.Duration) time.Duration {
	d := min(max(lasted/2, l.options.BackoffBase), l.options.BackoffMax)
	return d - time.Duration(rand.Int64N(int64(d)/2+1))
}

// maxProblem is how many bytes of an error are kept.
const maxProblem = 500

// describe is an error as it is kept: without the question, tokens and keys.
func (c *Claim) describe(err error) string {
	s := clean(err.Error())
	if len(c.Text) > 3 {
		s = strings.ReplaceAll(s, c.Text, "[question]")
	}
	return problemOf(s)
}

// problemOf is clean text as a problem that is kept: short, without credentials.
func problemOf(s string) string {
	s = redact(s)
	if len(s) > maxProblem {
		s = strings.ToValidUTF8(s[:maxProblem], "") + "…"
	}
	return s
}

// redact blanks out what looks like a credential, word by word.
func redact(s string) string {
	var b strings.Builder
	for s != "" {
		end := strings.IndexAny(s, " \t\n\r\"'`=,;<>()[]{}&?")
		word := s
		if end >= 0 {
			word = s[:end]
		}
		if secret(word) {
			b.WriteString("[redacted]")
		} else {
			b.WriteString(word)
		}
		if end < 0 {
			break
		}
		b.WriteByte(s[end])
		s = s[end+1:]
	}
	return b.String()
}

// secret knows Slack's and OpenAI's tokens, and addresses with a password.
func secret(word string) bool {
	for _, mark := range []string{"xoxb-", "xoxp-", "xoxa-", "xoxe-", "xoxe.", "xoxs-", "xapp-", "sk-"} {
		if i := strings.Index(word, mark); i >= 0 && (i == 0 || !isLetter(word[i-1])) && len(word)-i > len(mark)+4 {
			return true
		}
	}
	_, rest, found := strings.Cut(word, "://")
	if !found {
		return strings.Contains(word, "hooks.slack.com/")
	}
	authority, _, _ := strings.Cut(rest, "/")
	return strings.Contains(authority, "@") || strings.HasPrefix(authority, "hooks.slack.com")
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
