package retrieval

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"

	"footnote/corpus"
	"footnote/retrieval/words"
)

// surfaces are the surfaces of a text's tokens, compounds in brackets.
func surfaces(text string) []string {
	var out []string
	Tokenize(text, func(t Token) {
		s := t.Surface
		if t.Compound {
			s = "[" + s + "]"
		}
		out = append(out, s)
	})
	return out
}

func TestTokenize(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"no words", " \n\t…—!?.,;:()", ""},
		{"words", "Large models, here.", "large models here"},

		{"letters and digits", "GPT4", "gpt 4 [gpt4]"},
		{"a hyphen", "GPT-4", "gpt 4 [gpt4]"},
		{"a longer name", "GPT4-Turbo", "gpt 4 turbo [gpt4turbo]"},
		{"a name in two words", "GPT-4 Turbo", "gpt 4 [gpt4] turbo"},
		{"a typographic hyphen", "open‑source", "open source [opensource]"},
		{"a hyphen at the end", "pre- and post-", "pre and post"},
		{"a dash", "one - two–three", "one two three"},

		{"decimals", "15.77", "15.77"},
		{"a number at the end", "It was 15.", "it was 15"},
		{"thousands", "1,000 and 1,234,567.89", "1000 and 1234567.89"},
		{"a list of numbers", "1, 2, 3", "1 2 3"},
		{"magnitudes", "13.23bn 5mn 2tn", "13.23 billion [13.23billion] 5 million [5million] 2 trillion [2trillion]"},
		{"magnitudes in capitals", "13BN", "13 billion [13billion]"},
		{"a magnitude on its own is a word", "bn", "bn"},
		{"per cent", "80% or 80％", "80 percent or 80 percent"},
		{"money", "$5 €6 £7", "dollar 5 euro 6 pound 7"},
		{"ordinals", "the 10th, 1st, 2nd and 3rd", "the 10 1 2 and 3"},
		{"no ordinal", "4then", "4 then [4then]"},
		{"a version", "v1.5.2", "v 1.5.2 [v1.5.2]"},
		{"digits of other scripts", "٣٤ and ４２", "٣٤ and 42"},

		{"the country", "U.S. firms", "usa firms"},
		{"the country without stops", "US firms", "usa firms"},
		{"the country in full", "the U.S.A. and the U.S.A", "the usa and the usa"},
		{"the pronoun", "tell us", "tell us"},
		{"the pronoun at the start", "Us too", "us too"},
		{"an abbreviation", "e.g. this", "eg this"},
		{"an initial is no abbreviation", "J. Smith", "j smith"},
		{"the country in a compound", "US-based", "usa based [usabased]"},

		{"a possessive", "China's and China’s", "china and china"},
		{"a plural possessive", "the models' size", "the models size"},
		{"an apostrophe within", "O'Brien", "o brien [obrien]"},
		{"a contraction", "don't", "don t [dont]"},
		{"quotation marks", "'quoted' ‘text’", "quoted text"},

		{"diacritics", "Zürich café naïve Łódź", "zurich cafe naive łodz"},
		{"combining diacritics", "Zu\u0308rich", "zurich"},
		{"ligatures", "ﬁnal", "final"},
		{"capitals of other scripts", "МОСКВА Ὀδυσσεύς", "москва οδυσσευς"},

		{"one ideograph", "大", "大"},
		{"bigrams", "大模型", "大模 模型"},
		{"ideographs after letters", "GPT4中文", "gpt 4 [gpt4] 中文"},
		{"letters after ideographs", "中文GPT", "中文 gpt"},
		{"ideographs and digits", "发布了238个", "发布 布了 238 个"},
		{"Japanese", "これは本", "これ れは は本"},
		{"Korean", "한국어", "한국 국어"},
		{"ideographic punctuation", "模型。模型", "模型 模型"},

		{"invalid UTF-8", "a\xffb \xe4\xb8", "a b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(surfaces(test.text), " "); got != test.want {
				t.Errorf("%q gives %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func TestWaysToWriteTheSameMeet(t *testing.T) {
	for _, same := range [][]string{
		{"GPT4-Turbo", "GPT-4 Turbo", "gpt 4 turbo"},
		{"GPT4", "GPT-4", "gpt-4", "Gpt4"},
		{"1,800 million", "1800 million"},
		{"U.S.", "US", "U.S.A."},
		{"80%", "80 percent"},
		{"13.23bn", "13.23 billion"},
		{"Zürich", "ZURICH"},
	} {
		first := surfaces(same[0])
		for _, other := range same[1:] {
			var shared []string
			for _, s := range surfaces(other) {
				if slices.Contains(first, s) {
					shared = append(shared, s)
				}
			}
			if len(shared) < len(strings.FieldsFunc(other, func(r rune) bool { return r == ' ' || r == '-' })) {
				t.Errorf("%q gives %q, %q gives %q: they share %q", same[0], first, other, surfaces(other), shared)
			}
		}
	}
	if slices.Contains(surfaces("tell us"), surfaces("US")[0]) {
		t.Error("the country meets the pronoun")
	}
}

func TestTokensSayWhereTheyStandAndHowTheyBegin(t *testing.T) {
	text := "The U.S. has GPT4-Turbo, 大模型 and the 10th café."
	want := []string{"The", "U.S.", "has", "GPT", "4", "Turbo", "GPT4-Turbo", "大模", "模型", "and", "the", "10th", "café"}
	capital := []bool{true, true, false, true, false, true, false, false, false, false, false, false, false}
	n := 0
	Tokenize(text, func(tok Token) {
		if got := text[tok.Start:tok.End]; got != want[n] || tok.Capital != capital[n] {
			t.Errorf("token %d stands at %q, capital %v; want %q, %v", n, got, tok.Capital, want[n], capital[n])
		}
		n++
	})
	if n != len(want) {
		t.Errorf("%d tokens, want %d", n, len(want))
	}
}

func FuzzTokenize(f *testing.F) {
	for _, seed := range []string{
		"GPT4-Turbo's 13.23bn, U.S.-based; 大模型GPT한국어 80% don't ﬁ", "1,2.3,4th", "a.b.c.d", "\xff\xe4\xb8", "x-‑-1'’s", "İstanbul ẞ ǅ",
		corpus.Report().Text[:2000],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { checkTokens(t, text) })
}

// checkTokens checks what holds for the tokens of every text.
func checkTokens(t *testing.T, text string) {
	end, wordEnd := 0, 0
	Tokenize(text, func(tok Token) {
		if tok.Start < 0 || tok.Start >= tok.End || tok.End > len(text) {
			t.Fatalf("%q: token %+v is outside", text, tok)
		}
		if !tok.Compound && tok.Start < wordEnd-utf8.UTFMax { // bigrams share a character
			t.Errorf("%q: token %+v begins before the one before it ends", text, tok)
		}
		if tok.End < end {
			t.Errorf("%q: token %+v ends before the one before it", text, tok)
		}
		if tok.Surface == "" || !utf8.ValidString(tok.Surface) {
			t.Errorf("%q: token %+v has no valid surface", text, tok)
		}
		end = tok.End
		if !tok.Compound {
			wordEnd = tok.End
		}
	})
}

func TestTokenizingRandomTextKeepsTheRules(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	parts := strings.Split("a|b|U|S|.|,|'|’|-|‑|s|th|1|2|10|000|%|$|é|ü|中|文|か|한|\u0301| | |\n|X|bn|GPT|'s|٣|Ⅷ|ﬁ|İ|ß|²|\xff|\xe4\xb8|U.S.|US|ʼ|〇|ᄀ|\u0e34|ก", "|")
	for range 20_000 {
		var b strings.Builder
		for range 1 + random.IntN(12) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		checkTokens(t, b.String())
	}
}

// Doubling the text doubles the work; were it squared, this would take hours.
func TestTokenizingTakesLinearTime(t *testing.T) {
	start := time.Now()
	for _, part := range []string{"a", "a-", "a.", "1,", "a1", "'s", "大", "U.S.", "é", "\u0301"} {
		text := strings.Repeat(part, 400_000/len(part))
		n := 0
		Tokenize(text, func(Token) { n++ })
		if n > len(text)+1 {
			t.Errorf("%q repeated gives %d tokens for %d bytes", part, n, len(text))
		}
	}
	t.Log(time.Since(start))
}

func TestIsCJKIsFourScripts(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		want := r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
		if got := isCJK(r); got != want {
			t.Fatalf("%U: %v, want %v", r, got, want)
		}
		if got, want := isWordRune(r), unicode.IsLetter(r) || unicode.IsDigit(r); got != want {
			t.Fatalf("%U is of a word: %v, want %v", r, got, want)
		}
	}
}

func TestStem(t *testing.T) {
	for word, want := range map[string]string{
		"models": "model", "released": "releas", "running": "run", "generously": "generous", "sky": "sky", "news": "news",
		"a": "a", "gpt4": "gpt4", "15.77": "15.77", "大模": "大模", "": "",
	} {
		if got := stem(word); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// The short cut must not change a stem: it is compared for all words that are known.
func TestSkippingTheStemmerChangesNoStem(t *testing.T) {
	table := words.English()
	skipped := 0
	for row := range table.Len() {
		word := table.Word(row)
		if !mayHaveSuffix(word) {
			skipped++
		}
		if got, want := stem(word), english.Stem(word, false); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if skipped < table.Len()/4 {
		t.Errorf("only %d words of %d are skipped", skipped, table.Len())
	}
	random := rand.New(rand.NewPCG(1, 0))
	for range 50_000 {
		b := make([]byte, 1+random.IntN(8))
		for i := range b {
			b[i] = "abcdefghijklmnopqrstuvwxyzeeiiaastnly"[random.IntN(37)]
		}
		if got, want := stem(string(b)), english.Stem(string(b), false); got != want {
			t.Errorf("%q: %q, want %q", b, got, want)
		}
	}
}
