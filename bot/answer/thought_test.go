package answer

import (
	"strings"
	"testing"
)

// filtered passes pieces through a filter.
func filtered(f *thoughtFilter, ended bool, pieces ...string) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(f.write(p))
	}
	return b.String() + f.close(ended)
}

func TestThoughtsAreToldFromAnswers(t *testing.T) {
	for _, tt := range []struct {
		name     string
		holds    bool
		ended    bool
		pieces   []string
		want     string
		thought  bool
		unopened bool
	}{
		{"no thoughts", false, true, []string{"It is ", "12."}, "It is 12.", false, false},
		{"an opened one", false, true, []string{" <thi", "nk>Hm.</th", "ink>\n\n", " It is", " 12."}, "It is 12.", true, false},
		{"one that does not end", false, true, []string{"<think>Hm."}, "", true, false},
		{"nearly one", false, true, []string{"<thi", "s>"}, "<this>", false, false},
		{"nearly the end of one", false, true, []string{"a </thi", "s>"}, "a </this>", false, false},
		{"the end of the answer is like a tag", false, true, []string{"a <", "/"}, "a </", false, false},
		{"unopened, held", true, true, []string{"Hm", ".</thi", "nk>\n", "It is 12."}, "It is 12.", true, true},
		{"unopened, not held", false, true, []string{"Hm", ".</think>", "\nIt is 12."}, "HmIt is 12.", true, true},
		{"held, opened all the same", true, true, []string{"<think>Hm.</think>It is 12."}, "It is 12.", true, false},
		{"held, without a thought", true, true, []string{"It is ", "12."}, "It is 12.", false, false},
		{"held and cut", true, false, []string{"It may be"}, "", false, false},
		{"twice", true, true, []string{"Hm.</think>Hm.</think>It is 12."}, "It is 12.", true, true},
		{"nothing", true, true, []string{"", " ", ""}, " ", false, false},
	} {
		f := &thoughtFilter{holds: tt.holds}
		if got := filtered(f, tt.ended, tt.pieces...); got != tt.want || f.thought != tt.thought || f.unopened != tt.unopened {
			t.Errorf("%s: %q, thought %v, unopened %v", tt.name, got, f.thought, f.unopened)
		}
	}
}

func TestThoughtsAsideMakeTheTextAnAnswer(t *testing.T) {
	f := &thoughtFilter{holds: true}
	f.aside()
	if got := f.write("It is"); got != "It is" {
		t.Errorf("%q is held back", "It is"[len(got):])
	}
}

func TestModelsThatThinkAreKnownByTheirNames(t *testing.T) {
	for name, want := range map[string]bool{
		"deepseek-ai/DeepSeek-R1-Distill-Qwen-32B": true, "deepseek-r1:8b": true, "deepseek/deepseek-r1-0528": true, "QwQ-32B": true,
		"Qwen3-30B-A3B-Thinking-2507": true, "magistral:24b": true, "perplexity/r1-1776": true,
		"qwen3:8b": false, "command-r1000": false, "llama3.2": false, "mistral-small": false, "": false,
	} {
		if got := thinksAloud(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// However a text is cut into pieces, the same of it is the answer's.
func FuzzThoughtFilter(f *testing.F) {
	f.Add("<think>Hm.</think>\n\nIt is 12.", uint(3), true)
	f.Add("Hm.</think>It is 12.", uint(1), true)
	f.Add("It is <b>12</b>. </think", uint(2), false)
	f.Fuzz(func(t *testing.T, text string, size uint, holds bool) {
		size = size%16 + 1
		var pieces []string
		for rest := text; rest != ""; {
			n := min(int(size), len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		whole := filtered(&thoughtFilter{holds: holds}, true, text)
		cut := &thoughtFilter{holds: holds}
		got := filtered(cut, true, pieces...)
		// What came before an unforeseen </think> has gone out already, and what
		// stands between two of them may be taken for either.
		if got != whole && strings.Count(text, closes) < 2 && (holds || !cut.unopened || !strings.HasSuffix(got, whole)) {
			t.Errorf("%q in pieces of %d is %q, whole %q", text, size, got, whole)
		}
		if strings.Contains(whole, closes) {
			t.Errorf("%q leaves a tag: %q", text, whole)
		}
	})
}
