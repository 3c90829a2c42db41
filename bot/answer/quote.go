// Package answer writes answers from what was retrieved.
package answer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/bot"
	"footnote/bot/cite"
	"footnote/corpus"
	"footnote/retrieval"
)

// Quote answers in the corpus's own sentences: one to three of them, verbatim,
// each with its marker. It needs no model and no network, and cannot say what
// the corpus does not. The zero value is ready; it is safe for concurrent use.
type Quote struct{}

// NewQuote returns the quote answerer.
func NewQuote() *Quote { return &Quote{} }

// The confidence below which the corpus is taken not to answer, and below
// which the answer is shown with a reservation.
const (
	refuseBelow  = 0.25
	reserveBelow = 0.45
)

const maxQuotes = 3

// Answer drafts an answer from the best sentences.
func (*Quote) Answer(ctx context.Context, question string, found *retrieval.Result) (bot.Draft, error) {
	if err := ctx.Err(); err != nil {
		return bot.Draft{}, err
	}
	if found.Confidence < refuseBelow || len(found.Sentences) == 0 {
		return bot.Draft{Text: Refusal(question, found), Outcome: bot.NotFound}, nil
	}
	chosen := choose(found)
	if found.Confidence < reserveBelow {
		text, sources := compose(chosen[:1])
		reservation := "The report may not say this. The closest passage is: "
		if bot.InChinese(question) {
			reservation = "报告可能没有说明这一点。最接近的原文是："
		}
		return bot.Draft{Text: reservation + text, Sources: sources, Outcome: bot.Uncertain}, nil
	}
	text, sources := compose(chosen)
	return bot.Draft{Text: text, Sources: sources, Outcome: bot.Answered}, nil
}

// Refusal says that the corpus does not answer, and names what the question
// asks for that the corpus does not mention.
func Refusal(question string, found *retrieval.Result) string {
	const named = 3 // words
	var quoted []string
	for _, w := range found.Missing[:min(named, len(found.Missing))] {
		quoted = append(quoted, "“"+cite.Escape(w)+"”")
	}
	switch zh := bot.InChinese(question); {
	case zh && quoted == nil:
		return "报告没有说明这一点。"
	case zh:
		return "报告没有说明这一点，也没有提到" + strings.Join(quoted, "、") + "。"
	case quoted == nil:
		return "The report does not say."
	}
	return fmt.Sprintf("The report does not say. It does not mention %s.", list(quoted, "or"))
}

func list(items []string, word string) string {
	if len(items) == 1 {
		return items[0]
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + word + " " + items[last]
}

// An excerpt is a verbatim range of a passage.
type excerpt struct {
	passage    corpus.Passage
	start, end int // byte offsets into the document
}

func (e excerpt) text() string {
	return e.passage.Text[e.start-e.passage.Start : e.end-e.passage.Start]
}

// choose picks the sentences to quote, best first: the most probable one, a
// rival where the choice is close, and what covers the rest of a question with
// several parts.
func choose(found *retrieval.Result) []excerpt {
	best := found.Sentences[0]
	chosen := []excerpt{withSaying(found, best)}
	for _, s := range found.Sentences[1:] {
		if len(chosen) == maxQuotes {
			break
		}
		if holds(chosen, s) || repeats(chosen, s) {
			continue
		}
		if isRival(best, s, len(chosen)) || adds(found, chosen, s) {
			chosen = append(chosen, withSaying(found, s))
		}
	}
	return merge(chosen)
}

// A rival is shown beside the best sentence when it is nearly as probable.
func isRival(best, s retrieval.Sentence, chosen int) bool {
	const (
		certain = 0.80 // of the best sentence: no rival is needed
		close   = 0.20 // of the rival's share against the best one's
	)
	return chosen == 1 && best.Probability < certain && s.Probability > close*best.Probability
}

// adds says whether a sentence holds a name or a number of the question that
// nothing chosen holds.
func adds(found *retrieval.Result, chosen []excerpt, s retrieval.Sentence) bool {
	const relevant = 0.02 // share of belief below which a mention is a coincidence
	if s.Probability < relevant {
		return false
	}
	covered := map[int]bool{}
	for _, other := range found.Sentences {
		if holds(chosen, other) {
			for _, t := range other.Covers {
				covered[t] = true
			}
		}
	}
	return slices.ContainsFunc(s.Covers, func(t int) bool { return found.Terms[t].Specific && !covered[t] })
}

func holds(chosen []excerpt, s retrieval.Sentence) bool {
	return slices.ContainsFunc(chosen, func(e excerpt) bool {
		return e.passage.ID == s.Passage.ID && e.start <= s.Start && s.End <= e.end
	})
}

// repeats says whether the same words were chosen already, from another place.
func repeats(chosen []excerpt, s retrieval.Sentence) bool {
	return slices.ContainsFunc(chosen, func(e excerpt) bool { return strings.Contains(e.text(), s.Text) })
}

// merge joins excerpts that stand side by side in one passage.
func merge(chosen []excerpt) []excerpt {
	var out []excerpt
	for _, e := range chosen {
		joined := false
		for i := range out {
			if out[i].passage.ID == e.passage.ID && e.start <= out[i].end+2 && out[i].start <= e.end+2 {
				out[i].start, out[i].end = min(out[i].start, e.start), max(out[i].end, e.end)
				joined = true
				break
			}
		}
		if !joined {
			out = append(out, e)
		}
	}
	return out
}

// withSaying keeps a saying and the sentence that says whose it is together
// ("…not narrowing." | Xiao Yanghua, a professor, said.): a quotation takes its
// attribution along, and an attribution its quotation where that holds more of
// the question.
func withSaying(found *retrieval.Result, s retrieval.Sentence) excerpt {
	e := excerpt{s.Passage, s.Start, s.End}
	spans := corpus.Sentences(s.Passage.Text)
	at := slices.IndexFunc(spans, func(span corpus.Span) bool { return s.Passage.Start+span.Start == s.Start })
	if at < 0 {
		return e
	}
	text := func(n int) string { return s.Passage.Text[spans[n].Start:spans[n].End] }
	if at+1 < len(spans) && endsQuotation(s.Text) && isAttribution(text(at+1)) {
		e.end = s.Passage.Start + spans[at+1].End
	}
	if at > 0 && isAttribution(s.Text) && endsQuotation(text(at-1)) && quotationAdds(found, s, s.Passage.Start+spans[at-1].Start) {
		e.start = s.Passage.Start + spans[at-1].Start
	}
	return e
}

// quotationAdds says whether the sentence that starts at an offset of the same
// passage has a term of the question that s lacks, or s itself has none: then
// it was found by something else, and says little alone.
func quotationAdds(found *retrieval.Result, s retrieval.Sentence, start int) bool {
	if len(s.Covers) == 0 {
		return true
	}
	for _, other := range found.Sentences {
		if other.Passage.ID == s.Passage.ID && other.Start == start {
			return slices.ContainsFunc(other.Covers, func(t int) bool { return !slices.Contains(s.Covers, t) })
		}
	}
	return false
}

func endsQuotation(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return r == '"' || r == '”' || r == '’' || r == '」' || r == '』'
}

// isAttribution recognises a sentence that names who said what stands before
// it: it starts with a name, holds a verb of saying, and quotes nothing itself.
func isAttribution(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	if !unicode.IsUpper(first) && !unicode.Is(unicode.Han, first) {
		return false
	}
	said := false
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch strings.ToLower(w) {
		case "said", "says", "told", "added", "noted", "explained", "wrote", "argued", "claimed", "stated", "commented", "remarked",
			"warned", "concluded", "recalled", "announced", "insisted", "admitted":
			said = true
		}
	}
	return said || strings.ContainsAny(text, "说表示称道")
}

// compose writes the excerpts one after the other, each with its marker.
func compose(chosen []excerpt) (string, []bot.Source) {
	var parts []string
	var sources []bot.Source
	for i, e := range chosen {
		parts = append(parts, fmt.Sprintf("%s [%d]", cite.Escape(e.text()), i+1))
		sources = append(sources, bot.Source{Marker: i + 1, Passage: e.passage.ID, Start: e.start, End: e.end})
	}
	return strings.Join(parts, "\n"), sources
}
