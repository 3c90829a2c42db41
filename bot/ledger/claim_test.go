package ledger

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"footnote/bot"
)

func inThread(n int, ts string) Question {
	q := message(n)
	q.ThreadTS = ts
	return q
}

func noClaim(t *testing.T, l *Ledger, id int64) {
	t.Helper()
	if c, err := l.claim(t.Context(), id); c != nil || err != nil {
		t.Fatalf("claim(%d) = %v, %v", id, c, err)
	}
}

func TestAQuestionHasOneHolder(t *testing.T) {
	l := open(t, Options{})
	id := put(t, l, message(1))
	c := mustClaim(t, l, id)
	if c.State != Working || c.Attempts != 1 || get(t, l, id).State != Working {
		t.Errorf("%+v", c.Entry)
	}
	noClaim(t, l, id)
	check(t, c.Finish(t.Context()))
	noClaim(t, l, id)
	noClaim(t, l, 12345)
	if e := get(t, l, id); e.State != Answered {
		t.Errorf("%+v", e)
	}
}

func TestAThreadIsWorkedInOrder(t *testing.T) {
	l := open(t, Options{})
	first, second := put(t, l, inThread(1, "9.9")), put(t, l, inThread(2, "9.9"))
	other := put(t, l, inThread(3, "8.8"))
	noClaim(t, l, second)
	c := mustClaim(t, l, first)
	noClaim(t, l, second)
	check(t, mustClaim(t, l, other).Finish(t.Context()))
	check(t, c.Finish(t.Context()))
	check(t, mustClaim(t, l, second).Finish(t.Context()))
}

func TestFinishEnqueuesTheNextOfTheThread(t *testing.T) {
	l := open(t, Options{})
	first, second := put(t, l, inThread(1, "9.9")), put(t, l, inThread(2, "9.9"))
	jobs := func() (n int) {
		check(t, l.db.QueryRow(l.dialect.bind(`SELECT COUNT(*) FROM river_job WHERE CAST(args ->> 'question' AS BIGINT) = ?`), second).Scan(&n))
		return n
	}
	before := jobs()
	check(t, mustClaim(t, l, first).Finish(t.Context()))
	if jobs() != before+1 {
		t.Errorf("%d jobs, then %d", before, jobs())
	}
}

func TestALapsedLeaseIsTakenOverAndTheStaleWorkerRefused(t *testing.T) {
	clock := newFakeClock()
	url := address(t)
	old, other := openAt(t, url, clock.options()), openAt(t, url, clock.options())
	id := put(t, old, message(1))
	stale := mustClaim(t, old, id)
	check(t, stale.Record(t.Context(), Step{Kind: StepPosting, Purpose: "answer"}))
	stopped := make(chan error, 1)
	stale.cancel = func(cause error) {
		select {
		case stopped <- cause:
		default:
		}
	}

	clock.advance(5 * time.Second)
	noClaim(t, other, id)
	check(t, old.beat(t.Context(), []*Claim{stale}))
	clock.advance(5 * time.Second)
	noClaim(t, other, id)
	clock.advance(time.Second)
	taken := mustClaim(t, other, id)
	if taken.Token() <= stale.Token() || taken.Attempts != 2 || len(taken.Steps) != 1 {
		t.Errorf("token %d after %d, %+v", taken.Token(), stale.Token(), taken)
	}
	ctx := t.Context()
	for name, write := range map[string]func() error{
		"Record":  func() error { return stale.Record(ctx, Step{Kind: StepPosted}) },
		"Save":    func() error { _, err := stale.Save(ctx, Answer{}); return err },
		"Finish":  func() error { return stale.Finish(ctx) },
		"fail":    func() error { return stale.fail(ctx, errors.New("x")) },
		"release": func() error { return stale.release(ctx) },
	} {
		if err := write(); !errors.Is(err, ErrLeaseLost) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if cause := <-stopped; !errors.Is(cause, ErrLeaseLost) {
		t.Errorf("ended with %v", cause)
	}
	check(t, old.beat(ctx, []*Claim{stale}))
	if cause := <-stopped; !errors.Is(cause, ErrLeaseLost) {
		t.Errorf("ended with %v", cause)
	}
	check(t, taken.Finish(ctx))
}

func TestTokensGrowOverPruningAndAClockSetBack(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	id := put(t, l, message(1))
	c := mustClaim(t, l, id)
	check(t, c.release(t.Context()))
	clock.advance(-time.Hour)
	next := mustClaim(t, l, id)
	if next.Token() <= c.Token() {
		t.Errorf("%d after %d", next.Token(), c.Token())
	}
	check(t, next.Finish(t.Context()))
	clock.advance(100 * 24 * time.Hour)
	_, err := l.Prune(t.Context(), 0)
	check(t, err)
	again := mustClaim(t, l, put(t, l, message(1)))
	if again.Token() <= next.Token() {
		t.Errorf("%d after %d", again.Token(), next.Token())
	}
}

func TestStepsAreRecordedOnce(t *testing.T) {
	l := open(t, Options{})
	id := put(t, l, message(1))
	c := mustClaim(t, l, id)
	for range 3 {
		check(t, c.Record(t.Context(), Step{Kind: StepStream, Channel: "C1", TS: "7.1"}))
		check(t, c.Record(t.Context(), Step{Kind: StepSentence, Number: 1, Text: "One.\x00"}))
		check(t, c.Record(t.Context(), Step{Kind: StepSentence, Number: 2, Text: "Two."}))
	}
	if err := c.Record(t.Context(), Step{}); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
	check(t, c.release(t.Context()))
	steps := mustClaim(t, l, id).Steps
	if len(steps) != 3 || steps[0].TS != "7.1" || steps[1].Text != "One.\uFFFD" || steps[2].Number != 2 || steps[2].Revision != 1 {
		t.Errorf("%+v", steps)
	}
}

func TestAnEditSupersedesTheWorkAndKeepsItsSteps(t *testing.T) {
	l := open(t, Options{})
	id := put(t, l, message(1))
	c := mustClaim(t, l, id)
	_, err := l.db.Exec(`UPDATE question SET attempts = 5`)
	check(t, err)
	edit := message(1)
	edit.Text, edit.EditTS = "another question", "1750000100.000000"
	put(t, l, edit)

	check(t, c.Record(t.Context(), Step{Kind: StepPosted, Purpose: "answer", Channel: "C1", TS: "7.1"}))
	if _, err := c.Save(t.Context(), Answer{Text: "to the old one"}); !errors.Is(err, ErrSuperseded) {
		t.Error(err)
	}
	if err := c.Finish(t.Context()); !errors.Is(err, ErrSuperseded) {
		t.Error(err)
	}
	noClaim(t, l, id)
	check(t, c.fail(t.Context(), ErrSuperseded))
	c = mustClaim(t, l, id)
	if c.Text != "another question" || c.Revision != 2 || c.Attempts != 1 || len(c.Steps) != 1 || c.Steps[0].Revision != 1 {
		t.Errorf("%+v", c)
	}
}

func sampleAnswer() Answer {
	return AnswerOf(bot.Answer{
		Text: "Because [1].", Outcome: bot.Answered, Mode: bot.ModeQuote, Confidence: 0.75, Notice: "n", UnderstoodAs: "u",
		Citations: []bot.Citation{{Marker: 1, Document: "report.txt", Paragraph: 18, Quote: "Because", Start: 5, End: 12}},
		Headings:  []string{"One"}, Model: "m", Timings: bot.Timings{Total: 1.5},
	}, "hash")
}

func TestASavedAnswerIsThereForTheNextWorker(t *testing.T) {
	l := open(t, Options{})
	id := put(t, l, message(1))
	c := mustClaim(t, l, id)
	want := sampleAnswer()
	want.PromptTokens, want.CompletionTokens, want.Refused = 100, 20, true
	saved, err := c.Save(t.Context(), want)
	check(t, err)
	check(t, c.release(t.Context()))
	got := mustClaim(t, l, id).Answer
	if got == nil || got.ID == 0 || !reflect.DeepEqual(*got, saved) || got.Citations[0].Paragraph != 18 || got.Timings.Total != 1.5 {
		t.Errorf("got  %+v\nwant %+v", got, saved)
	}
}

func TestFailuresBackOffAndEndInTheDeadLetters(t *testing.T) {
	clock := newFakeClock()
	o := clock.options()
	o.MaxAttempts, o.BackoffBase, o.BackoffMax = 4, 8*time.Second, 20*time.Second
	l := open(t, o)
	id := put(t, l, message(1))
	cause := errors.New(`slack: "invalid_auth" with xoxb-12345-CANARY for question 1`)
	for attempt, bounds := range [][2]time.Duration{{4 * time.Second, 8 * time.Second}, {8 * time.Second, 16 * time.Second}, {10 * time.Second, 20 * time.Second}} {
		check(t, mustClaim(t, l, id).fail(t.Context(), cause))
		e := get(t, l, id)
		wait := e.DueAt.Sub(clock.now())
		if e.State != Received || e.Attempts != attempt+1 || wait < bounds[0] || wait > bounds[1] {
			t.Errorf("attempt %d: %s, %d attempts, waits %s", attempt+1, e.State, e.Attempts, wait)
		}
		noClaim(t, l, id)
		clock.advance(wait)
	}
	check(t, mustClaim(t, l, id).fail(t.Context(), cause))
	clock.advance(time.Hour)
	noClaim(t, l, id)
	failed, err := l.Failed(t.Context())
	if err != nil || len(failed) != 1 || failed[0].ID != id || failed[0].State != Failed {
		t.Fatalf("%+v, %v", failed, err)
	}
	if e := failed[0].Error; !strings.Contains(e, "invalid_auth") || strings.Contains(e, "CANARY") || strings.Contains(e, "question 1") {
		t.Errorf("kept %q", e)
	}

	check(t, l.Retry(t.Context(), id))
	if err := l.Retry(t.Context(), id); !errors.Is(err, ErrNotFailed) {
		t.Error(err)
	}
	if err := l.Retry(t.Context(), 999); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	c := mustClaim(t, l, id)
	if c.Attempts != 1 || c.Error != "" {
		t.Errorf("%+v", c.Entry)
	}
	check(t, c.Finish(t.Context()))
}

func TestAPermanentErrorIsNotTriedAgain(t *testing.T) {
	l := open(t, Options{})
	first, second := put(t, l, inThread(1, "9.9")), put(t, l, inThread(2, "9.9"))
	check(t, mustClaim(t, l, first).fail(t.Context(), Permanent(errors.New("channel_not_found"))))
	if e := get(t, l, first); e.State != Failed || e.Attempts != 1 {
		t.Errorf("%+v", e)
	}
	mustClaim(t, l, second)
}

func TestAQuestionThatKillsItsWorkersIsGivenUp(t *testing.T) {
	clock := newFakeClock()
	o := clock.options()
	o.MaxAttempts = 3
	l := open(t, o)
	id := put(t, l, message(1))
	for range 3 {
		mustClaim(t, l, id)
		clock.advance(time.Minute)
	}
	noClaim(t, l, id)
	if e := get(t, l, id); e.State != Failed || e.Error == "" {
		t.Errorf("%+v", e)
	}
}

func TestADeletionThatFailsIsADeadLetterToo(t *testing.T) {
	l := open(t, Options{})
	id := put(t, l, message(1))
	c := mustClaim(t, l, id)
	check(t, c.Record(t.Context(), Step{Kind: StepPosted, TS: "1.1", Channel: "C1"}))
	check(t, c.Finish(t.Context()))
	_, err := l.Withdraw(t.Context(), message(1).Key)
	check(t, err)
	check(t, mustClaim(t, l, id).fail(t.Context(), Permanent(errors.New("no"))))
	failed, err := l.Failed(t.Context())
	if err != nil || len(failed) != 1 || failed[0].State != Withdrawn {
		t.Fatalf("%+v, %v", failed, err)
	}
	check(t, l.Retry(t.Context(), id))
	if c := mustClaim(t, l, id); c.State != Withdrawn || len(c.Steps) != 1 {
		t.Errorf("%+v", c)
	}
}

func TestWritesEndWithTheirContext(t *testing.T) {
	l := open(t, Options{})
	c := mustClaim(t, l, put(t, l, message(1)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Record(ctx, Step{Kind: StepHeard}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	check(t, c.Finish(t.Context()))
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"plain words, a risk-free task-force":          "plain words, a risk-free task-force",
		"token=xoxb-123456-abc failed":                 "token=[redacted] failed",
		`Get "https://user:pass@host/x": refused`:      `Get "[redacted]": refused`,
		"Bearer sk-abcdefgh.":                          "Bearer [redacted]",
		"xapp-1-A012345 (xoxe.xoxp-1-abcdef)":          "[redacted] ([redacted])",
		"https://hooks.slack.com/services/T/B/abc":     "[redacted]",
		"https://slack.com/api/chat.postMessage: EOF ": "https://slack.com/api/chat.postMessage: EOF ",
	} {
		if got := redact(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}
