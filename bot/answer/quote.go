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
	refuseBelow  = 0.22
	reserveBelow = 0.45
)

const maxQuotes = 3

// Answer drafts an answer from the best sentences.
func (*Quote) Answer(ctx context.Context, question string, found *retrieval.Result) (bot.Draft, error) {
	if err := ctx.Err(); err != nil {
		return bot.Draft{}, err
	}
	if found.Conflict != nil {
		return correction(question, found), nil
	}
	if found.Confidence < refuseBelow || len(found.Sentences) == 0 {
		return bot.Draft{Text: refusal(question, found), Outcome: bot.NotFound}, nil
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
	if parts := chooseByPart(found); len(parts) > 1 {
		chosen = parts
	}
	text, sources := compose(chosen)
	return bot.Draft{Text: text, Sources: sources, Outcome: bot.Answered}, nil
}

// correction refuses a question that takes for granted what the corpus says
// otherwise, and quotes what it does say.
func correction(question string, found *retrieval.Result) bot.Draft {
	text, sources := compose([]excerpt{withSaying(found, found.Conflict.Sentence)})
	lead := fmt.Sprintf("The report does not say “%s” here. What it says is: ", cite.Escape(found.Conflict.Asked))
	if bot.InChinese(question) {
		lead = fmt.Sprintf("报告没有说“%s”。原文是：", cite.Escape(found.Conflict.Asked))
	}
	return bot.Draft{Text: lead + text, Sources: sources, Outcome: bot.NotFound}
}

// Refusal says that the corpus does not answer, and names what the question
// asks for that the corpus does not mention.
func (*Quote) Refusal(question string, found *retrieval.Result) string {
	return refusal(question, found)
}

func refusal(question string, found *retrieval.Result) string {
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
		if isRival(best, s, len(chosen)) && !isAttribution(s.Text) || adds(found, chosen, s) {
			chosen = append(chosen, withSaying(found, s))
		}
	}
	return merge(chosen)
}

// chooseByPart picks the best sentence for each part of a question that joins
// several, where the corpus seems to answer it.
func chooseByPart(found *retrieval.Result) []excerpt {
	var chosen []excerpt
	for _, part := range found.Parts {
		if part.Confidence < reserveBelow || len(part.Sentences) == 0 {
			continue
		}
		if s := part.Sentences[0]; !holds(chosen, s) && !repeats(chosen, s) {
			chosen = append(chosen, withSaying(part, s))
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
	if at+1 < len(spans) && endsQuotation(s.Text) && (isAttribution(text(at+1)) || found.Saying && namesSpeaker(text(at+1))) {
		e.end = s.Passage.Start + spans[at+1].End
	}
	if at > 0 && isAttribution(s.Text) && endsQuotation(text(at-1)) && quotationAdds(found, s, s.Passage.Start+spans[at-1].Start) {
		e.start = s.Passage.Start + spans[at-1].Start
	}
	return e
}

// quotationAdds says whether the sentence that starts at an offset of the same
// passage belongs to the answer: it has a term of the question that s lacks, or
// the question asks what was said, or s says little alone.
func quotationAdds(found *retrieval.Result, s retrieval.Sentence, start int) bool {
	const bare = 5 // words: "Wu Wei told reporters."
	if len(s.Covers) == 0 || found.Saying || len(strings.Fields(s.Text)) <= bare {
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

// isAttribution recognises a sentence that does nothing but name who said what
// stands before it: "Xiao Yanghua, a professor, said." It quotes nothing, does
// not start like a sentence about something else, and its verb of saying ends
// it or goes on with whom or where it was told.
func isAttribution(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	if strings.ContainsAny(text, "\"“”「」『』:：") {
		return false
	}
	if unicode.Is(unicode.Han, first) {
		return isChineseAttribution(text)
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '.' })
	const most = 40
	if !unicode.IsUpper(first) || len(words) == 0 || len(words) > most || opensStatement(words[0]) {
		return false
	}
	for i, w := range words {
		switch rest := words[i+1:]; strings.ToLower(w) {
		case "said", "says":
			if len(rest) == 0 || isPreposition(rest[0]) {
				return !slices.Contains(rest, "that")
			}
		case "told":
			return len(rest) > 0 && !slices.Contains(rest, "that") && !slices.Contains(rest, "to")
		case "added", "noted", "explained", "wrote", "argued", "remarked", "concluded", "recalled", "insisted", "warned":
			if len(rest) == 0 {
				return true
			}
		}
	}
	return false
}

// namesSpeaker recognises a sentence that says who is quoted before it, and
// goes on: "Wu Wei, a partner, told reporters that the gap was wide."
func namesSpeaker(text string) bool {
	const near = 14 // words
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '.' })
	first, _ := utf8.DecodeRuneInString(text)
	if !unicode.IsUpper(first) || len(words) == 0 || opensStatement(words[0]) {
		return false
	}
	return slices.ContainsFunc(words[:min(near, len(words))], func(w string) bool {
		switch w {
		case "said", "says", "told", "added", "noted", "explained", "wrote", "argued", "warned":
			return true
		}
		return false
	})
}

// opensStatement recognises first words that no attribution starts with.
func opensStatement(word string) bool {
	switch word {
	case "The", "A", "An", "This", "That", "These", "Those", "It", "In", "At", "On", "As", "But", "And", "However", "There", "When", "While", "If":
		return true
	}
	return false
}

func isPreposition(word string) bool {
	switch word {
	case "in", "at", "to", "on", "during", "after", "before":
		return true
	}
	return false
}

// isChineseAttribution recognises a short sentence that ends with a verb of saying.
func isChineseAttribution(text string) bool {
	const most = 40 // characters
	if utf8.RuneCountInString(text) > most {
		return false
	}
	end := strings.TrimRight(text, "。.！ ")
	for _, verb := range []string{"说", "表示", "称", "指出", "说道", "认为", "告诉记者"} {
		if strings.HasSuffix(end, verb) {
			return true
		}
	}
	return false
}

// compose writes the excerpts one after the other, each with its marker. Where
// they are of several documents each says which, since these may disagree.
func compose(chosen []excerpt) (string, []bot.Source) {
	var parts []string
	var sources []bot.Source
	several := slices.ContainsFunc(chosen, func(e excerpt) bool { return e.passage.Document != chosen[0].passage.Document })
	for i, e := range chosen {
		text := cite.Escape(e.text())
		if several {
			text = cite.Escape(e.passage.Document) + ": " + text
		}
		parts = append(parts, fmt.Sprintf("%s [%d]", text, i+1))
		sources = append(sources, bot.Source{Marker: i + 1, Passage: e.passage.ID, Start: e.start, End: e.end})
	}
	return strings.Join(parts, "\n"), sources
}
