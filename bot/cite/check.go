package cite

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"footnote/corpus"
)

// A Checker checks an answer that a language model writes, sentence by
// sentence, against the passages that it may cite, and keeps what held. The
// model is not trusted: its text may be wrong, or written by instructions that
// stand in a passage or in a question. It is not safe for concurrent use.
//
// What is checked, and what cannot be, is described in docs/answers.md.
type Checker struct {
	corpus   *corpus.Corpus
	passages []corpus.Passage
	evidence []*evidence // by passage, nil until one is needed
	question *asked

	shown   map[string]bool // claims
	numbers map[Source]int  // of the ranges cited so far; keys have no marker
	sources []Source
	text    strings.Builder
	lead    string // an introduction that waits for what it introduces
	checks  Checks
}

// An asked question is what an answer may repeat without a source.
type asked struct {
	quotable folded
	figures  *figures
	names    *nameSet
	stems    map[string]bool
	words    map[string]bool
}

// NewChecker returns a checker of an answer to a question, in which the marker
// [n] cites passages[n-1].
func NewChecker(c *corpus.Corpus, question string, passages []corpus.Passage) *Checker {
	q := &asked{quotable: fold(question), figures: newFigures(question), names: newNameSet(), stems: map[string]bool{}, words: map[string]bool{}}
	words := wordsOf(question)
	q.names.add(words)
	for _, st := range stemsOf(words) {
		q.stems[st] = true
	}
	for _, w := range words {
		q.words[w.fold] = true
	}
	return &Checker{
		corpus: c, passages: passages, evidence: make([]*evidence, len(passages)), question: q, numbers: map[Source]int{}, shown: map[string]bool{},
	}
}

// A Verdict says whether a sentence may be shown.
type Verdict struct {
	// Blank says that there is nothing to show: a line, a marker alone, a
	// sentence that was shown already, a "Yes." that the next one explains.
	Blank bool
	// Faults are why the sentence may not be shown; none when it may.
	Faults []Fault

	leads   bool // it introduces what follows, and is shown with it
	claim   string
	cited   []Source // ranges, without markers; none where nothing is claimed
	markers int      // as written
	valid   int
}

// Holds reports whether the sentence may be shown.
func (v Verdict) Holds() bool { return !v.Blank && len(v.Faults) == 0 }

// A Fault is why a sentence may not be shown, in words that the model is given
// to mend it.
type Fault struct {
	Kind   FaultKind
	Reason string
}

// A FaultKind is what a sentence failed for.
type FaultKind string

// The kinds of faults.
const (
	FaultMarkup    FaultKind = "markup"    // control sequences, links, HTML
	FaultMarker    FaultKind = "marker"    // no passage is cited, and none supports it
	FaultQuotation FaultKind = "quotation" // not verbatim in a cited passage
	FaultNumber    FaultKind = "number"    // not in a cited passage
	FaultName      FaultKind = "name"      // neither in a cited passage nor in the question
	FaultSpeaker   FaultKind = "speaker"   // speaker and saying do not meet
	FaultSupport   FaultKind = "support"   // hardly a word in common with what it cites
	FaultDenial    FaultKind = "denial"    // it denies what the passage says, or the other way round
	FaultRole      FaultKind = "role"      // two names or numbers have changed places
	FaultLength    FaultKind = "length"    // longer than [MaxSentence]
)

// Reasons are the faults' reasons in one line.
func (v Verdict) Reasons() string {
	var reasons []string
	for _, f := range v.Faults {
		reasons = append(reasons, f.Reason)
	}
	return strings.Join(reasons, "; ")
}

// A sentence is what is claimed, without markers.
type sentence struct {
	text       string
	words      []word
	stems      []string
	quotes     []quotation
	paired     bool // each quotation mark has its partner
	quantities []quantity
	counts     map[string]bool // stems of words that stand in quantities
}

func newSentence(text string) *sentence {
	s := &sentence{text: text, words: wordsOf(text), quantities: quantitiesOf(text), counts: map[string]bool{}}
	s.stems = stemsOf(s.words)
	s.quotes, s.paired = quotationsOf(text)
	for _, q := range s.quantities {
		for _, w := range wordsOf(q.text) {
			s.counts[stem(w.fold)] = true
		}
	}
	return s
}

// stemsWithout are the stems of words that belong to none of the names.
func stemsWithout(words []word, names []string) []string {
	var stems []string
	for _, w := range words {
		if w.content() && !slices.Contains(names, w.fold) && !verbOfSaying(w.fold) {
			stems = append(stems, stem(w.fold))
		}
	}
	return stems
}

// assent is an answer that says nothing by itself.
var assent = regexp.MustCompile(`(?i)^(?:yes|no|correct|indeed|right)[.!]$|^(?:是|是的|对|不是|没有|不)[。！]$`)

// Check checks a sentence as the model wrote it. It changes nothing: what is
// to be shown is given to [Checker.Take].
func (k *Checker) Check(written string) Verdict {
	claim, markers := takeMarkers(plain(written))
	v := Verdict{claim: claim, markers: len(markers)}
	if !strings.ContainsFunc(claim, wordRune) || k.shown[claim] || len(markers) == 0 && assent.MatchString(claim) {
		v.Blank = true
		return v
	}
	if len(written) > MaxSentence {
		v.Faults = []Fault{{FaultLength, "the sentence is too long"}}
		return v
	}
	s := newSentence(claim)
	cited := s.relevant(k.citedBy(markers, &v))
	if instructs.MatchString(claim) {
		v.Faults = []Fault{{FaultMarkup, "it speaks of instructions, not of the document"}}
		return v
	}
	what := forbidden(claim, k.knowsAddress(cited))
	if what == "" {
		what = k.joins(claim, cited)
	}
	if what != "" {
		v.Faults = []Fault{{FaultMarkup, "it holds " + what + ", which must not be shown"}}
		return v
	}
	if len(markers) == 0 {
		if nothing, leads := k.claimsNothing(s); nothing {
			v.leads = leads
			return v
		}
	}
	if len(cited) == 0 {
		k.attribute(s, &v)
		return v
	}
	if v.Faults = k.faults(s, cited); len(v.Faults) == 0 {
		v.cited = s.ranges(cited)
		v.claim = k.verbatim(s, v.cited)
	}
	return v
}

// joins returns what must not be shown where a sentence meets what was shown
// before it.
func (k *Checker) joins(claim string, cited []*evidence) string {
	const reach = 100 // bytes on each side
	shown := k.text.String()
	end := strings.ToValidUTF8(shown[max(0, len(shown)-reach):], "")
	claim = strings.ToValidUTF8(claim[:min(reach, len(claim))], "")
	if end == "" {
		return ""
	}
	near := slices.Clone(cited)
	for _, c := range k.sources {
		near = append(near, k.evidenceFor(c.Passage))
	}
	known := k.knowsAddress(near)
	for _, pause := range [...]string{"", " "} {
		if what := forbidden(end+pause+claim, known); what != "" && forbidden(end, known) == "" && forbidden(claim, known) == "" {
			return what
		}
	}
	return ""
}

// citedBy returns the passages that the markers name, each once.
func (k *Checker) citedBy(markers []Marker, v *Verdict) []*evidence {
	var cited []*evidence
	for _, m := range markers {
		// A quote that is not UTF-8 cannot be shown.
		if m.Number < 1 || m.Number > len(k.passages) || !utf8.ValidString(k.passages[m.Number-1].Text) {
			continue
		}
		v.valid++
		if e := k.evidenceOf(m.Number - 1); !slices.Contains(cited, e) {
			cited = append(cited, e)
		}
	}
	return cited
}

func (k *Checker) evidenceOf(n int) *evidence {
	if k.evidence[n] == nil {
		k.evidence[n] = newEvidence(k.corpus, k.passages[n])
	}
	return k.evidence[n]
}

// knowsAddress returns what decides whether an address may be shown: it stands
// in a cited passage, or is the name of a document.
func (k *Checker) knowsAddress(cited []*evidence) func(string) bool {
	return func(address string) bool {
		address = strings.ToLower(strings.TrimRight(address, ".,;:!?)'\"”’"))
		if address == "" {
			return true
		}
		for _, d := range k.corpus.Documents {
			if strings.ToLower(d.Name) == address {
				return true
			}
		}
		return slices.ContainsFunc(cited, func(e *evidence) bool {
			text := strings.ToLower(e.passage.Text)
			if utf8.RuneCountInString(address) == 1 { // a letter, not a word
				return strings.Contains(text, address)
			}
			return indexWords(text, address) >= 0
		})
	}
}

// faults returns why a sentence may not be shown as a statement of the passages
// that it cites.
func (k *Checker) faults(s *sentence, cited []*evidence) []Fault {
	var faults []Fault
	fail := func(kind FaultKind, reason string) {
		if reason != "" {
			faults = append(faults, Fault{kind, reason})
		}
	}
	fail(FaultQuotation, s.checkQuotations(cited))
	fail(FaultNumber, s.checkNumbers(cited))
	if len(faults) == 0 {
		fail(FaultNumber, s.checkFigures(cited))
		fail(FaultNumber, s.checkColumns(cited))
	}
	fail(FaultName, k.checkNames(s, cited))
	if len(faults) > 0 {
		return faults
	}
	fail(FaultSupport, k.checkSupport(s, cited))
	fail(FaultSpeaker, s.checkSpeaker(cited))
	fail(FaultName, s.checkTitled(cited))
	fail(FaultDenial, s.checkPolarity(cited))
	fail(FaultRole, s.checkRoles(cited))
	return faults
}

// relevant returns the cited passages that have something to do with a
// sentence, or all where none has: what a passage on another matter holds by
// chance is no evidence.
func (s *sentence) relevant(cited []*evidence) []*evidence {
	kept := slices.DeleteFunc(slices.Clone(cited), func(e *evidence) bool {
		// A row of a table has hardly any words.
		held := slices.ContainsFunc(s.quantities, e.figures.holds)
		return e.comparable(s) && !e.concerns(s) && !held
	})
	if len(kept) == 0 {
		return cited
	}
	return kept
}

// mostOf returns the largest part of a sentence's words that one sentence of a
// passage has.
func (e *evidence) mostOf(s *sentence) float64 {
	most := 0.0
	for i := range e.sentences {
		most = max(most, s.overlap(&e.sentences[i]))
	}
	return most
}

// concerns reports whether a passage has a part of a sentence's words, or one
// of its sentences a few of them.
func (e *evidence) concerns(s *sentence) bool {
	const (
		little = 0.2
		few    = 3
	)
	if share(s.stems, func(st string) bool { return e.stems[st] }) >= little {
		return true
	}
	return slices.ContainsFunc(e.sentences, func(st statement) bool {
		return sharedBy(s.stems, st.stems) >= few
	})
}

// sharedBy counts the stems of a list that a set has.
func sharedBy(list []string, set map[string]bool) int {
	n := 0
	for _, x := range list {
		if set[x] {
			n++
		}
	}
	return n
}

// comparable reports whether a sentence and a passage are in the same script,
// so that their words can be compared.
func (e *evidence) comparable(s *sentence) bool {
	return len(s.stems) > 0 && (!mostlyIdeographic(s.words) || e.ideograph)
}

func (s *sentence) checkQuotations(cited []*evidence) string {
	if !s.paired {
		return "a quotation mark has no partner"
	}
	for _, q := range s.quotes {
		if q.claim == "" {
			continue
		}
		if !slices.ContainsFunc(cited, func(e *evidence) bool { _, _, ok := e.quotable.find(q.claim); return ok }) {
			return strconv.Quote(q.claim) + " is not verbatim in a cited passage"
		}
	}
	return ""
}

// checkSupport asks that a part of a sentence's words, names and figures apart,
// stand in what it cites, and a good part there or in the question. Figures and
// quotations that were found there speak for a short sentence by themselves.
func (k *Checker) checkSupport(s *sentence, cited []*evidence) string {
	const (
		least   = 0.34
		leastOf = 0.2 // of the passages alone
		few     = 3   // words: of fewer, one will do
	)
	chinese := slices.ContainsFunc(cited, func(e *evidence) bool { return e.ideograph })
	words := slices.DeleteFunc(slices.Clone(s.stems), func(st string) bool {
		r, _ := utf8.DecodeRuneInString(st)
		return s.counts[st] || ideographic(r) && !chinese // of another language, nothing can be compared
	})
	var named []string
	for _, n := range s.names(k.ordinary(cited)) {
		named = append(named, stem(n.fold))
	}
	plain := slices.DeleteFunc(slices.Clone(words), func(st string) bool { return slices.Contains(named, st) })
	if len(s.quotes)+len(s.quantities) > 0 && len(plain) < few {
		return ""
	}
	if len(words) == 0 && !slices.ContainsFunc(s.words, func(w word) bool { return w.ideograph }) {
		return "it says nothing that can be checked"
	}
	if !slices.ContainsFunc(cited, func(e *evidence) bool { return e.comparable(s) }) {
		return ""
	}
	here := func(st string) bool { return slices.ContainsFunc(cited, func(e *evidence) bool { return e.stems[st] }) }
	own := share(words, here)
	either := share(words, func(st string) bool { return k.question.stems[st] || here(st) })
	if own > 0 && len(s.quantities) > 0 && slices.ContainsFunc(cited, func(e *evidence) bool { return e.cells != nil }) {
		return "" // a row has hardly any words, and its figures were found
	}
	if own == 0 || len(plain) > 0 && share(plain, here) == 0 || len(words) >= few && (own < leastOf || either < least) {
		return "it has hardly a word in common with what it cites"
	}
	return ""
}

// attribute looks for a passage that supports a sentence which cites none: one
// of the passage's sentences says it, mostly in the same words.
func (k *Checker) attribute(s *sentence, v *Verdict) {
	const (
		least = 0.6
		few   = 3 // words: fewer stand anywhere
	)
	v.Faults = []Fault{{FaultMarker, "it cites no passage, and none was found that says this"}}
	if len(s.stems) < few {
		return
	}
	type candidate struct {
		e     *evidence
		share float64
	}
	var candidates []candidate
	for n, p := range k.passages {
		if !utf8.ValidString(p.Text) {
			continue
		}
		e := k.evidenceOf(n)
		if sh := e.mostOf(s); e.comparable(s) && sh >= least {
			candidates = append(candidates, candidate{e, sh})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.share, a.share) })
	const tries = 3
	for _, c := range candidates[:min(tries, len(candidates))] {
		if forbidden(s.text, k.knowsAddress([]*evidence{c.e})) == "" && len(k.faults(s, []*evidence{c.e})) == 0 {
			v.Faults = nil
			v.cited = s.ranges([]*evidence{c.e})
			v.claim = k.verbatim(s, v.cited)
			return
		}
	}
}
