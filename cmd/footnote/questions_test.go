package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"footnote/bot"
	"footnote/bot/ledger"
)

// askings FILE makes a ledger of five questions: answered, given up twice,
// deleted, waiting.
func makeLedger(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(fillLedger(filepath.Clean(ts.MkAbs(args[0]))))
}

func fillLedger(path string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l, err := ledger.Open(ctx, "sqlite:"+path, ledger.Options{})
	if err != nil {
		return err
	}
	defer closing(l, &err)
	put := func(n int, text string) ledger.Key {
		key := ledger.Key{Team: "T1", Channel: "C1", TS: fmt.Sprintf("175000000%d.000100", n)}
		_, _, e := l.Put(ctx, ledger.Question{Key: key, Text: text, Asker: "U1", Surface: "mention"})
		err = errors.Join(err, e)
		return key
	}
	put(1, "How many models were released?")
	put(2, "What went\nwrong \x1b[31mhere\u202e?")
	put(3, "And what there?")
	deleted := put(4, "Never mind?")
	if _, e := l.Withdraw(ctx, deleted); e != nil {
		return e
	}
	if e := l.Work(ctx, 1, answerOrFail); e != nil {
		return e
	}
	for {
		s, e := l.Stats(ctx)
		if e != nil {
			return e
		}
		if s.Depth+s.Running == 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if e := l.Stop(ctx); e != nil {
		return e
	}
	put(5, "Will this be answered, and if so, when, by whom and with what?")
	return err
}

// answerOrFail answers the first question and gives the others up.
func answerOrFail(ctx context.Context, c *ledger.Claim) error {
	if c.ID > 1 {
		return ledger.Permanent(errors.New("Slack says \x1b]0;channel_not_found"))
	}
	if _, err := c.Save(ctx, ledger.Answer{Text: "238 models [1].", Outcome: bot.Answered, Mode: bot.ModeQuote}); err != nil {
		return err
	}
	return c.Finish(ctx)
}

func TestAgeIsInItsLargestUnit(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 59 * time.Second: "59s", time.Minute: "1m", 119 * time.Minute: "1h",
		47 * time.Hour: "47h", 49 * time.Hour: "2d",
	} {
		if got := age(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}
