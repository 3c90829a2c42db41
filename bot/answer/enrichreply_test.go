package answer

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"footnote/retrieval"
)

type asked = retrieval.ExpectedQuestion

var both = []string{"en", "zh"}

func TestRepliesAreReadWhateverTheirForm(t *testing.T) {
	want := map[string][]asked{"en": {{Text: "Who came?", Sentence: 2}, {Text: "When?"}}, "zh": {{Text: "谁来了?", Sentence: 1}}}
	const object = `{"context":"A line.","en":[["Who came?",2],["When?",0]],"zh":[["谁来了?",1]]}`
	for name, reply := range map[string]string{
		"the object":                object,
		"a code fence":              "```json\n" + object + "\n```",
		"words around it":           "Here {you} are:\n" + object + "\nAnything else? {\"en\":[\"No\"]}",
		"a thought":                 "<think>{\"en\":[[\"A draft?\",1]]}</think>\n" + object,
		"a thought without a start": "so {\"en\":[]}</think>" + object,
		"strings for numbers":       `{"context":"A line.","en":[["Who came?","2"],["When?","none"]],"zh":[["谁来了?","1"]]}`,
		"the number first":          `{"context":"A line.","en":[[2,"Who came?"],"When?"],"zh":[[1,"谁来了?"]]}`,
		"objects":                   `{"context":"A line.","en":[{"question":"Who came?","sentence":2},{"q":"When?"}],"zh":[{"text":"谁来了?","n":"1"}]}`,
		"below questions":           `{"context":"A line.","questions":{"en":[["Who came?",2],"When?"],"zh":[["谁来了?",1]]}}`,
		"below something else":      `{"reply":` + object + `}`,
		"white space in it":         "{\"context\":\"A\\nline.\",\n\"en\":[[\" Who\\t came? \",2],[\"When?\"]],\n\"zh\":[[\"谁来了?\",1]]}",
		"another language as well":  object[:len(object)-1] + `,"fr":[["Qui?",1]]}`,
	} {
		e, err := parseEnrichment(reply, both, 3)
		if err != nil || e.Context != "A line." || !reflect.DeepEqual(e.Questions, want) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

func TestQuestionsThatAreNoneAreDropped(t *testing.T) {
	for name, test := range map[string]struct {
		items string
		want  []asked
	}{
		"empty ones":                 {`"","  ",["",1],[],[1],null,7,true,{}`, nil},
		"without a letter":           {`"???","123"`, nil},
		"too long":                   {`"` + strings.Repeat("Why? ", 61) + `"`, nil},
		"as long as may be":          {`"` + strings.Repeat("Why? ", 60) + `"`, []asked{{Text: strings.TrimSpace(strings.Repeat("Why? ", 60))}}},
		"the same twice":             {`"Who came?",["who CAME",1],"Who came ?"`, []asked{{Text: "Who came?"}}},
		"about the passage":          {`"What does this passage say?","According to the passage, who came?","What is the above text about?","What does sentence 2 say?","本段说了什么?","这段话的意思?"`, nil},
		"like those about a passage": {`"Who wrote the text of the anthem?","What is the sentence for theft?"`, []asked{{Text: "Who wrote the text of the anthem?"}, {Text: "What is the sentence for theft?"}}},
		"sentences that are not":     {`["A?",4],["B?",-1],["C?",1e30],["D?",1.5],["E?",3]`, []asked{{Text: "A?"}, {Text: "B?"}, {Text: "C?"}, {Text: "D?"}, {Text: "E?", Sentence: 3}}},
		"signs that are not seen":    {`["A\u0000\u202e b\u200bc?\u001b[2J",1]`, []asked{{Text: "A bc? [2J", Sentence: 1}}},
	} {
		e, err := parseEnrichment(`{"en":["Kept first?",`+test.items+`],"zh":[]}`, both, 3)
		want := append([]asked{{Text: "Kept first?"}}, test.want...)
		if err != nil || !reflect.DeepEqual(e.Questions["en"], want) {
			t.Errorf("%s: %+v, %v; want %+v", name, e.Questions["en"], err, want)
		}
	}
}

func TestAnEnrichmentIsBounded(t *testing.T) {
	var items []string
	for i := range 500 {
		items = append(items, `["What of `+strings.Repeat("x", i+1)+`?",1]`)
	}
	list := "[" + strings.Join(items[:100], ",") + "]"
	e, err := parseEnrichment(`{"context":"`+strings.Repeat("很长的一行 ", 100)+`","en":`+list+`}`, both, 1)
	if err != nil || len(e.Questions["en"]) != retrieval.MaxQuestions || len(e.Context) > retrieval.MaxContextBytes || !utf8.ValidString(e.Context) || e.Context == "" {
		t.Errorf("%d questions, %d bytes of context, %v", len(e.Questions["en"]), len(e.Context), err)
	}
	if _, err := parseEnrichment(strings.Repeat(`{"en":`, 1<<20), both, 1); err == nil {
		t.Error("something endless is read")
	}
}

func TestRepliesThatCannotBeUsed(t *testing.T) {
	for reply, want := range map[string]error{
		"":                                   errNoObject,
		"I cannot help with that.":           errNoObject,
		`[["Who?",1]]`:                       errNoObject,
		`{"questions":["Who?"]}`:             errNoObject,
		`{"en":"Who?"}`:                      errNoObject,
		`{"en":null}`:                        errNoObject,
		`{"en":[["Who`:                       errNoObject,
		`{"fr":["Qui?"]}`:                    errNoObject,
		`{"en":["What is this passage?"]}`:   errNoQuestions,
		`{"en":[""],"zh":[[1]]}`:             errNoQuestions,
		`{"en":[],"zh":[]}`:                  nil, // it says nothing
		`{"context":"A heading.","en":[]}`:   nil,
		`{"context":7,"en":[["Who?",null]]}`: nil,
	} {
		if _, err := parseEnrichment(reply, both, 1); err != want {
			t.Errorf("%s: %v, want %v", reply, err, want)
		}
	}
}

func FuzzParseEnrichment(f *testing.F) {
	f.Add(`{"context":"c","en":[["Who?",1],"When?",{"question":"Where?","sentence":"2"}],"zh":[["谁?",2]]}`, 2)
	f.Add("<think>{\"en\":[]}</think>```json\n{\"questions\":{\"zh\":[[1,\"谁?\"]]}}\n```", 1)
	f.Add(`{{{{"en":[["this passage",1e300],["\ud800\u0000",-1]]`, 0)
	f.Fuzz(func(t *testing.T, reply string, sentences int) {
		e, err := parseEnrichment(reply, both, sentences)
		if err != nil {
			return
		}
		if len(e.Context) > retrieval.MaxContextBytes || !utf8.ValidString(e.Context) {
			t.Errorf("context %q", e.Context)
		}
		for language, questions := range e.Questions {
			if language != "en" && language != "zh" || len(questions) > retrieval.MaxQuestions {
				t.Errorf("%d questions in %q", len(questions), language)
			}
			for _, q := range questions {
				if !utf8.ValidString(q.Text) || !usable(q.Text) || tidyLine(q.Text) != q.Text || q.Sentence < 0 || q.Sentence > max(0, sentences) {
					t.Errorf("%+v", q)
				}
			}
		}
	})
}

func TestLanguages(t *testing.T) {
	for list, want := range map[string][]string{
		"": {"en", "zh"}, " ": {"en", "zh"}, "zh,en": {"en", "zh"}, " DE , fr,de": {"de", "fr"}, "en": {"en"}, "aa": nil, "english": nil, "en,": nil, "en;zh": nil,
		"en,zh,de,fr,es,it,pt,nl,ja": nil,
	} {
		got, err := ParseLanguages(list)
		if !reflect.DeepEqual(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q: %q, %v", list, got, err)
		}
	}
	for _, test := range []struct{ codes, want string }{{"en", "English"}, {"en,zh", "English and Chinese"}, {"en,zh,de", "German, English and Chinese"}} {
		codes, err := ParseLanguages(test.codes)
		if got := LanguageNames(codes); err != nil || got != test.want {
			t.Errorf("%s: %s, %v", test.codes, got, err)
		}
	}
}

func TestTheLanguagesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/enrichment.md")
	if err != nil {
		t.Fatal(err)
	}
	known := "Known are " + strings.Join(slices.Sorted(maps.Keys(languageNames)), ", ") + ".\n"
	if !strings.Contains(string(doc), known) {
		t.Errorf("docs/enrichment.md should say: %s", known)
	}
}
