package llmsim

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// articles reads the texts that stand beside the repository, each as numbered
// passages, with one in Chinese of our own. The test is skipped without them.
func articles(t testing.TB) [][]Passage {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	shared := filepath.Join(filepath.Dir(here), "../../../../shared")
	files, err := filepath.Glob(filepath.Join(shared, "golden/*/*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, filepath.Join(shared, "report.txt"))
	all := [][]Passage{numbered(strings.Split(chineseText, "\n"))}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Skip("the texts are not here: ", err)
		}
		separator := "\n\n"
		if filepath.Base(file) == "report.txt" {
			separator = "\n"
		}
		all = append(all, numbered(strings.Split(string(text), separator)))
	}
	return all
}

func numbered(paragraphs []string) []Passage {
	var passages []Passage
	for _, text := range paragraphs {
		if text = strings.TrimSpace(text); text != "" {
			passages = append(passages, Passage{N: len(passages) + 1, Text: text})
		}
	}
	return passages
}

const chineseText = `2023年，国内大模型市场规模预计达到132.3亿元，增长率为110%。工信部赛迪研究院的数据显示，研发厂商超过19家，其中15家厂商的产品已经通过备案。
复旦大学教授肖仰华表示，国内外大模型的差距仍然存在，而且没有缩小。截至2023年10月，国内共发布了238个大模型，参数规模达到1000亿的厂商只有约10家。`

// generated makes cases from the passages of every article, from one in every
// stride of them, each with the article's other passages and one of another
// article beside it.
func generated(t testing.TB, stride int, make func(*rand.Rand, Passage, []Passage) (Case, bool), check func(Case, []Passage)) int {
	all := articles(t)
	n := 0
	for a, article := range all {
		rng := rand.New(rand.NewPCG(1, uint64(a)))
		foreign := pick(rng, all[(a+1)%len(all)])
		foreign.N = len(article) + 1
		for i := 0; i < len(article); i += stride {
			others := append(slices.Delete(slices.Clone(article), i, i+1), foreign)
			if c, ok := make(rng, article[i], others); ok {
				check(c, append(others, article[i]))
				n++
			}
		}
	}
	return n
}

func citedText(c Case, passages []Passage) string {
	var text []string
	for _, p := range passages {
		if slices.Contains(c.Cited, p.N) {
			text = append(text, p.Text)
		}
	}
	return strings.Join(text, "\n")
}

var markerForm = regexp.MustCompile(`\[\d+\]`)

// kindTests say how much is asked of a kind, and what its cases must keep to.
// Sayings are rare in the texts.
var kindTests = map[Kind]struct {
	stride  int
	atLeast int
	check   func(t *testing.T, c Case, citedText string)
}{
	Number:     {1, 200, checkNumber},
	Name:       {2, 200, checkAbsent},
	Quotation:  {2, 200, checkAbsent},
	Speaker:    {1, 25, nil},
	Marker:     {2, 200, nil},
	Negation:   {2, 200, nil},
	Role:       {2, 200, nil},
	Injection:  {2, 200, checkAbsent},
	PromptLeak: {2, 200, checkAbsent},
}

func TestLiesAreFalseAndOtherwiseWhole(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			test := kindTests[kind]
			variants := map[string]int{}
			lie := func(rng *rand.Rand, p Passage, others []Passage) (Case, bool) { return Lie(rng, kind, p, others) }
			n := generated(t, test.stride, lie, func(c Case, passages []Passage) {
				variants[c.Variant]++
				checkWhole(t, kind, c)
				if test.check != nil {
					test.check(t, c, citedText(c, passages))
				}
			})
			if n < test.atLeast {
				t.Errorf("%d cases, fewer than %d", n, test.atLeast)
			}
			for _, f := range falsifiers(kind) {
				if kind != Speaker && variants[f.variant] == 0 {
					t.Errorf("no case of %s", f.variant)
				}
			}
			t.Log(n, variants)
		})
	}
}

// checkWhole: a case of any kind has all that it must have.
func checkWhole(t *testing.T, kind Kind, c Case) {
	if c.Kind != kind || c.Sentence == "" || c.What == "" || !markerForm.MatchString(c.Truth) {
		t.Errorf("an incomplete case: %+v", c)
	}
	if kind != Marker && (len(c.Cited) == 0 || !markerForm.MatchString(c.Sentence)) {
		t.Errorf("no marker in %q", c.Sentence)
	}
	if withoutMarkers(c.Sentence) == withoutMarkers(c.Truth) && kind != Marker {
		t.Errorf("%s changed nothing in %q", c.What, c.Sentence)
	}
	if !utf8.ValidString(c.Sentence) {
		t.Errorf("%q is no UTF-8", c.Sentence)
	}
	if !strings.Contains(c.Sentence, c.False) {
		t.Errorf("%q does not stand in %q", c.False, c.Sentence)
	}
}

func withoutMarkers(s string) string {
	bare := strings.Join(strings.Fields(markerForm.ReplaceAllString(s, "")), " ")
	return strings.TrimRight(bare, ".。 ")
}

// contextual are the number lies whose digits are true: what belongs to them
// is false.
var contextual = []string{"unit", "currency", "percent dropped", "percent added", "month", "scale", "scale added"}

// checkNumber: the false number does not stand in the cited text.
func checkNumber(t *testing.T, c Case, text string) {
	if slices.Contains(contextual, c.Variant) {
		if strings.Contains(text, c.False) && c.Variant != "percent dropped" {
			t.Errorf("%s: %q stands in the cited text", c.Variant, c.False)
		}
		return
	}
	digits := strings.ReplaceAll(plainDigits(c.False), ",", "")
	bounded := regexp.MustCompile(`(^|[^\d.,])` + regexp.QuoteMeta(digits) + `($|[^\d])`)
	if isDigits(digits) && bounded.MatchString(strings.ReplaceAll(plainDigits(text), ",", "")) || holdsWords(text, c.False) && !isDigits(digits) {
		t.Errorf("%s: %q stands in %q", c.What, c.False, text)
	}
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789.") == "" }

// checkAbsent: the false name or quotation does not stand in the cited text.
func checkAbsent(t *testing.T, c Case, text string) {
	if strings.Contains(strings.ToLower(text), strings.ToLower(c.False)) {
		t.Errorf("%s: %q stands in the cited text", c.What, c.False)
	}
}

func TestHonestSentencesKeepToThePassage(t *testing.T) {
	variants := map[string]int{}
	n := generated(t, 1, Honest, func(c Case, passages []Passage) {
		variants[c.Variant]++
		if c.Sentence == "" || !markerForm.MatchString(c.Sentence) || len(c.Cited) == 0 {
			t.Errorf("an incomplete case: %+v", c)
		}
		text := citedText(c, passages)
		have := readings(text)
		body := strings.TrimPrefix(markerForm.ReplaceAllString(c.Sentence, ""), "1. ")
		for _, q := range quantities(body) {
			if v := q.amount(); !have[v.RatString()] && !isoDate(body, q.span) {
				t.Errorf("%s: %s is not in the passage: %q from %q", c.Variant, q.of(body), c.Sentence, c.Truth)
			}
		}
		for _, d := range dates(body) {
			if !have[big.NewRat(monthNumber(d.month), 1).RatString()] {
				t.Errorf("the month of %s is not in the passage", d.of(body))
			}
		}
		if c.Variant == "quotation" {
			for _, q := range quotedSpans(body) {
				if inner := strings.Trim(q.of(body), "\"“”「」"); !strings.Contains(text, inner) {
					t.Errorf("%q is not verbatim", inner)
				}
			}
		}
	})
	if n < 500 {
		t.Errorf("only %d cases", n)
	}
	for _, f := range honestForms {
		if variants[f.name] == 0 {
			t.Errorf("no case of %s", f.name)
		}
	}
	t.Log(n, variants)
}

var isoForm = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

func isoDate(text string, s span) bool {
	for _, m := range isoForm.FindAllStringIndex(text, -1) {
		if s.start >= m[0] && s.end <= m[1] {
			return true
		}
	}
	return false
}

func TestCasesRepeatWithTheirSeed(t *testing.T) {
	p := numbered([]string{"In 1871 the harbour of Port Lindsay cost 5,000 pounds. It was built by Kåre Lund, who came from Bergen in 1850."})[0]
	for _, kind := range Kinds() {
		a, _ := Lie(rand.New(rand.NewPCG(1, 2)), kind, p, nil)
		b, _ := Lie(rand.New(rand.NewPCG(1, 2)), kind, p, nil)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: %+v and then %+v", kind, a, b)
		}
	}
}
