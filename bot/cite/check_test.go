package cite

import (
	"slices"
	"strings"
	"testing"

	"footnote/corpus"
)

// reportChecker returns a checker for which the marker [n] cites the bundled
// report's paragraph n.
func reportChecker(t testing.TB, question string) *Checker {
	t.Helper()
	c, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	return NewChecker(c, question, c.Passages)
}

// marker returns the number of the passage that holds a text.
func marker(t testing.TB, k *Checker, text string) string {
	t.Helper()
	for i, p := range k.passages {
		if strings.Contains(p.Text, text) {
			return "[" + itoaTest(i+1) + "]"
		}
	}
	t.Fatalf("no passage holds %q", text)
	return ""
}

func itoaTest(n int) string {
	var digits []byte
	for ; n > 0; n /= 10 {
		digits = append(digits, byte('0'+n%10))
	}
	slices.Reverse(digits)
	return string(digits)
}

func TestCheckTellsWhatMayBeShown(t *testing.T) {
	const (
		gap    = "The gap between us and OpenAI"
		score  = "89.79"
		market = "13.23 billion"
		count  = "238 large models"
		small  = "Small innovation"
		half   = "extraordinary capital partner"
	)
	for _, tt := range []struct {
		name, sentence, at string
		question           string
		want               FaultKind // "" for one that may be shown
	}{
		{"a statement", "As of October, 238 large models had been released in China [n].", count, "", ""},
		{"the marker after the full stop", "As of October, 238 large models had been released in China. [n]", count, "", ""},
		{"a quotation", "The report says: “The gap between us and OpenAI is widening, not narrowing” [n].", gap, "", ""},
		{"a quotation with straight marks and its comma inside", `"The gap between us and OpenAI is widening," Xiao Yanghua said [n].`, gap, "", ""},
		{"a name as the speaker", "Xiao Yanghua of Fudan University says that the gap with OpenAI is widening [n].", gap, "", ""},
		{"Chinese about an English passage", "截至10月，中国已发布238个大模型 [n]。", count, "", ""},
		{"Chinese with a sum", "预计今年中国大语言模型市场规模将达到132.3亿元 [n]。", market, "", ""},
		{"the question's own name", "Tencent Cloud is not the one; GPT4-Turbo leads with 89.79 [n].", score, "Does Tencent Cloud lead?", ""},
		{"a lead-in", "The report gives the following reasons:", count, "", ""},
		{"silence", "The report does not say how many models were released in Japan.", count, "How many models were released in Japan?", ""},
		{"no marker, but a passage says it", "As of October this year, 238 large models have been released in China.", count, "", ""},

		{"a wrong number", "As of October, 283 large models had been released in China [n].", count, "", FaultNumber},
		{"a wrong scale", "The market will reach 13.23 million yuan this year [n].", market, "", FaultNumber},
		{"a wrong currency", "The market will reach 13.23 billion dollars this year [n].", market, "", FaultNumber},
		{"a wrong number in Chinese", "截至10月，中国已发布283个大模型 [n]。", count, "", FaultNumber},
		{"an invented name", "Xiao Yanghua of Peking University says that the gap with OpenAI is widening [n].", gap, "", FaultName},
		{"a name at the start", "Anthropic says that the gap with OpenAI is widening [n].", gap, "", FaultName},
		{"a name made of two", "Wu Yanghua says that the gap with OpenAI is widening [n].", gap, "", FaultName},
		{"a Latin name in Chinese", "GPT5 以 89.79 分遥遥领先 [n]。", score, "", FaultName},
		{"another version", "Gpt4-Ultra is far ahead with a total score of 89.79 [n].", score, "", FaultName},
		{"an altered quotation", "The report says: “The gap between us and OpenAI is narrowing” [n].", gap, "", FaultQuotation},
		{"a stitched quotation", "It says: “The gap between us and OpenAI … not narrowing” [n].", gap, "", FaultQuotation},
		{"a homoglyph", "It says: “The gap between us and OрenAI is widening” [n].", gap, "", FaultMarkup},
		{"an unclosed quotation", "It says: “The gap between us and OpenAI is widening [n].", gap, "", FaultQuotation},
		{"half a word quoted", "It says: “he gap between us and OpenAI is widening” [n].", gap, "", FaultQuotation},
		{"a denial", "The gap with OpenAI is not widening [n].", gap, "", FaultDenial},
		{"a denial dropped", "The gap between us and OpenAI is narrowing [n].", gap, "", FaultDenial},
		{"no marker and no support", "Dogs are the best friends of people.", count, "", FaultMarker},
		{"an unknown marker and no support", "Dogs are the best friends of people [99].", count, "", FaultMarker},
		{"a marker without support", "People are the best friends of lonely old men everywhere [n].", count, "", FaultSupport},
		{"a call of everybody", "238 large models <!channel> have been released [n].", count, "", FaultMarkup},
		{"a person called", "238 large models <@U012AB3CD> have been released [n].", count, "", FaultMarkup},
		{"a link", "238 large models have been released, see https://evil.example/x [n].", count, "", FaultMarkup},
		{"a domain", "238 large models have been released, see evil.example [n].", count, "", FaultMarkup},
		{"a Markdown link", "238 [large models](evil) have been released in China [n].", count, "", FaultMarkup},
		{"an entity", "238 large models &lt;!channel&gt; have been released [n].", count, "", FaultMarkup},
		{"silence about something else", "The report does not say that Joe Biden was shot in 2022.", count, "How many models?", FaultMarker},
		{"a swapped speaker", `Wu Wei said: “Small innovation depends on big factories” [n].`, small, "", FaultName},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := reportChecker(t, tt.question)
			sentence := strings.ReplaceAll(tt.sentence, "[n]", marker(t, k, tt.at))
			v := k.Check(sentence)
			var kinds []FaultKind
			for _, f := range v.Faults {
				kinds = append(kinds, f.Kind)
			}
			switch {
			case tt.want == "" && len(kinds) > 0:
				t.Errorf("%s: %s", sentence, v.Reasons())
			case tt.want != "" && !slices.Contains(kinds, tt.want):
				t.Errorf("%s: faults %v (%s), want %s", sentence, kinds, v.Reasons(), tt.want)
			}
		})
	}
}

// A passage on another matter is not among the sentence's sources, so a word
// quoted from there would have none.
func TestAQuotationStandsInAPassageThatIsShown(t *testing.T) {
	k := reportChecker(t, "")
	const other = "popularity"
	sentence := "As of October, “QUOTE” 238 large models had been released in China COUNT OTHER."
	sentence = strings.NewReplacer("QUOTE", other, "COUNT", marker(t, k, "238 large models"), "OTHER", marker(t, k, other)).Replace(sentence)
	v := k.Check(sentence)
	if v.Holds() || !slices.ContainsFunc(v.Faults, func(f Fault) bool { return f.Kind == FaultQuotation }) {
		t.Errorf("%s: faults %v", sentence, v.Faults)
	}
}
