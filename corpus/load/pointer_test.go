package load

import (
	"fmt"
	"strings"
	"testing"

	"footnote/corpus"
)

// said joins the texts of a document's paragraphs, captions in parentheses.
func said(d corpus.Document) string {
	var parts []string
	for _, b := range d.Blocks {
		text := d.Text[b.Start:b.End]
		switch b.Kind {
		case corpus.Caption:
			text = "(" + text + ")"
		case corpus.Heading:
			text = "# " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func TestMarkdownAnswersFromWhatSaysSomething(t *testing.T) {
	const says = "\n\nThe mill burned down."
	for _, test := range []struct{ name, text, want string }{
		{"table of contents", "- [The mill](#mill)\n  - [Its end](#end)\n1. **[After](#after)**", "([The mill](#mill)); ([Its end](#end)); (**[After](#after)**)"},
		{"table of contents in a line", "[The mill](#mill) · [Its end](#end) |\n[*After*][a]\n\n[a]: #after", "([The mill](#mill) · [Its end](#end) |\n[*After*][a])"},
		{"a link into the document in a sentence", "- See [the mill](#mill)\n- [Flow](#flow): 15", "See [the mill](#mill); [Flow](#flow): 15"},
		{"a link elsewhere", "- [The mill](mill.md#top)", "[The mill](mill.md#top)"},
		{"badges", "[![build](a.svg)](b) [![go](c.svg)][go]\n<img src=\"d.svg\">\n\n[go]: https://go.dev", "([![build](a.svg)](b) [![go](c.svg)][go]\n<img src=\"d.svg\">)"},
		{"a badge into the document", "- [![build](a.svg)](#build)", "([![build](a.svg)](#build))"},
		{"link definitions", "[a]: #after\n[b]: <b.md> \"Title\"\n\n- [c]: https://c.example\n\n> [d]: https://d.example\n> 'over\n> lines'", ""},
		{"link definitions above text", "[a]: #after\nIt was in 1850.", "It was in 1850."},
		{"nothing but marks", "- \\*\n- **", "\\*; **"},
		{"table", "| Year | Flow |\n|---|---|\n| 1850 | 12 |", "(| Year | Flow |); | 1850 | 12 |"},
		{"table of nothing but a header", "Year | Flow\n-|-", "(Year | Flow)"},
		{"table in a list, below text", "- Flows:\n  Year | Flow\n  -|-\n  1850 | 12\n  1851 | 13", "Flows:; (Year | Flow); 1850 | 12; 1851 | 13"},
		{"list items", "- One.\n* Two.\n+ Three.\n\n1. Four.\n2) Five.\n- [ ] Six.", "One.; Two.; Three.; Four.; Five.; [ ] Six."},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := markdown("a.md", test.text+says)
			checkDocument(t, d)
			want := "The mill burned down."
			if test.want != "" {
				want = fmt.Sprint(test.want, "; ", want)
			}
			if got := said(d); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
