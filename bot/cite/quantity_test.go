package cite

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"footnote/corpus"
)

// unheld returns the quantities of a sentence that the evidence does not hold.
func unheld(f *figures, sentence string) []string {
	var missing []string
	for _, q := range quantitiesOf(sentence) {
		if !f.holds(q) {
			missing = append(missing, q.text)
		}
	}
	return missing
}

func TestFiguresHold(t *testing.T) {
	for _, test := range quantityCases {
		f := newFigures(test.evidence)
		for _, sentence := range test.yes {
			if missing := unheld(f, sentence); missing != nil {
				t.Errorf("evidence %q\n  does not hold %q\n  of %q", test.evidence, missing, sentence)
			}
		}
		for _, sentence := range test.no {
			if unheld(f, sentence) == nil {
				t.Errorf("evidence %q\n  holds %q", test.evidence, sentence)
			}
		}
	}
}

func TestSentencesThatClaimNothing(t *testing.T) {
	for _, sentence := range claimless {
		for _, q := range quantitiesOf(sentence) {
			t.Errorf("%q in %q is taken for a quantity", q.text, sentence)
		}
	}
}

func TestDecimalDigitsOfEveryScript(t *testing.T) {
	f := newFigures("It took 3,917 days.")
	for _, zero := range []rune{'０', '٠', '۰', '०', '০', '๐', '០', '᠐', '𝟎', '𝟶', '𑁦', '𞥐'} {
		var b strings.Builder
		for _, d := range []rune{3, 9, 1, 7} {
			if r := zero + d; !unicode.Is(unicode.Nd, r) {
				t.Fatalf("%q is no digit", r)
			}
			b.WriteRune(zero + d)
		}
		if missing := unheld(f, b.String()+" days"); missing != nil {
			t.Errorf("%q is not 3917", missing)
		}
	}
}

func TestQuantityOffsetsAreThoseOfTheOriginal(t *testing.T) {
	sentence := "é ½ of the ８０％ in “２０２３年８月” cost US$ 5 million — ① ㎏"
	want := []string{"½", "８０％", "２０２３年８月", "US$ 5 million", "①"}
	var got []string
	for _, q := range quantitiesOf(sentence) {
		if sentence[q.start:q.end] != q.text {
			t.Errorf("%q is not at %d to %d", q.text, q.start, q.end)
		}
		got = append(got, q.text)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// paragraphs returns those of the report and the question suites; the latter
// are not part of the repository.
func paragraphs(t testing.TB) []string {
	names, err := filepath.Glob("../../../shared/golden/*/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{corpus.Report().Text}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	var found []string
	for _, text := range texts {
		d := corpus.Plain("d.txt", text)
		for _, b := range d.Blocks {
			found = append(found, d.Text[b.Start:b.End])
		}
	}
	return found
}

func TestParagraphsHoldTheirSentences(t *testing.T) {
	sentences, quantities := 0, 0
	for _, p := range paragraphs(t) {
		f := newFigures(p)
		for _, s := range corpus.Sentences(p) {
			sentence := p[s.Start:s.End]
			sentences++
			quantities += len(quantitiesOf(sentence))
			if missing := unheld(f, sentence); missing != nil {
				t.Errorf("%q of %q do not stand in %q", missing, sentence, p)
			}
		}
		if missing := unheld(f, p); missing != nil {
			t.Errorf("%q do not stand in %q itself", missing, p)
		}
	}
	t.Logf("%d quantities in %d sentences", quantities, sentences)
}

// TestChangedDigitsAreCaught changes each digit of each quantity of real
// sentences in turn, to make a number that stands nowhere in the paragraph.
func TestChangedDigitsAreCaught(t *testing.T) {
	changed, missed := 0, 0
	for _, p := range paragraphs(t) {
		f := newFigures(p)
		numbers := numbersNamed(p)
		for _, s := range corpus.Sentences(p) {
			sentence := p[s.Start:s.End]
			for _, q := range quantitiesOf(sentence) {
				for i := q.start; i < q.end; i++ {
					other, ok := withDigit(sentence, i, numbers)
					if !ok {
						continue
					}
					changed++
					if unheld(f, other) == nil {
						missed++
						t.Logf("missed %q in %q", other[q.start:q.end], other)
					}
				}
			}
		}
	}
	t.Logf("%d of %d changes missed", missed, changed)
	if changed == 0 || missed*1000 > changed {
		t.Errorf("%d of %d changes missed", missed, changed)
	}
}

// withDigit changes the digit at offset i, if there is one, so that the run of
// digits it is in becomes one that is not among numbers.
func withDigit(text string, i int, numbers map[string]bool) (string, bool) {
	if !asciiDigit(rune(text[i])) {
		return "", false
	}
	from, to := i, i+1
	for from > 0 && asciiDigit(rune(text[from-1])) {
		from--
	}
	for to < len(text) && asciiDigit(rune(text[to])) {
		to++
	}
	for d := 1; d < 10; d++ {
		b := []byte(text)
		b[i] = '0' + (text[i]-'0'+byte(d))%10
		if b[from] != '0' && !numbers[string(b[from:to])] {
			return string(b), true
		}
	}
	return "", false
}

// numbersNamed returns the runs of digits of a text, and what else names a
// number in it: the second year of 1914–18, short decades, words up to twenty.
func numbersNamed(text string) map[string]bool {
	named := map[string]bool{}
	for _, run := range regexp.MustCompile(`\d+`).FindAllString(text, -1) {
		named[run] = true
	}
	for _, years := range regexp.MustCompile(`(\d\d)\d\d[-–](\d\d)\b`).FindAllStringSubmatch(text, -1) {
		named[years[1]+years[2]] = true
	}
	for _, years := range regexp.MustCompile(`\b\d\d(\d\d)\b`).FindAllStringSubmatch(text, -1) {
		named[years[1]] = true
	}
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		for i, names := range smallNumbers {
			if strings.Contains(" "+names+" ", " "+word+" ") {
				named[strconv.Itoa(i)] = true
			}
		}
	}
	return named
}

var smallNumbers = []string{
	"zero", "one", "two second", "three third", "four fourth", "five fifth", "six sixth", "seven seventh",
	"eight eighth", "nine ninth", "ten tenth", "eleven eleventh", "twelve twelfth dozen", "thirteen thirteenth",
	"fourteen fourteenth", "fifteen fifteenth", "sixteen sixteenth", "seventeen seventeenth",
	"eighteen eighteenth", "nineteen nineteenth", "twenty twentieth",
}

func FuzzQuantities(f *testing.F) {
	for _, test := range quantityCases {
		f.Add(test.evidence)
		for _, sentence := range append(test.yes, test.no...) {
			f.Add(sentence)
		}
	}
	for _, sentence := range claimless {
		f.Add(sentence)
	}
	f.Fuzz(func(t *testing.T, text string) {
		held := newFigures(text)
		checkQuantities(t, held, text)
		for _, s := range corpus.Sentences(text) {
			checkQuantities(t, held, text[s.Start:s.End])
		}
	})
}

func checkQuantities(t *testing.T, held *figures, text string) {
	t.Helper()
	at, valid := 0, utf8.ValidString(text)
	for _, q := range quantitiesOf(text) {
		if q.start < at || q.end <= q.start || q.end > len(text) || text[q.start:q.end] != q.text || len(q.readings) == 0 {
			t.Fatalf("%q at %d to %d, after %d, in %q", q.text, q.start, q.end, at, text)
		}
		if valid && !utf8.ValidString(q.text) {
			t.Fatalf("%q is cut inside a character", q.text)
		}
		if !held.holds(q) {
			t.Fatalf("%q does not stand in its own text %q: %+v", q.text, text, q.readings)
		}
		at = q.end
	}
}

// TestHostileTextsHoldThemselves reads long runs of one thing; that their time
// is linear shows in BenchmarkHostileTexts.
func TestHostileTextsHoldThemselves(t *testing.T) {
	for _, unit := range hostileUnits {
		text := strings.Repeat(unit, 20_000/len(unit))
		checkQuantities(t, newFigures(text), text)
	}
}

var hostileUnits = []string{
	"1", "1,", "1,000,", "1.", "1 ", "1 000 ", "1-", "1/", "1:", "1'", "万", "一", "一万", "百分之", "三分之", "二千", "a1", "A1-", "A.1", "$", "$1 ", "½", "1½", "²", "1²",
	"million ", "hundred ", "one ", "twenty ", "one hundred and ", "tens of ", "1 million ", "May ", "May 1 ", "1 May ", "1 and ", "1 to ",
	"2023-", "2023年", "8月", "十", "十年", "〇", "1亿", "负", "- ", "-1 ", "per ", "km per ", "5 km/", "%", "1% ", "①", "一一", "千万", "点五", "1^", "1e", "x10^",
}

func BenchmarkHostileTexts(b *testing.B) {
	for _, unit := range hostileUnits {
		for _, size := range []int{10_000, 100_000} {
			text := strings.Repeat(unit, size/len(unit))
			b.Run(fmt.Sprintf("%q/%d", unit, size), func(b *testing.B) {
				for b.Loop() {
					newFigures(text)
				}
			})
		}
	}
}

func BenchmarkNewFigures(b *testing.B) {
	text := corpus.Report().Text
	if words := strings.Fields(text); len(words) > 300 {
		text = strings.Join(words[:300], " ")
	}
	b.ReportAllocs()
	for b.Loop() {
		newFigures(text)
	}
}

func BenchmarkNewFiguresDense(b *testing.B) {
	text := strings.Repeat("In August 2023, 5 to 10% of 1,300 firms (132.3亿元) spent $3.5bn over 18 months. ", 20)
	b.ReportAllocs()
	for b.Loop() {
		newFigures(text)
	}
}
