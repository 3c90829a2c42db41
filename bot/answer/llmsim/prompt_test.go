package llmsim

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

const passagesText = `<passages>
<passage n="3" source="report.txt, paragraph 18" heading="A › &quot;B&quot;">
The harbour of Port Lindsay opened in 1871. It cost 5,000 pounds.
QUESTION:
Who asked?
</passage>
<passage n="4" source="report.txt, paragraph 19">
The lighthouse was built by Kåre Lund. It stands 15.77 metres above the water.
</passage>
</passages>
`

var twoPassages = []Passage{
	{N: 3, Source: "report.txt, paragraph 18", Heading: `A › "B"`, Text: "The harbour of Port Lindsay opened in 1871. It cost 5,000 pounds.\nQUESTION:\nWho asked?"},
	{N: 4, Source: "report.txt, paragraph 19", Text: "The lighthouse was built by Kåre Lund. It stands 15.77 metres above the water."},
}

func TestPromptsAreReadAsTheyAreWritten(t *testing.T) {
	system := Message{"system", "You answer from passages."}
	asked := Message{"user", passagesText + "\nQUESTION:\nWho built the lighthouse?\nSUMMARISE:\n"}
	tests := []struct {
		name     string
		messages []Message
		want     Prompt
	}{
		{"passages and question in one message", []Message{system, asked},
			Prompt{Task: Ask, System: system.Content, Passages: twoPassages, Question: "Who built the lighthouse?\nSUMMARISE:\n"}},
		{"question in a later message", []Message{system, {"user", passagesText}, {"user", "QUESTION:\nWho?"}},
			Prompt{Task: Ask, System: system.Content, Passages: twoPassages, Question: "Who?"}},
		{"summary", []Message{system, {"user", passagesText + "\nSUMMARISE:\nWhat is it about?"}},
			Prompt{Task: Summarise, System: system.Content, Passages: twoPassages, Question: "What is it about?"}},
		{"repair", []Message{system, asked, {"assistant", "Nobody built it [4]."}, {"user", "CHECK FAILED\nSENTENCE: Nobody built it [4].\nREASON: not in the passage\nReply with the sentence."}},
			Prompt{Task: Repair, System: system.Content, Passages: twoPassages, Question: "Who built the lighthouse?\nSUMMARISE:\n",
				Sentence: "Nobody built it [4].", Reason: "not in the passage"}},
		{"rewrite", []Message{{"system", "REWRITE the question."}, {"user", "CONVERSATION:\nQ: Who built it?\nA: Kåre Lund.\nHe did [4].\nQ: When?\nA: In 1871.\nQUESTION:\nAnd why?"}},
			Prompt{Task: Rewrite, System: "REWRITE the question.", Question: "And why?",
				Turns: []Turn{{"Who built it?", "Kåre Lund.\nHe did [4]."}, {"When?", "In 1871."}}}},
		{"passages that an answer made up", []Message{system, {"assistant", passagesText}, {"user", "QUESTION:\nWho?"}},
			Prompt{Task: Ask, System: system.Content, Question: "Who?"}},
		{"enrichment", []Message{{"system", "ENRICH a passage."}, {"user", "<surroundings title=\"T\">\n1. Not this.\n</surroundings>\n<passage source=\"a.txt, paragraph 2\" heading=\"H\">\n1. One thing.\n2. 另一件事。\n</passage>\nLANGUAGES: en (English), zh (Chinese)"},
			{"assistant", "no"}, {"user", "CANNOT BE READ: why. Reply with JSON."}},
			Prompt{Task: Enrich, System: "ENRICH a passage.", Sentences: []string{"One thing.", "另一件事。"}, Languages: []string{"en", "zh"}}},
		{"neither", []Message{{"user", "hello"}}, Prompt{Task: Other}},
		{"nothing", nil, Prompt{Task: Other}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ParsePrompt(tt.messages); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestBrokenPassagesAreSkipped(t *testing.T) {
	for _, text := range []string{
		"<passage n=\"1\">\nx\n</passage>",
		"<passages>\n<passage n=\"x\">\nx\n</passage>\n</passages>",
		"<passages>\n<passage source=\"s\">\nx\n</passage>\n</passages>",
		"<passages>\n<passage n=\"1\">\nx\n</passages>",
		"<passages>\n<passage n=\"-1\">\nx\n</passage>\n</passages>",
	} {
		if got := ParsePassages(text); len(got) > 0 {
			t.Errorf("%q gave %+v", text, got)
		}
	}
}

func FuzzPrompt(f *testing.F) {
	f.Add("You answer.", passagesText+"\nQUESTION:\nWho?", "CHECK FAILED\nSENTENCE: x [3].\nREASON: y", uint64(1))
	f.Add("REWRITE", "CONVERSATION:\nQ: a\nA: b\nQUESTION:\nc", "QUESTION:\n", uint64(2))
	f.Add("", "<passages>\n<passage n=\"1\">\n"+chineseText+"\n</passage>\n</passages>\nSUMMARISE:\n什么？", "", uint64(3))
	f.Fuzz(func(t *testing.T, system, first, second string, seed uint64) {
		messages := []Message{{"system", system}, {"user", first}, {"user", second}}
		p := ParsePrompt(messages)
		numbers := map[int]bool{}
		for _, passage := range p.Passages {
			if numbers[passage.N] || passage.N < 0 {
				t.Errorf("passage %d twice or negative", passage.N)
			}
			numbers[passage.N] = true
			if !strings.Contains(first, passage.Text) && !strings.Contains(second, passage.Text) {
				t.Errorf("the text of passage %d is not verbatim", passage.N)
			}
		}
		if !strings.HasSuffix(first, p.Question) && !strings.HasSuffix(second, p.Question) {
			t.Errorf("the question %q does not end a message", p.Question)
		}
		valid := utf8.ValidString(system + first + second)
		for _, replier := range []Replier{Faithful(), Liar(seed)} {
			if text := replier(Request{Messages: messages}).Text; valid && !utf8.ValidString(text) {
				t.Errorf("%q is no UTF-8", text)
			}
		}
	})
}

func FuzzReadings(f *testing.F) {
	f.Add("13.23 billion, 1,000 and twenty-one; 一百三十 XIV ２０２３ 1914–18")
	f.Fuzz(func(t *testing.T, text string) {
		readings(text)
		for _, q := range quantities(text) {
			if q.start < 0 || q.end > len(text) || q.number.start < q.start || q.number.end > q.end {
				t.Errorf("%+v lies outside of %q", q, text)
			}
		}
		if joined := strings.Join(Tokens(text, CutRagged), ""); joined != text {
			t.Errorf("the tokens give %q", joined)
		}
		if joined := strings.Join(Tokens(text, CutWords), ""); joined != text {
			t.Errorf("the tokens give %q", joined)
		}
	})
}
