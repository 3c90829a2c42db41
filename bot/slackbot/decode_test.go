package slackbot

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func names(id string) string { return map[string]string{"U2": "bob"}[id] }

func TestAQuestionReadsAsItsWriterSeesIt(t *testing.T) {
	for stored, want := range map[string]string{
		"<@U1> who won?":                        "who won?",
		"<@U1>, who won?":                       "who won?",
		"<@U1|footnote>: who won?":              "who won?",
		"hey <@U1> who won?":                    "hey who won?",
		"who won, <@U1>?":                       "who won, ?",
		"who won <@U1>":                         "who won",
		"<@U1>":                                 "",
		"<@U1> <@U2> says":                      "@bob says",
		"<@U1> <@U3|carol> and <@U4>":           "@carol and @someone",
		"<#C1|general> and <#C2>":               "#general and #channel",
		"<!here> <!channel> <!subteam^S1|@ops>": "@here @channel @ops",
		"<!subteam^S1>":                         "@group",
		"<!date^1^{date}^https://a|on Monday>":  "on Monday",
		"<https://a.test/x?a=1&amp;b=2|this>":   "this",
		"<https://a.test/x?a=1&amp;b=2>":        "https://a.test/x?a=1&b=2",
		"<mailto:a@b.test|a@b.test> <tel:5>":    "a@b.test 5",
		"AT&amp;T &lt;b&gt; &amp;lt;":           "AT&T <b> &lt;",
		"a < b and c":                           "a < b and c",
		"<<@U1>> x":                             "<> x",
		"3 <4> 5":                               "3 <4> 5",
		"<":                                     "<",
		"<@":                                    "<@",
		"<@U1":                                  "<@U1",
		"line\n<@U1> two":                       "line\ntwo",
	} {
		got, mentioned := decode(stored, "U1", names)
		if got != want {
			t.Errorf("%q reads %q, want %q", stored, got, want)
		}
		if mentioned != mentions(stored, "U1") {
			t.Errorf("%q: mentioned %t", stored, mentioned)
		}
	}
}

func TestWhoIsAddressed(t *testing.T) {
	for text, want := range map[string]bool{
		"and when?": false, "<@U1> and when?": false, "<@U2> and when?": true, "<@U1> ask <@U2>": true,
		"<!here> lunch": true, "<!subteam^S1|@ops> help": true, "<!date^1^x|Monday>": false, "<https://a.test|x> <#C1>": false, "a < b": false,
	} {
		if got := addressesOthers(text, "U1"); got != want {
			t.Errorf("%q addresses others: %t", text, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"<@U1> a", "<<@U1>", "&amp;lt;", "<!date^1^x|y>", "<|>", "<@|>", "<#>", "\xff<\xfe>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, mentioned := decode(text, "U1", names)
		if mentioned != mentions(text, "U1") && !strings.Contains(text, "<@U1") {
			t.Errorf("%q: mentioned %t", text, mentioned)
		}
		if len(got) > len(text)+len("someone")*strings.Count(text, "<") {
			t.Errorf("%q grew to %q", text, got)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q became invalid", text)
		}
		addressesOthers(text, "U1")
	})
}
