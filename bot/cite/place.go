package cite

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ranges returns, for each passage that a sentence cites, the sentences of it
// that support the sentence most.
func (s *sentence) ranges(cited []*evidence) []Source {
	var found []Source
	for _, e := range cited {
		first, last := e.place(s)
		found = append(found, Source{
			Passage: e.passage.ID,
			Start:   e.passage.Start + e.sentences[first].span.Start,
			End:     e.passage.Start + e.sentences[last].span.End,
		})
	}
	return found
}

// place returns the first and the last of the sentences that support a
// sentence: all that its quotations stand in, else the one with most of its
// words and figures, and a neighbour where that has figures that it lacks.
func (e *evidence) place(s *sentence) (first, last int) {
	first, last = -1, -1
	include := func(from, to int) {
		if first < 0 {
			first, last = from, to
		}
		first, last = min(first, from), max(last, to)
	}
	for _, q := range s.quotes {
		if start, end, ok := e.quotable.find(q.claim); ok {
			include(e.sentenceAt(start), e.sentenceAt(end-1))
		}
	}
	if first >= 0 {
		return first, last
	}
	best, most := 0, -1.0
	for i := range e.sentences {
		if score := e.sentences[i].score(s); score > most {
			best, most = i, score
		}
	}
	include(best, best)
	for _, near := range [...]int{best + 1, best - 1} {
		if near >= 0 && near < len(e.sentences) && e.sentences[near].completes(&e.sentences[best], s.quantities) {
			include(near, near)
		}
	}
	return first, last
}

func (e *evidence) sentenceAt(offset int) int {
	i := slices.IndexFunc(e.sentences, func(st statement) bool { return offset < st.span.End })
	if i < 0 {
		return len(e.sentences) - 1
	}
	return i
}

// score says how much of a sentence a statement holds.
func (st *statement) score(s *sentence) float64 {
	score := float64(sharedBy(s.stems, st.stems))
	for _, w := range s.words {
		if w.capital && st.names.folds[w.fold] {
			score += 0.5
		}
	}
	for _, q := range s.quantities {
		if st.figures.holds(q) {
			score += 2
		}
	}
	return score - float64(len(st.words))/1000 // the shorter of two equals
}

// completes reports whether a statement holds a figure that another lacks.
func (st *statement) completes(other *statement, quantities []quantity) bool {
	return slices.ContainsFunc(quantities, func(q quantity) bool { return st.figures.holds(q) && !other.figures.holds(q) })
}

// verbatim returns a sentence with its quotations as the document writes them,
// where white space or typographic marks differ.
func (k *Checker) verbatim(s *sentence, cited []Source) string {
	var b strings.Builder
	at := 0
	for _, q := range s.quotes {
		for _, c := range cited {
			e := k.evidenceFor(c.Passage)
			if start, end, ok := e.quotable.find(q.claim); ok {
				folded := fold(q.text)
				from := strings.Index(folded.text, q.claim)
				b.WriteString(s.text[at : q.start+folded.at[from]])
				b.WriteString(strings.Map(visible, Escape(e.passage.Text[start:end])))
				at = q.start + folded.end(from+len(q.claim))
				break
			}
		}
	}
	b.WriteString(s.text[at:])
	return b.String()
}

func (k *Checker) evidenceFor(passage string) *evidence {
	for n, p := range k.passages {
		if p.ID == passage {
			return k.evidenceOf(n)
		}
	}
	return nil
}

// Take adds a sentence that holds to the answer, after the white space that
// stood before it, and returns it as it is to be shown: with the markers that
// its citations have in the answer, before its full stop. An introduction is
// shown with the first sentence after it that cites something; until then there
// is nothing to show. repaired says that the model wrote the sentence in place
// of one that did not hold.
func (k *Checker) Take(pause string, v Verdict, repaired bool) string {
	k.count(v)
	k.shown[v.claim] = true
	if repaired {
		k.checks.SentencesRepaired++
	}
	var markers string
	for _, s := range v.cited {
		n, known := k.numbers[s]
		if !known {
			n = len(k.sources) + 1
			k.numbers[s] = n
			s.Marker = n
			k.sources = append(k.sources, s)
		}
		if m := "[" + strconv.Itoa(n) + "]"; !strings.Contains(markers, m) {
			markers += m
		}
	}
	shown := pause + withMarkers(v.claim, markers)
	if v.leads {
		k.lead = shown
		return ""
	}
	if len(v.cited) > 0 {
		shown, k.lead = k.lead+shown, ""
	}
	if k.text.Len() == 0 {
		shown = strings.TrimLeft(shown, " \n")
	}
	k.text.WriteString(shown)
	return shown
}

// Withdraw counts a sentence that is not shown.
func (k *Checker) Withdraw(v Verdict) {
	k.count(v)
	k.checks.SentencesWithdrawn++
}

func (k *Checker) count(v Verdict) {
	k.checks.Sentences++
	k.checks.Markers += v.markers
	k.checks.MarkersValid += v.valid
}

// Result returns the answer so far: the sentences taken, with what their
// markers point at. Of its checks the markers are those that the model wrote.
func (k *Checker) Result() Result {
	r := Verify(k.corpus, k.text.String(), k.sources)
	c := k.checks
	c.Quotes, c.QuotesVerbatim = r.Checks.Quotes, r.Checks.QuotesVerbatim
	c.Numbers, c.NumbersGrounded = r.Checks.Numbers, r.Checks.NumbersGrounded
	r.Checks = c
	return r
}

// withMarkers sets markers before the marks that end a sentence: after a
// closing quotation mark, since that belongs to what is quoted.
func withMarkers(claim, markers string) string {
	if markers == "" {
		return claim
	}
	end := len(strings.TrimRight(claim, ".!?。！？…"))
	if end == 0 || strings.HasSuffix(claim, "...") || strings.HasSuffix(claim, "…") {
		end = len(claim)
	}
	body := claim[:end]
	gap := " "
	if r, _ := utf8.DecodeLastRuneInString(body); unspaced(r) {
		gap = ""
	}
	return body + gap + markers + claim[end:]
}
