package slackbot

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLiteral(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"plain", "It cost 5 * 3 = 15 dollars, e.g. (a-b) snake_case!", "It cost 5 * 3 = 15 dollars, e.g. (a-b) snake_case!"},
		{"markers", "So [1][2], and [12].", "So [1][2], and [12]."},
		{"entities", "a < b & c > d &lt;", "a &lt; b &amp; c &gt; d &amp;lt;"},
		{"mentions", "<!channel> <@U1> @here", "&lt;!channel&gt; &lt;@U1&gt; @here"},
		{"emphasis", "*a* **b** _c_ __d__ 5*3", `\*a\* \*\*b\*\* \_c\_ \_\_d\_\_ 5\*3`},
		{"code", "`a` ```b```", "\\`a\\` \\`\\`\\`b\\`\\`\\`"},
		{"struck out", "~~a~~ ~b~", `\~\~a\~\~ \~b\~`},
		{"one tilde", "~5 years", "~5 years"},
		{"backslashes", `a\b \* \`, `a\b \\\* \\`},
		{"links", "[x](y) [1](y) ![1](y) [a [1] b](y)", `\[x](y) \[1](y) !\[1](y) \[a [1] b](y)`},
		{"brackets that are no link", "he said [sic] so", "he said [sic] so"},
		{"references", "[1]: y\n[x]: y\n- [2]: y\nas in [3]: this", `\[1]: y` + "\n" + `\[x]: y` + "\n- " + `\[2]: y` + "\nas in [3]: this"},
		{"tables", "a | b", `a \| b`},
		{"headings", "# a\n  ## b\n#c\nd # e", `\# a` + "\n" + `  \## b` + "\n" + `\#c` + "\nd # e"},
		{"underlines", "a\n===\nb\n---\nc\n-", "a\n" + `\===` + "\nb\n" + `\---` + "\nc\n" + `\-`},
		{"rules", "* * *\n_ _ _\n- - -", `\* * *` + "\n" + `\_ _ _` + "\n" + `- \- -`},
		{"lists", "- a\n- b\n  - c\n+ d\n* e\n-f", "- a\n- b\n  - c\n" + `\+ d` + "\n" + `\* e` + "\n-f"},
		{"numbers", "1. a\n2) b\n3.5 c\n2023. d", `1\. a` + "\n" + `2\) b` + "\n" + `3.5 c` + "\n" + `2023\. d`},
		{"marks in a list", "- # a\n- 1. b\n- - c\n- [ ] d\n- [x] e", `- \# a` + "\n" + `- 1\. b` + "\n" + `- \- c` + "\n" + `- \[ ] d` + "\n" + `- \[x] e`},
		{"bare names of hosts", "www.x.test and awww. WWW.x", `www\.x.test and awww. WWW\.x`},
		{"Chinese", "市场_规模_很大。[1]", "市场_规模_很大。[1]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := literal(c.text, false); got != c.want {
				t.Errorf("literal(%q)\n got %q\nwant %q", c.text, got, c.want)
			}
		})
	}
	if got := literal("- a\n- b", true); got != `\- a`+"\n- b" {
		t.Errorf("in the middle of a line: %q", got)
	}
}

func TestTidy(t *testing.T) {
	permitted := []string{"https://ok.test/a", "https://ok.test"}
	cases := []struct{ name, text, want string }{
		{"links", "see https://evil.test/x.", "see evil.test/x."},
		{"any case", "HTTPS://e FtP://e slack://open", "e e open"},
		{"put together", "hthttps://tps://evil", "evil"},
		{"put together twice", "hhttp://ttphttp://://e", "e"},
		{"inside a word", "seehttp://e 看https://e", "seee 看e"},
		{"unknown schemes", "notion://x", "notion: //x"},
		{"mail and phone", "mailto:a@b.c tel:+1 Tel: 5 hotel:5", "a@b.c +1 Tel: 5 hotel:5"},
		{"mail put together", "mailto:mailto:a mai\u200blto:b http:/tel:/e", "a b e"},
		{"permitted", "see https://ok.test/a, (https://ok.test/a)", "see https://ok.test/a, (https://ok.test/a)"},
		{"nearly permitted", "https://ok.test/ab https://ok.test/ https://ok.tes xhttps://ok.test/a", "ok.test/ab ok.test/ ok.tes xok.test/a"},
		{"permitted with more", "https://ok.test/a*b https://ok.test/a<b https://ok.test/a[1]", "ok.test/a*b ok.test/a<b ok.test/a[1]"},
		{"a host prolonged", "https://ok.test。evil.test https://ok.test/a。另外 https://ok.test.", "ok.test。evil.test https://ok.test/a。另外 https://ok.test."},
		{"permitted by removal", "hthttp://tps://ok.test/a", "ok.test/a"},
		{"invisible", "a\u200bb\u202ec\u2066d\ufeffe\u00adf\x00g\u115fh\U000E0041i", "abcdefghi"},
		{"seen after all", "\u0600\u0661", "\u0600\u0661"},
		{"hidden schemes", "ht\u200btp://e", "e"},
		{"line breaks", "a\r\nb\rc\u2028d\n\n\n\n e \t f\n ", "a\nb\nc\nd\n\n e f"},
		{"no code by indentation", "a\n\n\t  \t  b", "a\n\n   b"},
		{"bad bytes", "a\xffb", "a\uFFFDb"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := tidy(c.text, permitted); got != c.want {
				t.Errorf("tidy(%q)\n got %q\nwant %q", c.text, got, c.want)
			}
		})
	}
}

func TestPieces(t *testing.T) {
	cases := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"One. Two! Three", []string{"One. ", "Two! ", "Three"}},
		{"One. [1] Two. [2][3]\n\n- three\n- four", []string{"One. [1] ", "Two. [2][3]\n\n", "- three\n", "- four"}},
		{"一。[1]二！", []string{"一。[1]", "二！"}},
	}
	for _, c := range cases {
		if got := pieces(c.text); !slices.Equal(got, c.want) {
			t.Errorf("pieces(%q) = %q", c.text, got)
		}
	}
	for _, sign := range []string{"&amp;", `\*`, "x&lt;", `\\`, "报", "[123]", "a "} {
		text := strings.Repeat(sign, 4000)
		got := pieces(text)
		if strings.Join(got, "") != text {
			t.Errorf("%q: the pieces are not the whole", sign)
		}
		for _, p := range got {
			if n := utf8.RuneCountInString(p); n > maxPiece || n == 0 || len(p)%len(sign) != 0 {
				t.Errorf("%q: a piece of %d characters", sign, n)
			}
		}
	}
}
