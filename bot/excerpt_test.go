package bot

import (
	"strings"
	"testing"

	"footnote/bot/cite"
	"footnote/corpus"
)

// cited is a citation of the part of a passage that holds a quote.
func cited(t *testing.T, e *Engine, quote string) Citation {
	t.Helper()
	for _, p := range e.corpus.Passages {
		if at := strings.Index(p.Text, quote); at >= 0 {
			return Citation{Marker: 1, Document: p.Document, Paragraph: p.Paragraph, Heading: headingPath(p), Passage: p.ID,
				Quote: quote, Start: p.Start + at, End: p.Start + at + len(quote)}
		}
	}
	t.Fatalf("no passage holds %q", quote)
	return Citation{}
}

func TestAnExcerptShowsAQuoteInItsContext(t *testing.T) {
	e := portEngine(t, &wordSearch{}, quoteBest)
	cases := []struct{ quote, before, after, heading string }{
		{"The port was dug in 1871", "", "The people", ""},
		{"Kåre Lund built the lighthouse", "The people", "Ships came from Riga", "The people"},
		{"fish", "Kåre Lund built", "The trade", "The people"},
		{"Salt was taxed", "The trade", "", "The trade"},
	}
	for _, c := range cases {
		x, ok := e.Excerpt(cited(t, e, c.quote), e.CorpusHash())
		if !ok || x.Text[x.QuoteStart:x.QuoteEnd] != c.quote || x.Heading != c.heading || x.Gone || x.Since != "" {
			t.Errorf("%q: %+v", c.quote, x)
		}
		if !strings.HasPrefix(x.Before, c.before) || !strings.HasPrefix(x.After, c.after) || (c.before == "") != (x.Before == "") || (c.after == "") != (x.After == "") {
			t.Errorf("%q stands between %q and %q", c.quote, x.Before, x.After)
		}
		if x.Title != "The port" || x.Date != "1931" || x.Paragraphs != 6 || len(x.Version) != 8 {
			t.Errorf("%q: %+v", c.quote, x)
		}
	}
}

func TestAQuoteIsOnThePageThatItBeginsOn(t *testing.T) {
	d := lines("a.pdf", "One is here. Two is over there. Three is far.\n")
	d.Blocks[0].Page, d.Blocks[0].Turns = 4, []int{strings.Index(d.Text, "over"), strings.Index(d.Text, "Three")}
	for quote, page := range map[string]int{"One is here.": 4, "Two is over there.": 4, "over there.": 5, "Three is far.": 6} {
		e := NewEngine(corpusOf(t, d), &wordSearch{}, draftFrom(quoteBest), EngineOptions{})
		c := cited(t, e, quote)
		if x, _ := e.Excerpt(c, ""); x.Page != page {
			t.Errorf("the excerpt of %q is on page %d, want %d", quote, x.Page, page)
		}
		_, citations := e.evidence(nil, []cite.Citation{{Marker: 1, Passage: e.corpus.Passages[0], Quote: quote, Start: c.Start, End: c.End}})
		if citations[0].Page != page {
			t.Errorf("%q is cited on page %d, want %d", quote, citations[0].Page, page)
		}
	}
}

func TestAnExcerptPassesOverCaptions(t *testing.T) {
	d := lines("a.txt", "One is here.\nPhoto by X\nTwo is here.\n")
	d.Blocks[1].Kind = corpus.Caption
	e := NewEngine(corpusOf(t, d), &wordSearch{}, draftFrom(quoteBest), EngineOptions{})
	if x, _ := e.Excerpt(cited(t, e, "Two"), ""); x.Before != "One is here." || x.Paragraph != 3 {
		t.Errorf("%+v", x)
	}
}

func TestAnExcerptOfALongParagraphHasItsOtherPassagesAround(t *testing.T) {
	long := strings.Repeat("This is a sentence of a long paragraph, with words. ", 70) + "Here it ends."
	e := NewEngine(corpusOf(t, lines("a.txt", long)), &wordSearch{}, draftFrom(quoteBest), EngineOptions{})
	x, _ := e.Excerpt(cited(t, e, "Here it ends."), "")
	if len(e.corpus.Passages) < 2 || !strings.HasPrefix(x.Before, "This is a sentence") || x.After != "" {
		t.Errorf("%+v", x)
	}
}

func TestAnExcerptOfAnotherCorpusIsOutdated(t *testing.T) {
	e := portEngine(t, &wordSearch{}, quoteBest)
	c := cited(t, e, "Salt was taxed")
	c.Start += 100 // it stood elsewhere
	if x, ok := e.Excerpt(c, "0123456789"); !ok || x.Gone || x.Since != "01234567" || x.Version != e.Version() || x.Text[x.QuoteStart:x.QuoteEnd] != c.Quote || x.After != "" || x.Before == "" {
		t.Errorf("moved: %+v", x)
	}
	gone := c
	gone.Passage = "gone"
	other := c
	other.Quote = "Salt was never taxed"
	for _, c := range []Citation{gone, other} {
		x, ok := e.Excerpt(c, "0123456789")
		if !ok || !x.Gone || x.Text != c.Quote || x.QuoteEnd != len(c.Quote) || x.Version != "01234567" || x.Paragraphs != 0 || x.Paragraph != c.Paragraph {
			t.Errorf("gone: %+v", x)
		}
	}
	if _, ok := e.Excerpt(Citation{Passage: c.Passage}, e.CorpusHash()); ok {
		t.Error("an empty quote was shown")
	}
}
