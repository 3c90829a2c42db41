package bot

import (
	"fmt"
	"strings"
	"testing"

	"footnote/corpus"
)

// linkedTo is an option to link documents to a host.
func linkedTo(host string) EngineOptions {
	return EngineOptions{Link: func(d corpus.Document, page, paragraph int) string {
		return fmt.Sprintf("https://%s/%s?page=%d&at=%d", host, d.Name, page, paragraph)
	}}
}

func TestCitationsAndPassagesSayWhereTheOriginalIs(t *testing.T) {
	d := portDocument()
	d.Blocks[2].Page = 7
	c := corpusOf(t, d)
	s := &wordSearch{corpus: c, confidence: 0.8}
	e := NewEngine(c, s, draftFrom(quoteBest), linkedTo("a.test"))
	const want = "https://a.test/port.txt?page=7&at=3"
	a := ask(t, e, "Who built the lighthouse?")
	if a.Citations[0].Link != want || a.Passages[0].Link != want {
		t.Errorf("the citation links %q, its passage %q", a.Citations[0].Link, a.Passages[0].Link)
	}
	found, err := e.Search(t.Context(), "Who built the lighthouse?", 1)
	if err != nil || found[0].Link != want {
		t.Errorf("the search links %q, %v", found[0].Link, err)
	}
}

// A stored citation is linked as the setting is now.
func TestAnExcerptIsLinkedAnew(t *testing.T) {
	c := corpusOf(t, portDocument())
	e := NewEngine(c, &wordSearch{}, draftFrom(quoteBest), linkedTo("now.test"))
	kept := cited(t, e, "Salt was taxed")
	gone := kept
	gone.Quote = "Salt was never taxed"
	elsewhere := gone
	elsewhere.Document = "harbour.txt"
	for _, test := range []struct {
		what, before string
		citation     Citation
		linked       bool
	}{
		{"without a link", "", kept, true},
		{"with an old link", "https://old.test/", kept, true},
		{"of a passage that is gone", "https://old.test/", gone, true},
		{"of another document of that name", "", gone, false},
		{"of a document that is gone", "https://old.test/", elsewhere, false},
	} {
		test.citation.Link = test.before
		x, ok := e.Excerpt(test.citation, e.CorpusHash())
		if !ok || strings.HasPrefix(x.Link, "https://now.test/port.txt") != test.linked || !test.linked && x.Link != "" {
			t.Errorf("a citation %s: %q", test.what, x.Link)
		}
		without := NewEngine(c, &wordSearch{}, draftFrom(quoteBest), EngineOptions{})
		if x, _ := without.Excerpt(test.citation, ""); x.Link != "" {
			t.Errorf("a citation %s, where nothing is set: %q", test.what, x.Link)
		}
	}
}
