package main

import (
	"fmt"
	"slices"
	"strings"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/corpus"
)

// A difference is what two answers to one question do not have in common.
type difference struct {
	Same   bool    `json:"same"`
	Fields []field `json:"fields"` // that differ
	Text   []piece `json:"text"`   // all of both texts
	Kept   []cited `json:"citations_kept"`
	Lost   []cited `json:"citations_lost"`
	New    []cited `json:"citations_new"`

	ReportChanged bool `json:"report_changed"`
	then, now     string
}

type field struct {
	Name string `json:"name"`
	Then string `json:"then"`
	Now  string `json:"now"`
}

// A piece is a sentence or so; op is " " where both have it, "-" where only the
// stored answer has it, and "+" where only the new one does.
type piece struct {
	Op   string `json:"op"`
	Text string `json:"text"`
}

type cited struct {
	Document  string `json:"document"`
	Page      int    `json:"page,omitempty"`
	Paragraph int    `json:"paragraph"`
	Quote     string `json:"quote"`
}

func compare(then, now ledger.Answer) difference {
	d := difference{
		Fields: []field{}, Text: comparePieces(pieces(then.Text), pieces(now.Text)), Kept: []cited{}, Lost: []cited{}, New: []cited{},
		ReportChanged: then.CorpusHash != now.CorpusHash, then: then.CorpusHash, now: now.CorpusHash,
	}
	for _, f := range []field{
		{"outcome", string(then.Outcome), string(now.Outcome)},
		{"confidence", fmt.Sprintf("%.2f", then.Confidence), fmt.Sprintf("%.2f", now.Confidence)},
		{"mode", string(then.Mode), string(now.Mode)},
		{"model", then.Model, now.Model},
		{"understood as", then.UnderstoodAs, now.UnderstoodAs},
		{"notice", then.Notice, now.Notice},
	} {
		if f.Then != f.Now {
			d.Fields = append(d.Fields, f)
		}
	}
	d.cite(then.Citations, now.Citations)
	d.Same = len(d.Fields) == 0 && d.sameText() && len(d.Lost)+len(d.New) == 0
	return d
}

// cite tells citations apart by what they quote.
func (d *difference) cite(then, now []bot.Citation) {
	in := func(list []bot.Citation, c bot.Citation) bool {
		return slices.ContainsFunc(list, func(o bot.Citation) bool { return o.Document == c.Document && o.Quote == c.Quote })
	}
	for _, c := range then {
		if !in(now, c) {
			d.Lost = append(d.Lost, cited{c.Document, c.Page, c.Paragraph, c.Quote})
		}
	}
	for _, c := range now {
		if in(then, c) {
			d.Kept = append(d.Kept, cited{c.Document, c.Page, c.Paragraph, c.Quote})
		} else {
			d.New = append(d.New, cited{c.Document, c.Page, c.Paragraph, c.Quote})
		}
	}
}

func (d difference) sameText() bool {
	return !slices.ContainsFunc(d.Text, func(p piece) bool { return p.Op != " " })
}

func (d difference) report() string {
	short := func(hash string) string { return orDash(corpus.Version(hash)) }
	if d.ReportChanged {
		return "changed since, " + short(d.then) + " → " + short(d.now)
	}
	return "the same, " + short(d.now)
}

// pieces splits a text after sentences and at line breaks.
func pieces(text string) []string {
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		start := 0
		for i, r := range line {
			end := i + len(string(r))
			// A marker belongs to the sentence before it.
			closes := strings.ContainsRune(".?!]", r) && strings.HasPrefix(line[end:], " ") && !strings.HasPrefix(line[end:], " [")
			if closes || strings.ContainsRune("。？！", r) && !strings.HasPrefix(strings.TrimSpace(line[end:]), "[") {
				all = append(all, strings.TrimSpace(line[start:end]))
				start = end
			}
		}
		if rest := strings.TrimSpace(line[start:]); rest != "" {
			all = append(all, rest)
		}
	}
	return all
}

// comparePieces is a longest common subsequence with what stands between.
func comparePieces(then, now []string) []piece {
	all := []piece{}
	i, j := 0, 0
	for _, m := range append(corpus.Common(then, now), corpus.Match{Old: len(then), New: len(now)}) {
		for ; i < m.Old; i++ {
			all = append(all, piece{"-", then[i]})
		}
		for ; j < m.New; j++ {
			all = append(all, piece{"+", now[j]})
		}
		if i < len(then) {
			all = append(all, piece{" ", then[i]})
			i, j = i+1, j+1
		}
	}
	return all
}

// A replayLine is a replayed question as JSON; then and difference are null
// where no answer is stored.
type replayLine struct {
	ID         int64         `json:"id"`
	Question   string        `json:"question"`
	Earlier    int           `json:"earlier_turns"`
	HandedIn   bool          `json:"reports_handed_in"`
	Then       *replayAnswer `json:"then"`
	Now        *replayAnswer `json:"now"`
	Difference *difference   `json:"difference"`
}

type replayAnswer struct {
	Answer       string         `json:"answer"`
	Outcome      string         `json:"outcome"`
	Refused      bool           `json:"refused"`
	Mode         string         `json:"mode"`
	Model        string         `json:"model"`
	Confidence   float64        `json:"confidence"`
	Citations    []bot.Citation `json:"citations"`
	Notice       string         `json:"notice"`
	UnderstoodAs string         `json:"understood_as"`
	CorpusHash   string         `json:"corpus_hash"`
}

func (r replayed) line() replayLine {
	line := replayLine{ID: r.turn.ID, Question: r.question.Text, Earlier: len(r.question.History), HandedIn: r.handedIn, Now: newReplayAnswer(r.now)}
	if then := r.turn.Answer; then != nil {
		d := compare(*then, r.now)
		line.Then, line.Difference = newReplayAnswer(*then), &d
	}
	return line
}

func newReplayAnswer(a ledger.Answer) *replayAnswer {
	return &replayAnswer{
		Answer: a.Text, Outcome: string(a.Outcome), Refused: a.Refused, Mode: string(a.Mode), Model: a.Model, Confidence: a.Confidence,
		Citations: append([]bot.Citation{}, a.Citations...), Notice: a.Notice, UnderstoodAs: a.UnderstoodAs, CorpusHash: a.CorpusHash,
	}
}
