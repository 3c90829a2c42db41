package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{
		"":              0,
		"report":        6,
		"报告":            4,
		"e\u0301":       1, // a combining accent
		"ＧＰＴ":           6, // fullwidth
		"ｶﾅ":            2, // halfwidth
		"한국":            4,
		"a\u200bb":      2, // zero-width space
		"¶11 · “quote”": 13,
	} {
		if got := columns(text); got != want {
			t.Errorf("columns(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name, text string
		width      int
		indent     string
		want       string
	}{
		{"short enough", "one two", 7, "", "one two"},
		{"at spaces", "one two three", 7, "", "one two\nthree"},
		{"each line by itself", "one two\n\nthree", 5, "", "one\ntwo\n\nthree"},
		{"long words stay whole", "a incomprehensible b", 6, "", "a\nincomprehensible\nb"},
		{"indented", "one two three", 9, "  ", "one two\n  three"},
		{"indented new line", "one\ntwo", 9, "  ", "one\n  two"},
		{"no limit", "one two three", 0, "  ", "one two three"},
		{"Chinese between characters", "大模型市场规模", 6, "", "大模型\n市场规\n模"},
		{"no line begins with a full stop", "大模型市场。规模", 10, "", "大模型市\n场。规模"},
		{"no line ends with an opening mark", "大模“型市”", 6, "", "大模\n“型市”"},
		{"a marker stays with its sentence", "大模型市[1]", 8, "", "大模型\n市[1]"},
		{"inner spaces are kept", "a  b c", 4, "", "a  b\nc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := wrap(tt.text, tt.width, tt.indent); got != tt.want {
				t.Errorf("wrap = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		text  string
		limit int
		want  string
	}{
		{"one two", 7, "one two"},
		{"one two, three", 10, "one two…"},
		{"大模型市场规模", 7, "大模型…"},
		{"incomprehensible", 5, "inco…"},
	} {
		got := clip(tt.text, tt.limit)
		if got != tt.want || columns(got) > tt.limit {
			t.Errorf("clip(%q, %d) = %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
}

func TestCleanTakesAwayWhatDrivesATerminal(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[31mred":              "a[31mred",
		"title\x1b]0;x\x07":         "title]0;x",
		"csi\u009b31m":              "csi31m",
		"back\bspace\rreturn\x7f":   "backspacereturn",
		"line\n\ttab":               "line\n\ttab",
		"over\u202eride\u2066s":     "overrides",
		"bad\xffbytes":              "bad\uFFFDbytes",
		"数字 résumé \U0001F600 שלום": "数字 résumé \U0001F600 שלום",
	} {
		if got := clean(text); got != want {
			t.Errorf("clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("one two three. [1]", 7)
	f.Add("大模型，市场“规模”。[12] e\u0301\u0301", 4)
	f.Add("\x1b[0m \xff \u200d", 1)
	f.Fuzz(func(t *testing.T, text string, width int) {
		safe := clean(text)
		if strings.ContainsFunc(safe, unsafeToPrint) || !utf8.ValidString(safe) {
			t.Fatalf("clean(%q) = %q", text, safe)
		}
		got := wrap(safe, width%200, "  ")
		if letters(got) != letters(safe) {
			t.Errorf("wrap changed the text: %q became %q", safe, got)
		}
		if limit := 1 + max(width%200, 1); columns(clip(oneLine(safe), limit)) > limit {
			t.Errorf("clip(%q, %d) is too long", safe, limit)
		}
	})
}

// letters is a text without white space.
func letters(s string) string { return strings.Join(strings.Fields(s), "") }
