package corpus

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// split returns the sentences of text.
func split(text string) []string {
	var parts []string
	for _, s := range Sentences(text) {
		parts = append(parts, text[s.Start:s.End])
	}
	return parts
}

// onRune reports whether offset i of text is not inside a rune.
func onRune(text string, i int) bool {
	return i == len(text) || utf8.RuneStart(text[i]) || !utf8.ValidString(text)
}

// In these texts | stands where a sentence must start, and nowhere else.
var sentenceCases = []struct{ name, text string }{
	{"two sentences", "One stands here. |Another follows."},
	{"decimals and versions", "It is 15.77 points away from GPT4-Turbo. |ERNIE Bot 4.0 leads GPT3.5. |The rest is behind."},
	{"country before a name", "The U.S. Senate met. |It adjourned."},
	{"country at the end", "He lives in the U.S. |The others left."},
	{"titles", "Dr. Smith met Mrs. Jones and Prof. Li on St. Helena. |They talked."},
	{"number marks", "Regiment No. 4 marched. |See Fig. 2 and Vol. II, pp. 12 ff. for more. |Done."},
	{"no as an answer", "Did it work? |No. |It failed."},
	{"latin abbreviations", "Fruit, e.g. Apples, i.e. Malus, vs. Pears. |Approx. 5 kg, approx. Half."},
	{"initials", "J. K. Rowling and George W. Bush met writers such as J. A. Hobson. |They left."},
	{"a letter that is no initial", "Take vitamin C. |Nobody should forget. |He had a plan B. |The end of World War I. |Germany lost."},
	{"companies", "Apple Inc. Chairman Arthur Levinson spoke. |He works at Foo Ltd. |The firm grew."},
	{"months", "It rained on Aug. 5 and in Sept. 2023. |It stopped in Oct. |Snow fell."},
	{"times of day", "It opens at 9 a.m. Monday. |It closes at 5 p.m. |Nobody stays."},
	{"court cases", "In Runyon v. McCrary, 427 U.S. 160 (1976), they ruled. |Others did not."},
	{"eras", "He died in 323 B.C. |Alexander was young."},
	{"a number starts the sentence", "The war ended. |400 soldiers came home. |71% stayed."},
	{"a name in lower case starts it", "Sales rose. |iPhone sales fell. |eBay followed."},
	{"an exclamation in a name", "Yahoo! was founded in 1994. |It grew."},
	{"saying, then who said it", "\"The gap is widening, not narrowing.\" |Xiao Yanghua, a professor, said."},
	{"quotation of several sentences", "\"A is b. C does e. F goes.\" |Xiao Yanghua, a professor, said. |So it is."},
	{"quotation that goes on", "\"It works.\" he said. |“Does it?” she asked. |\"Yes!\" Said Bob."},
	{"introduced quotation", "Li Qing said, \"It may fail. It may not.\" |Nobody knows."},
	{"curly quotation", "He said: “It may fail. It may not.” |Nobody knows."},
	{"german quotation", "„Er kam. Er sah.“ |Dann ging er."},
	{"stray quotation mark", "\"Wu Wei told reporters. |He left. |They stayed."},
	{"inch marks", "A 5\" disk is small. |A 12\" one is not."},
	{"long quotation", "\"" + strings.Repeat("word ", 60) + "end. |" + strings.Repeat("Word ", 60) + "end.\" |He said so."},
	{"citation marks", "It grew.[12] |It fell.[3][4] |It rose.[citation needed] |It stood. [5, 6] |End.² |Fin.[7](#n7) |Bye."},
	{"footnote number", "It ended badly.12 |The next began."},
	{"no space after the stop", "It holds many models.|However, few won since 1990.|The end."},
	{"web address", "See https://example.com/?Query=A.b&C=d for more. |Thanks."},
	{"brackets", "(He left. |She stayed.) |It rained (a lot). |[See above.] |Next."},
	{"emphasis", "**It is bold.** |Next is _italic._ |End."},
	{"ellipsis", "Wait... |There it is... and gone. |Hm… |Then nothing. |The [...] Bank and the . . . House."},
	{"list marks", "1. First do this. |2. Then do that. |• Rest. |(a) Sleep."},
	{"stray stop", "It was closed . |Nobody came."},
	{"closing mark apart", "It is over. \" |Next one."},
	{"chinese", "截至10月，国内发布了254个大模型。|谁最好？|不知道！|结束"},
	{"chinese quotation", "“差距在扩大。没有缩小。”|肖仰华教授说。|他说：“是的。不是。”|完。"},
	{"chinese saying", "“你好。”说完他走了。|天黑了。"},
	{"japanese", "「行く。」と言った。|雨が降った。|「はい。」と答えた。"},
	{"hindi", "यह एक वाक्य है। |यह दूसरा है।"},
	{"arabic", "كيف حالك؟ |أنا بخير."},
	{"hard-wrapped lines", "The first line goes on\nin the second. |It ends\r\nhere."},
	{"abbreviation at the end of a line", "He met Dr.\nSmith and approx.\nfive others."},
	{"bullets on lines", "Needed:\n|- salt\n|- pepper\n|* 2 eggs."},
	{"empty line", "One line\n\n|another line"},
	{"marks alone", "*** --- ***"},
	{"nothing", ""},
	{"white space", " \n\t "},
}

func TestSentences(t *testing.T) {
	for _, test := range sentenceCases {
		t.Run(test.name, func(t *testing.T) {
			var want []string
			for part := range strings.SplitSeq(test.text, "|") {
				if part = strings.TrimSpace(part); part != "" {
					want = append(want, part)
				}
			}
			if got := split(strings.ReplaceAll(test.text, "|", "")); !slices.Equal(got, want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			}
		})
	}
}

// checkSpans fails unless spans are in order, apart, free of white space at
// their edges, on rune boundaries, and cover all of text but white space.
func checkSpans(t *testing.T, text string, spans []Span) {
	t.Helper()
	at := 0
	for _, s := range spans {
		if s.Start < at || s.End <= s.Start || s.End > len(text) {
			t.Fatalf("span %v after %d in %d bytes", s, at, len(text))
		}
		if gap := text[at:s.Start]; strings.TrimFunc(gap, unicode.IsSpace) != "" {
			t.Fatalf("%q is in no span", gap)
		}
		part := text[s.Start:s.End]
		if strings.TrimFunc(part, unicode.IsSpace) != part {
			t.Fatalf("white space around %q", part)
		}
		if !onRune(text, s.Start) || !onRune(text, s.End) {
			t.Fatalf("%q cuts a rune", part)
		}
		at = s.End
	}
	if rest := text[at:]; strings.TrimFunc(rest, unicode.IsSpace) != "" {
		t.Fatalf("%q is in no span", rest)
	}
}

func FuzzSentences(f *testing.F) {
	for _, test := range sentenceCases {
		f.Add(test.text)
	}
	f.Add("a." + strings.Repeat(")", 200) + "b." + strings.Repeat(" ", 200) + "\"'" + strings.Repeat("“ 。", 60))
	f.Fuzz(func(t *testing.T, text string) { checkSpans(t, text, Sentences(text)) })
}

func BenchmarkSentences(b *testing.B) {
	for _, bench := range []struct{ name, text string }{
		{"report", report},
		{"chinese", strings.Repeat("截至10月，国内发布了254个大模型。“差距在扩大。没有缩小。”肖仰华教授说。", 150)},
		{"brackets", strings.Repeat("a.", 10) + strings.Repeat(")", 15_000)},
		{"stops", strings.Repeat(".", 15_000)},
		{"quotes", strings.Repeat("\"a. ", 4_000)},
		{"spaces", "a." + strings.Repeat(" \n", 7_500)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.text)))
			b.ReportAllocs()
			for b.Loop() {
				Sentences(bench.text)
			}
		})
	}
}
