package cite

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"footnote/corpus"
)

const harbour = `The harbour opened in 1871 and cost 5,000 pounds.[3] It was the first on this coast, and ships came from every port between Århus and Riga to see it.
Kåre Lund built the lighthouse. It stands 15.77 metres above the water, which is a little less than the old one stood before the storm of the year took it.
`

func harbourCorpus(t testing.TB) *corpus.Corpus {
	t.Helper()
	d := corpus.Plain("harbour.txt", harbour)
	d.Title, d.TitleInferred = "Harbour no. 9", false
	d.Date = time.Date(2023, 12, 7, 0, 0, 0, 0, time.UTC)
	c, err := corpus.New(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Passages) != 2 {
		t.Fatalf("the test document has %d passages, want 2", len(c.Passages))
	}
	return c
}

// source returns the source that quotes a text of the corpus.
func source(t testing.TB, c *corpus.Corpus, marker int, quote string) Source {
	t.Helper()
	for _, p := range c.Passages {
		if i := strings.Index(p.Text, quote); i >= 0 {
			return Source{Marker: marker, Passage: p.ID, Start: p.Start + i, End: p.Start + i + len(quote)}
		}
	}
	t.Fatalf("no passage holds %q", quote)
	return Source{}
}

func TestVerifyRewritesMarkers(t *testing.T) {
	c := harbourCorpus(t)
	opened := source(t, c, 0, "The harbour opened in 1871 and cost 5,000 pounds.")
	lund := source(t, c, 0, "Kåre Lund built the lighthouse.")
	as := func(s Source, marker int) Source { s.Marker = marker; return s }

	for _, tt := range []struct {
		name    string
		text    string
		sources []Source
		want    string
		quotes  []Source
		checks  Checks
	}{
		{
			name: "keeps what holds", text: "It opened. [1] Lund built it. [2]",
			sources: []Source{as(opened, 1), as(lund, 2)},
			want:    "It opened. [1] Lund built it. [2]", quotes: []Source{opened, lund},
			checks: Checks{Markers: 2, MarkersValid: 2, Quotes: 2, QuotesVerbatim: 2},
		},
		{
			name: "numbers by first appearance", text: "A [7] b [3] c [7]",
			sources: []Source{as(lund, 3), as(opened, 7)},
			want:    "A [1] b [2] c [1]", quotes: []Source{opened, lund},
			checks: Checks{Markers: 3, MarkersValid: 3, Quotes: 2, QuotesVerbatim: 2},
		},
		{
			name: "removes an unknown marker and the space before it", text: "A [9]. B [1].",
			sources: []Source{as(opened, 1)},
			want:    "A. B [1].", quotes: []Source{opened},
			checks: Checks{Markers: 2, MarkersValid: 1, Quotes: 1, QuotesVerbatim: 1},
		},
		{
			name: "removes an unknown marker and the space after it at a line's start", text: "[9] A [1]\n[9] B",
			sources: []Source{as(opened, 1)},
			want:    "A [1]\nB", quotes: []Source{opened},
			checks: Checks{Markers: 3, MarkersValid: 1, Quotes: 1, QuotesVerbatim: 1},
		},
		{
			name: "keeps the space before a run that loses its first marker", text: "A [9][1]",
			sources: []Source{as(opened, 1)},
			want:    "A [1]", quotes: []Source{opened},
			checks: Checks{Markers: 2, MarkersValid: 1, Quotes: 1, QuotesVerbatim: 1},
		},
		{
			name: "merges sources of the same range", text: "A [1][2] b [2]",
			sources: []Source{as(opened, 1), as(opened, 2)},
			want:    "A [1] b [1]", quotes: []Source{opened},
			checks: Checks{Markers: 3, MarkersValid: 3, Quotes: 1, QuotesVerbatim: 1},
		},
		{
			name: "drops a source that no marker names", text: "A [1]",
			sources: []Source{as(opened, 1), as(lund, 2)},
			want:    "A [1]", quotes: []Source{opened},
			checks: Checks{Markers: 1, MarkersValid: 1, Quotes: 1, QuotesVerbatim: 1},
		},
		{
			name: "takes the first of two sources with one number", text: "A [1]",
			sources: []Source{as(opened, 1), as(lund, 1)},
			want:    "A [1]", quotes: []Source{opened},
			checks: Checks{Markers: 1, MarkersValid: 1, Quotes: 1, QuotesVerbatim: 1},
		},
		{
			name: "lets no marker arise from a removal", text: "A [[9]1] and [1[0]] b [1]",
			sources: []Source{as(opened, 1)},
			want:    "A (1) and (1) b [1]", quotes: []Source{opened},
			checks: Checks{Markers: 3, MarkersValid: 1, Quotes: 1, QuotesVerbatim: 1, Numbers: 2},
		},
		{
			name: "leaves a text without markers", text: "Nothing is said [1, 2] of it.",
			want: "Nothing is said [1, 2] of it.", checks: Checks{Numbers: 2},
		},
		{
			name: "mends text that is not UTF-8", text: "A\xff [1]",
			sources: []Source{as(opened, 1)},
			want:    "A\uFFFD [1]", quotes: []Source{opened},
			checks: Checks{Markers: 1, MarkersValid: 1, Quotes: 1, QuotesVerbatim: 1},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Verify(c, tt.text, tt.sources)
			if got.Text != tt.want {
				t.Errorf("text %q, want %q", got.Text, tt.want)
			}
			if got.Checks != tt.checks {
				t.Errorf("checks %+v, want %+v", got.Checks, tt.checks)
			}
			if len(got.Citations) != len(tt.quotes) {
				t.Fatalf("%d citations, want %d", len(got.Citations), len(tt.quotes))
			}
			for i, citation := range got.Citations {
				if citation.Marker != i+1 || citation.Start != tt.quotes[i].Start || citation.End != tt.quotes[i].End {
					t.Errorf("citation %d is %+v, want the range of %+v", i, citation, tt.quotes[i])
				}
			}
		})
	}
}

func TestVerifyRemovesSourcesThatDoNotHold(t *testing.T) {
	c := harbourCorpus(t)
	good := source(t, c, 1, "Kåre Lund built the lighthouse.")
	first, second := c.Passages[0], c.Passages[1]
	letter := strings.Index(harbour, "å") // two bytes

	for name, bad := range map[string]Source{
		"an unknown passage":             {1, "no such passage", good.Start, good.End},
		"an empty range":                 {1, good.Passage, good.Start, good.Start},
		"a reversed range":               {1, good.Passage, good.End, good.Start},
		"a range before the passage":     {1, good.Passage, first.Start, first.End},
		"a range that starts before":     {1, good.Passage, second.Start - 1, second.End},
		"a range that ends after":        {1, good.Passage, second.Start, second.End + 1},
		"a range beyond the document":    {1, good.Passage, second.Start, 1 << 40},
		"a negative range":               {1, good.Passage, -5, second.End},
		"a range that starts mid-letter": {1, good.Passage, letter + 1, second.End},
		"a range that ends mid-letter":   {1, good.Passage, second.Start, letter + 1},
		"a blank range":                  {1, first.ID, first.Start + 3, first.Start + 4},
	} {
		t.Run(name, func(t *testing.T) {
			got := Verify(c, "Lund built it. [1]", []Source{bad})
			if got.Text != "Lund built it." || len(got.Citations) != 0 {
				t.Errorf("got %q with %d citations", got.Text, len(got.Citations))
			}
			if want := (Checks{Markers: 1, Quotes: 1}); got.Checks != want {
				t.Errorf("checks %+v, want %+v", got.Checks, want)
			}
		})
	}
}

func TestVerifyCountsNumbersThatStandWithACitation(t *testing.T) {
	c := harbourCorpus(t)
	cost := source(t, c, 1, "cost 5,000 pounds")
	for _, tt := range []struct {
		text            string
		total, grounded int
	}{
		{"It cost 5,000 pounds. [1]", 1, 1},
		{"It cost 5,000 pounds and opened in 1871. [1]", 2, 2},
		{"It cost five thousand pounds. [1]", 1, 1},
		{"It cost 50 pounds in 1971. [1]", 2, 0},
		{"It is 15.77 metres high. [1]", 1, 0},
		{"Harbour no. 9 of 7 December 2023 [1]", 2, 2},
		{"It cost 5,000. [1] pounds, 8 or ８", 3, 1},
		{"The mark (3) is the document's own. [1]", 1, 1},
		{"No number [1]", 0, 0},
		{"Nothing is cited for 1871.", 1, 0},
	} {
		got := Verify(c, tt.text, []Source{cost}).Checks
		if got.Numbers != tt.total || got.NumbersGrounded != tt.grounded {
			t.Errorf("%q: %d of %d numbers grounded, want %d of %d",
				tt.text, got.NumbersGrounded, got.Numbers, tt.grounded, tt.total)
		}
	}
}

// FuzzVerify drafts hostile texts and sources over any document: what is left
// must hold.
func FuzzVerify(f *testing.F) {
	f.Add(harbour, "It opened. [1][2] [[3]1] [0]", 0, 20, 5, 3)
	f.Add("第一段。第二段。\n\n第三段 [1] 很长。", "[1] x [1[9]]\n[2]", 3, 9, -1, 2)
	f.Add("a\xffb", "\xff[1]", 0, 3, 0, 1)
	f.Fuzz(func(t *testing.T, document, text string, start, length, step, count int) {
		c, err := corpus.New(corpus.Plain("d.txt", document))
		if err != nil {
			return
		}
		var sources []Source
		for i := range min(max(count, 0), 8) {
			p := c.Passages[i%len(c.Passages)]
			from := p.Start + start + i*step
			sources = append(sources, Source{Marker: i + 1, Passage: p.ID, Start: from, End: from + length})
		}
		requireHolds(t, c, Verify(c, text, sources))
	})
}

func requireHolds(t *testing.T, c *corpus.Corpus, got Result) {
	t.Helper()
	if !utf8.ValidString(got.Text) {
		t.Fatalf("text is not UTF-8: %q", got.Text)
	}
	next := 1
	for _, m := range Markers(got.Text) {
		if m.Number < 1 || m.Number > next {
			t.Fatalf("marker %q is out of order in %q", got.Text[m.Start:m.End], got.Text)
		}
		next = max(next, m.Number+1)
	}
	if next-1 != len(got.Citations) {
		t.Fatalf("%d markers, %d citations in %q", next-1, len(got.Citations), got.Text)
	}
	for i, citation := range got.Citations {
		d, _ := c.Document(citation.Passage.Document)
		if citation.Marker != i+1 || citation.Quote == "" || citation.Quote != d.Text[citation.Start:citation.End] ||
			!strings.Contains(citation.Passage.Text, citation.Quote) {
			t.Fatalf("citation %d does not hold: %+v", i, citation)
		}
	}
	k := got.Checks
	if k.MarkersValid > k.Markers || k.QuotesVerbatim > k.Quotes || k.NumbersGrounded > k.Numbers || k.QuotesVerbatim != len(got.Citations) {
		t.Fatalf("checks do not add up: %+v", k)
	}
}
