package embed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzPieces(f *testing.F) {
	f.Add("short", 10, 3, 20)
	f.Add(strings.Repeat("word ", 100), 12, 2, 30)
	f.Add(strings.Repeat("大", 90)+" \xff\xfe "+strings.Repeat("x", 400), 10, 256, 1000)
	f.Fuzz(func(t *testing.T, text string, input, texts, tokens int) {
		l := limits{texts: 1 + abs(texts)%300, input: 8 + abs(input)%500}
		l.tokens = l.input + abs(tokens)%1000
		pieces := l.pieces([]string{text, "", text})
		joined := ""
		for _, p := range pieces {
			if p.of == 0 {
				joined += p.text
			}
			if p.tokens > l.input || p.tokens < 1 || utf8.ValidString(text) && !utf8.ValidString(p.text) {
				t.Errorf("a piece of %d tokens (limit %d): %q", p.tokens, l.input, p.text)
			}
		}
		if strings.Join(strings.Fields(joined), "") != strings.Join(strings.Fields(text), "") {
			t.Errorf("%q became %q", text, joined)
		}
		end := 0
		for _, run := range l.runs(pieces) {
			sum := 0
			for _, p := range pieces[run.start:run.end] {
				sum += p.tokens
			}
			if run.start != end || run.end <= run.start || run.end-run.start > l.texts || sum > l.tokens {
				t.Errorf("run %v of %d tokens within %+v", run, sum, l)
			}
			end = run.end
		}
		if end != len(pieces) {
			t.Errorf("runs end at %d of %d", end, len(pieces))
		}
		sum := 0
		for _, n := range (&Remote{limits: l}).Batches([]string{text, "", text}) {
			if n < 1 {
				t.Errorf("a batch of %d", n)
			}
			sum += n
		}
		if sum != 3 {
			t.Errorf("batches hold %d texts of 3", sum)
		}
	})
}

func abs(n int) int { return max(n, -n, 0) } // 0 for the least one

func FuzzDimensionsMemory(f *testing.F) {
	for _, data := range []string{"", `{"embedder":"m","dimensions":8}`, `{"embedder":"m","dimensions":1e9}`, "[]"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := newDimensionsMemory(filepath.Join(t.TempDir(), "cache"), "m")
		m.remember(8)
		if err := os.WriteFile(m.path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := m.recall(); got < 0 || got > mostDimensions {
			t.Errorf("%q gives %d", data, got)
		}
		m.remember(9)
		if got := m.recall(); got != 9 {
			t.Errorf("after %q it remembers %d", data, got)
		}
	})
}
