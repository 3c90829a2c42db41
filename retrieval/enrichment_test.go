package retrieval

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval/words"
)

func every(string) bool { return true }

func TestReadEnrichments(t *testing.T) {
	for _, test := range []struct {
		name, file string
		want       Enrichments
	}{
		{"nothing", "", Enrichments{}},
		{"blank lines", "\n  \n\r\n", Enrichments{}},
		{"a context alone", `{"text_sha256":"k","context":"Where it stands."}`, Enrichments{"k": {Context: "Where it stands."}}},
		{"questions", `{"text_sha256":"k","en":["Who?","When?"]}`, Enrichments{"k": {Questions: []ExpectedQuestion{{Text: "Who?", Language: "en"}, {Text: "When?", Language: "en"}}}}},
		{"questions with their sentences", `{"text_sha256":"k","en":[["Who?",2],"When?"]}`,
			Enrichments{"k": {Questions: []ExpectedQuestion{{"Who?", 2, "en"}, {Text: "When?", Language: "en"}}}}},
		{"other keys", `{"text_sha256":"k","paragraph":7,"model":"x","zh":["谁?"]}`, Enrichments{"k": {Questions: []ExpectedQuestion{{Text: "谁?", Language: "zh"}}}}},
		{"several lines", "{\"text_sha256\":\"a\",\"en\":[\"A?\"]}\n\n{\"text_sha256\":\"b\",\"en\":[\"B?\"]}\n",
			Enrichments{"a": {Questions: []ExpectedQuestion{{Text: "A?", Language: "en"}}}, "b": {Questions: []ExpectedQuestion{{Text: "B?", Language: "en"}}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ReadEnrichments(strings.NewReader(test.file), every)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func TestReadEnrichmentsSaysWhichLineIsWrong(t *testing.T) {
	for name, line := range map[string]string{
		"no JSON":                     "Who?",
		"a list":                      `["k"]`,
		"no key":                      `{"en":["Who?"]}`,
		"a key that is a number":      `{"text_sha256":7}`,
		"a context of another sort":   `{"text_sha256":"k","context":["a"]}`,
		"questions of another sort":   `{"text_sha256":"k","en":"Who?"}`,
		"a question that is a number": `{"text_sha256":"k","en":[7]}`,
		"a sentence that is a word":   `{"text_sha256":"k","en":[["Who?","two"]]}`,
		"cut off":                     `{"text_sha256":"k","en":["Who`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadEnrichments(strings.NewReader("{\"text_sha256\":\"a\"}\n\n"+line+"\n"), every)
			if err == nil || !strings.HasPrefix(err.Error(), "line 3: ") {
				t.Errorf("the error is %v", err)
			}
		})
	}
	if _, err := ReadEnrichments(strings.NewReader(`{"text_sha256":"`+strings.Repeat("x", 2<<20)+`"}`), every); err == nil {
		t.Error("an endless line is read")
	}
}

func TestOnlyWantedEnrichmentsAreKept(t *testing.T) {
	file := `{"text_sha256":"a","en":["A?"]}` + "\n" + `{"text_sha256":"b","en":"wrong, but not wanted"}`
	got, err := ReadEnrichments(strings.NewReader(file), func(key string) bool { return key == "a" })
	if err != nil || len(got) != 1 || len(got["a"].Questions) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestACopyOfTheReportHasItsEnrichmentToo(t *testing.T) {
	original := reportCorpus(t)
	copied, err := corpus.New(corpus.Plain("another name.txt", corpus.Report().Text))
	if err != nil {
		t.Fatal(err)
	}
	other, err := corpus.New(corpus.Plain("a.txt", "Something else."))
	if err != nil {
		t.Fatal(err)
	}
	want, err := ShippedEnrichments(original)
	if err != nil || len(want) == 0 {
		t.Fatalf("%d enrichments, %v", len(want), err)
	}
	if got, err := ShippedEnrichments(copied); err != nil || len(got) != len(want) {
		t.Errorf("a copy has %d, %v; want %d", len(got), err, len(want))
	}
	if got, err := ShippedEnrichments(other); err != nil || got != nil {
		t.Errorf("another document has %v, %v", got, err)
	}
}

func TestAPassageIsFoundByTheQuestionsItIsExpectedToAnswer(t *testing.T) {
	lines := []string{"The first mill was built in 1740. It ground wheat.", "The harbour froze twice.", "A census counted goats."}
	c, err := corpus.New(corpus.Plain("a.txt", strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	e := Enrichments{TextKey(lines[0]): {Context: "On milling.", Questions: []ExpectedQuestion{{Text: "Which grain became flour?", Sentence: 2}, {Text: "Wann entstand die Mühle? 1740"}}}}
	x := newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), e)
	for text, want := range map[string]int32{"Which grain became flour?": 1, "Wann entstand die Mühle? 1740": 0} {
		m := newMatcher(x, x.analyse(text), true)
		if a := m.askedBefore(0); a.score < 0.9 || a.byWords != want {
			t.Errorf("%q: %+v, want sentence %d", text, a, want)
		}
		if a := m.askedBefore(1); a.score != 0 {
			t.Errorf("%q is taken for a question of another passage: %+v", text, a)
		}
	}
	if q := x.analyse("grain"); len(q.terms) != 1 || q.terms[0].known() {
		t.Errorf("a word of an enrichment alone is taken for one of the corpus: %+v", q.terms)
	}
}

func FuzzReadEnrichments(f *testing.F) {
	f.Add(`{"text_sha256":"k","context":"c","en":["Who?",["When?",1]],"zh":["谁"]}`)
	f.Add(`{"text_sha256":"k","en":[["Who?",-3,4],[],null,["x",99999999999]]}`)
	text := "One sentence. Another one, from 1904."
	c, err := corpus.New(corpus.Plain("a.txt", text))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file string) {
		read, err := ReadEnrichments(strings.NewReader(file), every)
		if err != nil {
			return
		}
		e := Enrichments{}
		for _, one := range read { // whatever was read belongs to our passage
			e[TextKey(text)] = one
		}
		x := newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), e)
		m := newMatcher(x, x.analyse("Which sentence is from 1904?"), true)
		if a := m.askedBefore(0); a.score < 0 || a.score > 1 || a.meaning > 1.001 {
			t.Errorf("%s", fmt.Sprintf("%+v", a))
		}
	})
}
