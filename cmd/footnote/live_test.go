package main

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/bot/cite"
)

// FuzzALiveAnswerIsPrintedOnce shows a text piece by piece, and then the answer
// that it is: nothing is taken back, and what stands there is the answer.
func FuzzALiveAnswerIsPrintedOnce(f *testing.F) {
	for _, text := range []string{
		"Baidu came early [1]. It was followed by others, of which 238 had been released by October, as the report says [2].",
		"报告说截至十月共发布了238个大模型[1]。百度较早推出了文心一言，其他公司随后跟进[2]。竞争非常激烈[1]。",
		"- One thing that is long enough to be wrapped at the end of its line [1].\n- Another [2].\n\nThat was all.",
		"A [bracket] and a word that_is_longer_than_a_whole_line_of_a_narrow_terminal_can_be_at_all [1].",
		"Two  spaces [1].   Three spaces [2]. \n A line [1].",
	} {
		f.Add(text, uint64(1), uint8(40))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64, width uint8) {
		text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
		if text == "" {
			return
		}
		for _, colour := range []bool{false, true} {
			a := bot.Answer{Text: text, Outcome: bot.Answered}
			for _, m := range cite.Markers(text) {
				a.Citations = append(a.Citations, bot.Citation{Marker: m.Number, Document: "d"})
			}
			var out bytes.Buffer
			s := &screen{Writer: &out, terminal: true, width: int(width), colour: colour}
			l := &live{out: s}
			random := rand.New(rand.NewPCG(seed, 0))
			sentences := strings.SplitAfter(text, " ")
			for len(sentences) > 0 {
				n := 1 + random.IntN(min(len(sentences), 12))
				if err := l.show(t.Context(), strings.Join(sentences[:n], "")); err != nil {
					t.Fatal(err)
				}
				sentences = sentences[n:]
			}
			if err := l.finish(a); err != nil {
				t.Fatal(err)
			}
			if got, want := out.String(), s.answer(a); got != want {
				t.Errorf("width %d, colour %v:\n%q, want\n%q", width, colour, got, want)
			}
		}
	})
}
