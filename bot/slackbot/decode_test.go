package slackbot

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func names(user string) string {
	if user == "U2" {
		return "Ann"
	}
	return ""
}

func TestDecode(t *testing.T) {
	cases := []struct {
		name, text, want string
		mentioned        bool
	}{
		{"plain", "who won?", "who won?", false},
		{"a mention first", "<@U1> who won?", "who won?", true},
		{"with a label", "<@U1|footnote> who won?", "who won?", true},
		{"with a comma", "<@U1>, who won?", "who won?", true},
		{"with a colon", "<@U1>: who won?", "who won?", true},
		{"with a Chinese comma", "<@U1>，谁赢了？", "谁赢了？", true},
		{"in the middle", "hey <@U1> who won?", "hey who won?", true},
		{"before a comma", "thanks <@U1>, who won?", "thanks, who won?", true},
		{"at the end", "who won, <@U1>?", "who won?", true},
		{"last of all", "who won? <@U1>", "who won?", true},
		{"twice", "<@U1> <@U1>: who won?", "who won?", true},
		{"on a line of its own", "who won?\n<@U1>, and why?", "who won?\nand why?", true},
		{"without space", "谁<@U1>赢了", "谁赢了", true},
		{"alone", "<@U1>", "", true},
		{"labelled people", "did <@U3|bob> win?", "did @bob win?", false},
		{"known people", "did <@U2> win?", "did @Ann win?", false},
		{"unknown people", "did <@U9> win?", "did @someone win?", false},
		{"channels", "<#C1|general> and <#C2>", "#general and #channel", false},
		{"audiences", "<!here> <!channel> <!everyone|everyone>", "@here @channel @everyone", false},
		{"groups", "<!subteam^S1|@ops> <!subteam^S2>", "@ops @group", false},
		{"dates", "on <!date^1392734382^{date}|18 February>", "on 18 February", false},
		{"a date without words", "on <!date^1^{date}>", "on <!date^1^{date}>", false},
		{"links", "<https://x.test/a?b=1&amp;c|the page> <https://x.test/?a&amp;b>", "the page https://x.test/?a&b", false},
		{"mail", "<mailto:a@b.c|a@b.c> <mailto:d@e.f> <tel:+1>", "a@b.c d@e.f +1", false},
		{"entities, once", "a &lt; b &amp;&amp; c &gt; d &amp;lt;", "a < b && c > d &lt;", false},
		{"no entity is made by a removal", "&<@U1>amp;lt;", "&amp;lt;", true},
		{"unclosed", "<@U1 who", "<@U1 who", false},
		{"nested", "<a <@U1> b>", "<a b>", true},
		{"empty", "<> < > <|> <@> <#> <!>", "<> < > <|> <@> <#> <!>", false},
		{"not across lines", "<@U1\n>", "<@U1\n>", false},
		{"another's longer id", "<@U11> x", "@someone x", false},
		{"written out", "&lt;@U1&gt; x", "<@U1> x", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, mentioned := decode(c.text, "U1", names)
			if got != c.want || mentioned != c.mentioned {
				t.Errorf("decode(%q) = %q, %v", c.text, got, mentioned)
			}
			if mentions(c.text, "U1") != c.mentioned {
				t.Errorf("mentions(%q) = %v", c.text, !c.mentioned)
			}
		})
	}
	if got, mentioned := decode("<@U2> x", "", nil); got != "@someone x" || mentioned {
		t.Errorf("without a bot or names: %q, %v", got, mentioned)
	}
}

func TestAddressesOthers(t *testing.T) {
	cases := map[string]bool{
		"<@U1> who won?": false, "<@U1> <@U2>": true, "<@U1|a> <@U2|b>": true, "<!subteam^S1|@ops>": true,
		"<!here>": true, "<!channel|channel>": true, "<!everyone>": true, "<!date^1^x|y>": false,
		"<#C1|general>": false, "<https://x.test|@here>": false, "&lt;@U2&gt; @here": false, "<@u2>": false,
	}
	for text, want := range cases {
		if got := addressesOthers(text, "U1"); got != want {
			t.Errorf("addressesOthers(%q) = %v", text, got)
		}
	}
	text := strings.Repeat("<@U1> a &lt; <https://x.test> ", 50)
	if n := testing.AllocsPerRun(10, func() { mentions(text, "U7"); addressesOthers(text, "U1") }); n > 4 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"<@U1>, a &amp;lt; <https://x|y> <!date^1^|z>", "<<@U1>>", "<!subteam^S1|@ops> <#C1|g>", "a\n<@U1>:\n<@U2>"} {
		f.Add(s)
	}
	encode := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	f.Fuzz(func(t *testing.T, s string) {
		got, mentioned := decode(s, "U1", names)
		if mentioned != mentions(s, "U1") {
			t.Errorf("decode and mentions differ on %q", s)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("decode(%q) = %q is not UTF-8", s, got)
		}
		if got, mentioned := decode(encode.Replace(s), "U1", names); got != strings.TrimSpace(s) || mentioned {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}
