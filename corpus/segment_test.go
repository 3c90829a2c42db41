package corpus

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func words(n int) string { return strings.TrimSpace(strings.Repeat("word ", n)) }

// sizes returns the words of each passage of a text.
func sizes(text string) []int {
	var n []int
	for _, p := range Segment(Plain("test.txt", text)) {
		n = append(n, len(strings.Fields(p.Text)))
	}
	return n
}

func TestSegmentCutsLongParagraphsOnly(t *testing.T) {
	sentence := strings.ToUpper("w") + words(19)[1:] + " end. " // 20 words
	for _, test := range []struct {
		name, text string
		want       []int
	}{
		{"300 words whole", strings.Repeat(sentence, 15), []int{300}},
		{"a little more in halves", strings.Repeat(sentence, 16), []int{160, 160}},
		{"four hundred", strings.Repeat(sentence, 20), []int{200, 200}},
		{"five hundred", strings.Repeat(sentence, 25), []int{180, 160, 160}},
		{"a thousand", strings.Repeat(sentence, 50), []int{200, 200, 200, 200, 200}},
		{"no tiny tail", strings.Repeat(sentence, 15) + "The end.", []int{160, 142}},
		{"one sentence of 500 words", words(500) + ".", []int{167, 167, 166}},
		{"a sentence of 290 words among short ones", sentence + "W" + words(290)[1:] + ". " + sentence, []int{20, 290, 20}},
		{"paragraphs are not merged", sentence + "\n\n" + sentence, []int{20, 20}},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkDocument(t, Plain("test.txt", test.text))
			got := sizes(test.text)
			total := 0
			for _, n := range got {
				total += n
			}
			if total != len(strings.Fields(test.text)) {
				t.Errorf("%d words of %d", total, len(strings.Fields(test.text)))
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("passages of %v words, want %v", got, test.want)
			}
		})
	}
}

func TestSegmentCutsTextWithoutSpaces(t *testing.T) {
	for name, text := range map[string]string{
		"chinese sentences":       strings.Repeat("截至十月，国内已经发布了二百五十四个大模型。", 60),
		"chinese without stops":   strings.Repeat("大模型", 600),
		"thai":                    strings.Repeat("ภาษาไทย", 500),
		"one long word":           strings.Repeat("x", 50_000),
		"letters with many marks": "e" + strings.Repeat("\u0301", 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			d := Plain("test.txt", text)
			checkDocument(t, d)
			passages := Segment(d)
			joined := ""
			for _, p := range passages {
				joined += p.Text
			}
			if len(passages) < 2 || joined != text {
				t.Errorf("%d passages, %d bytes of %d", len(passages), len(joined), len(text))
			}
		})
	}
}

func TestPassagesKnowTheirHeadings(t *testing.T) {
	text := "1 One\n" + longLine + "\n1.1 Two\n" + longLine + "\n1.2 Three\n" + longLine + "\n2 Four\n" + longLine
	var got []string
	for _, p := range Segment(Plain("test.txt", text)) {
		got = append(got, fmt.Sprint(p.Paragraph, " ", strings.Join(p.Headings, " > ")))
	}
	want := []string{"2 1 One", "4 1 One > 1.1 Two", "6 1 One > 1.2 Three", "8 2 Four"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPassageIDs(t *testing.T) {
	ids := func(name, text string) []string {
		var all []string
		for _, p := range Segment(Plain(name, text)) {
			all = append(all, p.ID)
		}
		return all
	}
	before := ids("a.txt", "First. It stands.\nSame.\nSame.\nLast.")
	if after := ids("a.txt", "Changed. It stands.\nSame.\nSame.\nLast."); !slices.Equal(before[1:], after[1:]) || before[0] == after[0] {
		t.Errorf("after an edit of the first paragraph: %v, before: %v", after, before)
	}
	if before[1] == before[2] {
		t.Error("two paragraphs of the same text share an ID")
	}
	if other := ids("b.txt", "First. It stands."); other[0] == before[0] {
		t.Error("two documents share an ID")
	}
	if passageID("a", "bc", 0) == passageID("ab", "c", 0) {
		t.Error("name and text are not kept apart")
	}
	if got, want := passageID("a.txt", "Same.", 1), before[2]; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestWhereADocumentWasFetchedFromChangesNoHash(t *testing.T) {
	fetched := Plain("a.txt", "First. It stands.")
	fetched.Address = "https://example.org/a.txt"
	before, err := New(Plain("a.txt", "First. It stands."))
	if err != nil {
		t.Fatal(err)
	}
	after, err := New(fetched)
	if err != nil || after.Hash != before.Hash || after.Passages[0].ID != before.Passages[0].ID {
		t.Errorf("%+v, %v; %+v without the address", after, err, before)
	}
}

func TestNew(t *testing.T) {
	if _, err := New(); !errors.Is(err, ErrEmpty) {
		t.Errorf("no documents: %v", err)
	}
	if _, err := New(Plain("a", "A."), Plain("a", "B.")); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("one name for two documents: %v", err)
	}
	c, err := New(Plain("a", "A."), Plain("b", "B."))
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := c.Passage(c.Passages[1].ID); !ok || p.Text != "B." {
		t.Errorf("passage %+v, %t", p, ok)
	}
	if _, ok := c.Passage("none"); ok {
		t.Error("a passage that there is not")
	}
	if d, ok := c.Document("b"); !ok || d.Text != "B." {
		t.Errorf("document %+v, %t", d, ok)
	}
	if _, ok := c.Document("c"); ok {
		t.Error("a document that there is not")
	}
	other, err := New(Plain("a", "A."), Plain("b", "B!"))
	if err != nil || other.Hash == c.Hash {
		t.Errorf("hash of another corpus: %v, %v", other.Hash, err)
	}
}

func FuzzSegment(f *testing.F) {
	f.Add("This is a sentence. And another one, \"quoted. Twice.\" ", uint16(60))
	f.Add("大模型。", uint16(300))
	f.Add("e\u0301", uint16(9000))
	f.Add("word ", uint16(700))
	f.Fuzz(func(t *testing.T, text string, n uint16) {
		text = strings.Repeat(text, int(n)%1000)
		if len(text) > 100_000 {
			return
		}
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), "\r", " ")
		d := NewDocument("fuzz.txt", text, FrontMatter{}, nil)
		if start := skipSpace(text, 0); start < len(text) {
			d = NewDocument("fuzz.txt", text, FrontMatter{}, []Block{{Start: start, End: trimEnd(text, start, len(text))}})
		}
		checkDocument(t, d)
		var spans []Span
		for _, p := range Segment(d) {
			spans = append(spans, Span{p.Start, p.End})
		}
		checkSpans(t, text, spans)
	})
}

func BenchmarkSegment(b *testing.B) {
	long := strings.ReplaceAll(report, "\n", " ")
	for _, bench := range []struct {
		name string
		doc  Document
	}{
		{"report", Report()},
		{"one paragraph", Plain("long.txt", long)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.doc.Text)))
			b.ReportAllocs()
			for b.Loop() {
				Segment(bench.doc)
			}
		})
	}
}

func TestPassagesKnowTheirPages(t *testing.T) {
	sentence := "W" + words(19)[1:] + ". " // 20 words, 100 bytes
	text := strings.TrimSpace(strings.Repeat(sentence, 20))
	d := NewDocument("a.pdf", text, FrontMatter{}, []Block{{End: len(text), Page: 3, Turns: []int{150, 1010, 1010, 1100}}})
	passages := Segment(d) // of ten sentences each
	if len(passages) != 2 || passages[0].ID != Segment(NewDocument("a.pdf", text, FrontMatter{}, []Block{{End: len(text)}}))[0].ID {
		t.Fatalf("%d passages, or one with another ID", len(passages))
	}
	for _, test := range []struct{ passage, offset, page int }{
		{0, 0, 3}, {0, 149, 3}, {0, 150, 4}, {0, 999, 4}, {1, 1000, 4}, {1, 1009, 4}, {1, 1010, 6}, {1, 1100, 7}, {1, 1999, 7},
	} {
		if got := passages[test.passage].PageAt(test.offset); got != test.page {
			t.Errorf("passage %d at %d: page %d, want %d", test.passage, test.offset, got, test.page)
		}
	}
	if first, second := passages[0], passages[1]; first.Page != 3 || second.Page != 4 || len(first.Turns) != 1 || len(second.Turns) != 3 {
		t.Errorf("pages %d and %d, turns %d and %d", first.Page, second.Page, first.Turns, second.Turns)
	}
	if p := (&Location{Turns: []int{5}}); p.PageAt(9) != 0 {
		t.Error("a document without pages has one")
	}
}
