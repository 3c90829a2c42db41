package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"footnote/bot"
	"footnote/bot/cite"
	"footnote/bot/ledger"
	"footnote/bot/slackbot"
	"footnote/corpus"
)

// The kinds of questions that come from feedback.
const (
	kindGood     = "feedback-good"
	kindSilent   = "feedback-silent" // it is right not to answer
	kindWrong    = "feedback-wrong"
	kindDisputed = "feedback-disputed"
)

// A suiteLine is a line of a suite (see bot/eval), with notes for whoever labels
// what could not be labelled.
type suiteLine struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`
	Question  string   `json:"question"`
	Evidence  []string `json:"evidence,omitempty"`
	Answer    []string `json:"answer,omitempty"`
	Match     string   `json:"match,omitempty"`
	Documents []string `json:"documents,omitempty"`
	Refuse    bool     `json:"refuse"`

	Why     string   `json:"why_unlabelled,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Said    []string `json:"said,omitempty"`
	Read    string   `json:"understood_as,omitempty"`
	Outcome string   `json:"outcome,omitempty"`
	Got     string   `json:"got,omitempty"`
}

// byQuestion groups votes by what was asked, in the order of the first vote;
// within a question each person's latest vote counts.
func byQuestion(votes []ledger.FeedbackOn) [][]ledger.FeedbackOn {
	var groups [][]ledger.FeedbackOn
	at := map[string]int{}
	for _, f := range votes {
		key := sameQuestion(slackbot.Wording(f.Entry))
		if key == "" {
			continue // erased
		}
		i, known := at[key]
		if !known {
			i = len(groups)
			at[key] = i
			groups = append(groups, nil)
		}
		groups[i] = slices.DeleteFunc(groups[i], func(o ledger.FeedbackOn) bool { return o.User == f.User && o.Entry.Team == f.Entry.Team })
		groups[i] = append(groups[i], f)
	}
	return groups
}

// sameQuestion is what questions have in common that differ in no more than
// case, white space and the mark at the end.
func sameQuestion(text string) string {
	return strings.ToLower(strings.TrimRight(oneLine(text), " ?？.。!！…"))
}

// A labeller makes lines of a suite of votes.
type labeller struct {
	hash                 string
	texts                map[string]string // by document
	labelled, unlabelled []suiteLine
}

func newLabeller(docs []corpus.Document) (*labeller, error) {
	c, err := corpus.New(docs...)
	if err != nil {
		return nil, err
	}
	b := &labeller{hash: c.Hash, texts: map[string]string{}}
	for _, d := range c.Documents {
		b.texts[d.Name] = d.Text
	}
	return b, nil
}

// add labels a question by its votes, oldest first.
func (b *labeller) add(ctx context.Context, l *ledger.Ledger, votes []ledger.FeedbackOn) error {
	chosen, disputed := majority(votes)
	q, err := slackbot.Stored(ctx, l, chosen.Entry)
	if err != nil {
		return err
	}
	line := newLine(q.Text)
	why := ""
	switch leans := chosen.Answer.UnderstoodAs != "" && len(q.History) > 0; {
	case disputed:
		line.Kind, why = kindDisputed, "as many find the answer helpful as not"
	case leans:
		line.Kind, why = kindOf(chosen), "it leans on the conversation before it"
	default:
		why = b.label(&line, chosen)
	}
	if why == "" {
		b.labelled = append(b.labelled, line)
		return nil
	}
	line.Why, line.Reason, line.Read = why, chosen.Reason, chosen.Answer.UnderstoodAs
	line.Outcome, line.Got = string(chosen.Answer.Outcome), chosen.Answer.Text
	for _, f := range votes {
		if f.Text != "" {
			line.Said = append(line.Said, f.Text)
		}
	}
	b.unlabelled = append(b.unlabelled, line)
	return nil
}

// newLine has an id that is the same whenever the question is.
func newLine(question string) suiteLine {
	sum := sha256.Sum256([]byte(sameQuestion(question)))
	return suiteLine{ID: "f-" + hex.EncodeToString(sum[:6]), Question: oneLine(question)}
}

// majority is the latest vote of the larger side, one with a reason before
// others; disputed says that neither is larger.
func majority(votes []ledger.FeedbackOn) (chosen ledger.FeedbackOn, disputed bool) {
	sum := 0
	for _, f := range votes {
		sum += f.Vote
	}
	if sum == 0 {
		return votes[len(votes)-1], true
	}
	for _, f := range votes {
		if f.Vote*sum > 0 && (f.Reason != "" || chosen.Reason == "") {
			chosen = f
		}
	}
	return chosen, false
}

func kindOf(f ledger.FeedbackOn) string {
	switch {
	case f.Vote > 0 && f.Answer.Refused, f.Vote < 0 && f.Reason == slackbot.ReasonNotInReport:
		return kindSilent
	case f.Vote > 0:
		return kindGood
	}
	return kindWrong
}

// label fills in what a line needs to be measured, or says why it cannot.
func (b *labeller) label(line *suiteLine, f ledger.FeedbackOn) (why string) {
	line.Kind = kindOf(f)
	switch line.Kind {
	case kindSilent:
		if f.Answer.CorpusHash != b.hash {
			return "the report has changed since; does it still not say?"
		}
		line.Refuse = true
		return ""
	case kindWrong:
		return "what the right answer is, nobody said"
	}
	for _, c := range f.Answer.Citations {
		if c.Quote == "" || !strings.Contains(b.texts[c.Document], c.Quote) || slices.Contains(line.Evidence, c.Quote) {
			continue
		}
		line.Evidence = append(line.Evidence, c.Quote)
		if name := path.Base(c.Document); len(b.texts) > 1 && !slices.Contains(line.Documents, name) {
			line.Documents = append(line.Documents, name)
		}
	}
	if len(line.Evidence) == 0 {
		return "what it cited does not stand in the report any more"
	}
	line.Match = "any"
	line.Answer = telling(f.Answer, line.Question, line.Evidence)
	return ""
}

var (
	figure = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
	// name is a run of capitalised words.
	name = regexp.MustCompile(`\p{Lu}[\p{L}\d’'-]*(?: \p{Lu}[\p{L}\d’'-]*)*`)
)

// telling is of what an answer must hold one to say the same: the figures that
// it had from its sources and not from the question; where there are none, such
// names, or the sources' own words.
func telling(a ledger.Answer, question string, evidence []string) []string {
	text := withoutMarkers(a.Text, a.Citations)
	for _, pattern := range []*regexp.Regexp{figure, name} {
		var found []string
		for _, at := range pattern.FindAllStringIndex(text, -1) {
			word := text[at[0]:at[1]]
			if pattern == name && (startsSentence(text[:at[0]]) || len([]rune(word)) < 3) ||
				slices.Contains(found, word) || holds(question, word) || !slices.ContainsFunc(evidence, func(e string) bool { return holds(e, word) }) {
				continue
			}
			found = append(found, word)
		}
		if found != nil && pattern == name {
			return append(found, evidence...)
		}
		if found != nil {
			return found
		}
	}
	return evidence
}

func holds(text, word string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(word))
}

// startsSentence reports whether what follows is the first word of a sentence,
// whose capital says nothing.
func startsSentence(before string) bool {
	before = strings.TrimRightFunc(before, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Ps, unicode.Pi) || r == '"'
	})
	return before == "" || strings.ContainsAny(before[len(before)-1:], ".?!:") || strings.HasSuffix(before, "。")
}

// withoutMarkers is an answer's text without the numbers of its sources.
func withoutMarkers(text string, citations []bot.Citation) string {
	var b strings.Builder
	at := 0
	for _, m := range cite.Markers(text) {
		if slices.ContainsFunc(citations, func(c bot.Citation) bool { return c.Marker == m.Number }) {
			b.WriteString(text[at:m.Start])
			at = m.End
		}
	}
	return b.String() + text[at:]
}
