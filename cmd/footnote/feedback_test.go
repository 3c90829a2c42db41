package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/bot/slackbot"
	"footnote/corpus"
	"footnote/corpus/load"
)

// judged LEDGER CORPUS makes a ledger of questions about a corpus that were
// answered and voted on, and of some tokens that were spent.
func makeJudged(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(fillJudged(filepath.Clean(ts.MkAbs(args[0])), ts.MkAbs(args[1])))
}

// A judgement is a question with its answer and the votes on that.
type judgement struct {
	text, surface, thread string
	answer                ledger.Answer
	votes                 []ledger.Feedback
}

const (
	teaQuote   = "Tea costs four crowns a pound this year, and coffee costs nine."
	craneQuote = "Ada Lovelace repairs the harbour crane every Tuesday morning."
)

func good(user string) ledger.Feedback { return ledger.Feedback{User: user, Vote: 1} }

func bad(user, reason, text string) ledger.Feedback {
	return ledger.Feedback{User: user, Vote: -1, Reason: reason, Text: text}
}

func citing(text string, quotes ...string) ledger.Answer {
	a := ledger.Answer{Text: text, Outcome: bot.Answered, Mode: bot.ModeQuote, Confidence: .7}
	for i, q := range quotes {
		a.Citations = append(a.Citations, bot.Citation{Marker: i + 1, Document: "tea.txt", Paragraph: i + 1, Passage: fmt.Sprint("p", i), Quote: q, End: len(q)})
	}
	return a
}

func silent(text string) ledger.Answer {
	return ledger.Answer{Text: text, Outcome: bot.NotFound, Mode: bot.ModeQuote, Refused: true}
}

func judgements() []judgement {
	leaning := citing(teaQuote+" [1]", teaQuote)
	leaning.UnderstoodAs = "And coffee? (pound tea cost)"
	return []judgement{
		{"<@UBOT> What does a pound of tea cost?", "mention", "", citing("It costs three crowns. [1] Ask Ada.", teaQuote), []ledger.Feedback{good("UVOTER2")}},
		{"Who repairs the harbour crane?", "direct", "", citing(craneQuote+" [1]", craneQuote), []ledger.Feedback{good("UVOTER2"), bad("UVOTER3", slackbot.ReasonWrong, "")}},
		{"Who repairs the crane &amp; when?", "direct", "", citing(craneQuote+" [1]", craneQuote), []ledger.Feedback{bad("UVOTER2", slackbot.ReasonWrong, "It is \x1b[31mBob.")}},
		{"Which planet has the most moons?", "direct", "", silent("The report does not say."), []ledger.Feedback{good("UVOTER2")}},
		{"What does cocoa cost?", "direct", "", citing(teaQuote+" [1]", teaQuote),
			[]ledger.Feedback{bad("UVOTER2", slackbot.ReasonNotInReport, ""), good("UVOTER3"), bad("UVOTER4", "", "")}},
		{"what does a pound  of TEA cost", "direct", "", citing("Tea costs four crowns, says Ada Lovelace. [1][2]", teaQuote, craneQuote), []ledger.Feedback{good("UVOTER3")}},
		{"And coffee?", "follow-up", "1750000001.000100", leaning, []ledger.Feedback{good("UVOTER2")}},
		{"Who is that?", "direct", "", citing(craneQuote+" [1]", craneQuote), []ledger.Feedback{{User: "UVOTER2"}}},
		{"How dear is milk?", "direct", "", citing("Milk costs one crown. [1]", "Milk costs one crown."), []ledger.Feedback{good("UVOTER2")}},
	}
}

func fillJudged(path, corpusPath string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	docs, err := load.Load(ctx, corpusPath)
	if err != nil {
		return err
	}
	c, err := corpus.New(docs...)
	if err != nil {
		return err
	}
	l, err := ledger.Open(ctx, "sqlite:"+path, ledger.Options{})
	if err != nil {
		return err
	}
	defer closing(l, &err)
	all := judgements()
	err = l.Work(ctx, 1, func(ctx context.Context, claim *ledger.Claim) error {
		j := all[claim.ID-1]
		j.answer.CorpusHash = c.Hash
		a, err := claim.Save(ctx, j.answer)
		if err != nil {
			return err
		}
		for _, f := range j.votes {
			f.AnswerID = a.ID
			if err := l.Feedback(ctx, f); err != nil {
				return err
			}
		}
		return claim.Finish(ctx)
	})
	if err != nil {
		return err
	}
	for i, j := range all {
		key := ledger.Key{Team: "T1", Channel: "C1", TS: fmt.Sprintf("175000000%d.000100", i+1)}
		if _, _, err := l.Put(ctx, ledger.Question{Key: key, Text: j.text, Asker: "UASKER1", Surface: j.surface, ThreadTS: j.thread}); err != nil {
			return err
		}
		for {
			if s, err := l.Stats(ctx); err != nil || s.Depth+s.Running == 0 {
				break
			}
			time.Sleep(2 * time.Millisecond)
		}
	}
	return errors.Join(l.Stop(ctx), spend(ctx, l))
}

func spend(ctx context.Context, l *ledger.Ledger) error {
	for _, used := range []bot.Usage{{Prompt: 1000, Completion: 200, Cached: 300}, {Prompt: 500, Completion: 50}} {
		d, _, err := l.Debit(ctx, "T1", 4000, 100_000)
		if err == nil {
			err = l.Settle(ctx, d, used)
		}
		if err != nil {
			return err
		}
	}
	_, _, err := l.Debit(ctx, "T1", 4000, 100_000) // its response was lost
	return err
}

func TestWhatTellsARightAnswer(t *testing.T) {
	cited := []bot.Citation{{Marker: 1}}
	for _, test := range []struct {
		name, question, text, evidence string
		want                           []string
	}{
		{"figures", "How many models in 2023?", "As of October 2023, 238 models [1].", "As of October 2023, 238 models, and 1,000 more", []string{"238"}},
		{"decimals", "How large?", "13.23 billion, up 110% [1]", "13.23 billion yuan, up 110%.", []string{"13.23", "110"}},
		{"a figure that was not cited", "How large?", "About 500 at Baidu, said Ada [1]", "Baidu is large.", []string{"Baidu", "Baidu is large."}},
		{"names", "Who repairs the crane?", "It is Ada Lovelace, of the Harbour Office [1].", "Ada Lovelace repairs it for the Harbour Office.", []string{"Ada Lovelace", "Harbour Office", "Ada Lovelace repairs it for the Harbour Office."}},
		{"a sentence's first word", "Who?", "Nobody does [1]. “Everybody does.”", "Nobody does. Everybody does.", []string{"Nobody does. Everybody does."}},
		{"Chinese", "市场多大？", "市场规模将达到132.3亿元。[1]", "市场规模将达到132.3亿元。", []string{"132.3"}},
		{"neither", "What is it?", "It is a crane [1].", "it is a crane", []string{"it is a crane"}},
	} {
		if got := telling(ledger.Answer{Text: test.text, Citations: cited}, test.question, []string{test.evidence}); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAnswersAreComparedSentenceBySentence(t *testing.T) {
	for _, test := range []struct{ then, now, want string }{
		{"A b. [1] C d. [2]", "A b. [1] C d. [2]", "[{  A b. [1]} {  C d. [2]}]"},
		{"A b. C d.", "A b. C e. F.", "[{  A b.} {- C d.} {+ C e.} {+ F.}]"},
		{"A.\n\nB.", "B.", "[{- A.} {  B.}]"},
		{"", "A 1.5 b", "[{+ A 1.5 b}]"},
		{"甲。[1]乙。", "甲。[1]丙。", "[{- 甲。[1]乙。} {+ 甲。[1]丙。}]"},
	} {
		if got := fmt.Sprint(comparePieces(pieces(test.then), pieces(test.now))); got != test.want {
			t.Errorf("%q, %q: %s, want %s", test.then, test.now, got, test.want)
		}
	}
}

func TestNumbersAreGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 12: "12", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
