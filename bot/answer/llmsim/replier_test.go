package llmsim

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
)

func answerTo(question string, replier Replier) Reply {
	return replier(Request{Messages: []Message{{"system", "You answer from passages."}, {"user", passagesText + "\nQUESTION:\n" + question}}})
}

func TestFaithfulAnswersFromThePassages(t *testing.T) {
	tests := []struct {
		question string
		holds    []string
	}{
		{"Who built the lighthouse?", []string{"Kåre Lund", "[4]"}},
		{"When did the harbour open?", []string{"1871", "[3]"}},
		{"What did the harbour cost in pounds?", []string{"pounds", "[3]"}},
		{"How many moons has Jupiter?", []string{"NOT_FOUND"}},
	}
	for _, tt := range tests {
		got := answerTo(tt.question, Faithful()).Text
		for _, part := range tt.holds {
			if !strings.Contains(got, part) {
				t.Errorf("%s %q lacks %q", tt.question, got, part)
			}
		}
	}
	ways := map[string]bool{}
	for i := range 60 {
		ways[answerTo(fmt.Sprintf("Who built the lighthouse? (%d)", i), Faithful()).Text] = true
	}
	if len(ways) < 4 {
		t.Errorf("always said alike: %v", ways)
	}
}

func TestFaithfulRepairsSummarisesAndRewrites(t *testing.T) {
	system := Message{"system", "You answer from passages."}
	rewrite := func(conversation string) []Message {
		return []Message{{"system", "REWRITE"}, {"user", "CONVERSATION:\n" + conversation}}
	}
	repair := func(sentence string) []Message {
		return []Message{system, {"user", passagesText}, {"user", "CHECK FAILED\nSENTENCE: " + sentence + "\nREASON: number"}}
	}
	tests := []struct {
		name     string
		messages []Message
		want     string
	}{
		{"repair", repair("It stands 99 metres above the water [4]."), "It stands 15.77 metres above the water [4]."},
		{"repair without a source", repair("It stands 99 metres above the water."), "NOTHING"},
		{"rewrite with a name", rewrite("Q: Who was Kåre Lund?\nA: A builder.\nQUESTION:\nWhat did he build?"), "What did Kåre Lund build?"},
		{"rewrite with a thing", rewrite("Q: What did the harbour cost?\nA: Much.\nQUESTION:\nWhen did it open?"), "When did harbour cost open?"},
		{"rewrite without a pronoun", rewrite("Q: Who was Kåre Lund?\nA: A builder.\nQUESTION:\nWhat year?"), "What year (Kåre Lund)?"},
		{"rewrite of a question that stands alone", rewrite("Q: Who was Kåre Lund?\nA: A builder.\nQUESTION:\nWhen did Kåre Lund die?"), "When did Kåre Lund die?"},
		{"neither", []Message{system, {"user", "hello"}}, "NOT_FOUND"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Faithful()(Request{Messages: tt.messages}).Text; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	summary := Faithful()(Request{Messages: []Message{system, {"user", passagesText + "\nSUMMARISE:\nWhat is it about?"}}}).Text
	if !strings.Contains(summary, "[3]") || !strings.Contains(summary, "[4]") {
		t.Errorf("the summary %q leaves out a passage", summary)
	}
}

func TestALiarLiesAndLiesAgain(t *testing.T) {
	for _, kind := range []Kind{Number, Name, Quotation, Marker, Negation, Injection, PromptLeak} {
		reply := answerTo("Who built the lighthouse?", Liar(7, kind))
		if len(reply.Lies) == 0 {
			t.Errorf("%s: no lie in %q", kind, reply.Text)
		}
		for _, lie := range reply.Lies {
			if lie.Kind != kind || !strings.Contains(reply.Text, lie.Sentence) {
				t.Errorf("%s: %+v is not in %q", kind, lie, reply.Text)
			}
		}
		again := Liar(7, kind)(Request{Messages: []Message{{"user", passagesText}, {"user", "CHECK FAILED\nSENTENCE: It stands 99 metres above the water [4].\nREASON: number"}}})
		if len(again.Lies) != 1 || again.Text != again.Lies[0].Sentence {
			t.Errorf("%s: %+v", kind, again)
		}
	}
}

func TestTheServerKeepsTheLies(t *testing.T) {
	c := start(t, Options{Reply: Liar(1, Number)})
	body := asking(object{"messages": []object{{"role": "user", "content": passagesText + "\nQUESTION:\nWhen?"}}})
	if status, _ := c.call("/v1/chat/completions", body); status != 200 || len(c.sim.Lies()) == 0 {
		t.Errorf("status %d, lies %v", status, c.sim.Lies())
	}
}

func TestScriptsGoOnWithTheLast(t *testing.T) {
	replier := Script(Reply{Text: "a"}, Reply{Text: "b"})
	for _, want := range []string{"a", "b", "b"} {
		if got := replier(Request{}).Text; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestReadingsAreGenerous(t *testing.T) {
	tests := []struct {
		text  string
		holds []string
	}{
		{"13.23 billion yuan", []string{"13230000000", "1323/100", "13"}},
		{"1,000 men", []string{"1000", "1"}},
		{"twenty-one thousand", []string{"21000", "21", "20", "1000"}},
		{"two hundred and five", []string{"205", "200", "5"}},
		{"1914–18", []string{"1914", "18", "1918"}},
		{"２０２３年 ١٢ 一百三十 一九九八", []string{"2023", "12", "130", "1998"}},
		{"132.3亿", []string{"13230000000"}},
		{"Henry XIV in May, a third, half", []string{"14", "5", "3", "1/2"}},
	}
	for _, tt := range tests {
		have := readings(tt.text)
		for _, v := range tt.holds {
			if !have[v] {
				t.Errorf("%q lacks %s: %v", tt.text, v, have)
			}
		}
	}
}

func TestNumeralsReadAsTheyAreWritten(t *testing.T) {
	for n := range 10000 {
		if values := hanValues(hanNumeral(n)); values[0].Cmp(big.NewRat(int64(n), 1)) != 0 {
			t.Fatalf("%d is written %s and read %v", n, hanNumeral(n), values)
		}
	}
	for n := 1; n < 100; n++ {
		if v, ok := wordValue(numberWord(n)); !ok || v.Cmp(big.NewRat(int64(n), 1)) != 0 {
			t.Fatalf("%d is written %s and read %v", n, numberWord(n), v)
		}
	}
}

func TestSentencesEndWhereTheyDo(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"Dr. Lund came in 1871. He stayed.", []string{"Dr. Lund came in 1871.", "He stayed."}},
		{"J. R. Smith of the U.S. Army left. So did he.", []string{"J. R. Smith of the U.S. Army left.", "So did he."}},
		{`"It is over." Lund said. It cost 5.5 pounds.`, []string{`"It is over."`, "Lund said.", "It cost 5.5 pounds."}},
		{"第一句。第二句！", []string{"第一句。", "第二句！"}},
	}
	for _, tt := range tests {
		if got := sentences(tt.text); strings.Join(got, "|") != strings.Join(tt.want, "|") {
			t.Errorf("%q", got)
		}
	}
}
