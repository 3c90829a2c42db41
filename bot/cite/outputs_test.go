package cite_test

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"footnote/bot/answer/llmsim"
	"footnote/bot/cite"
	"footnote/corpus"
)

var outputs = flag.Int("outputs", 800, "random outputs of a model to check for what must not be shown")

// What nobody may see, in words of this test's own.
var unwanted = []*regexp.Regexp{
	regexp.MustCompile(`<[!@#/A-Za-z?]`),
	regexp.MustCompile(`(?i)(?:^|[^\p{L}\p{N}])@(?:channel|here|everyone|U0)`),
	regexp.MustCompile(`(?i)https?:|://|javascript:\S|data:\S|www\.|evil|mailto:`),
	regexp.MustCompile(`\]\(|!\[`),
	regexp.MustCompile(`(?i)&(lt|gt|amp|#)`),
}

// fragments are what outputs are made of: pieces of attacks, of an honest
// answer and of a report.
var fragments = strings.Split("<!channel>|<!here>|<@U012AB3CD>|<#C012AB3CD|<!subteam^S1|x>|<https://evil.example|click>|@channel|@here| @everyone|"+
	"http://evil.example|https://|evil.example|www.evil.com|[click](https://evil.example)|![x](y)|](|javascript:alert(1)|data:text/html,x|"+
	"<script>|</script>|<img src=x>|<b>|&lt;|&#60;|!channel&gt;|\x1b[31m|\x00|\u202e|\u2066|\u200b|\u200d|\ufeff|\u00ad|＜!channel＞|<|>|!|@|#|:|/|.|"+
	"[1]|[2]|[3]|[99]|[0]|[[1]]|[1|]|[|【2】|［1］| [1].| [2].\n|“|”|\"|'|‘|’|「|」|«|»|**|_|`|~|\n|\n\n|- |1. |> |# |"+
	" |. |, | and |The report says |238 large models |have been released in China|As of October this year, |13.23 billion yuan |110%|80% |"+
	"Gartner predicts that |by 2026 |OpenAI |Xiao Yanghua |said |The gap between us and OpenAI is widening, not narrowing|"+
	"large models |general |NOT_FOUND|The report does not say |Yes. |报告提到|大模型|。|，|238个|１２|①|½|é|ß|ﬁ|𝟏|🅶|💯", "|")

func TestNothingUnwantedIsShown(t *testing.T) {
	report, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	var passages []llmsim.Passage
	given := report.Passages[8:20]
	for i, p := range given {
		passages = append(passages, llmsim.Passage{N: i + 1, Text: p.Text})
	}
	rng := rand.New(rand.NewPCG(*lieSeed, 11))
	shown := 0
	for range *outputs {
		text := output(rng, passages)
		k := cite.NewChecker(report, "How many large models?", given)
		streamed := stream(k, text)
		result := k.Result()
		if strings.TrimSpace(streamed) != result.Text {
			t.Fatalf("seed %d: %q\nstreamed %q\nat the end %q", *lieSeed, text, streamed, result.Text)
		}
		requireClean(t, text, result)
		if result.Text != "" {
			shown++
		}
	}
	t.Logf("seed %d: of %d outputs %d had something to show, none of it unwanted", *lieSeed, *outputs, shown)
	if shown*20 < *outputs {
		t.Errorf("only %d of %d outputs had something to show: nothing was tested", shown, *outputs)
	}
}

// output is an honest sentence with attacks woven in, or fragments alone.
func output(rng *rand.Rand, passages []llmsim.Passage) string {
	var b strings.Builder
	for range 1 + rng.IntN(3) {
		if c, ok := llmsim.Honest(rng, passages[rng.IntN(len(passages))], passages); ok && rng.IntN(3) > 0 {
			at := rng.IntN(len(c.Sentence) + 1)
			b.WriteString(c.Sentence[:at])
			if rng.IntN(2) > 0 {
				b.WriteString(fragments[rng.IntN(len(fragments))])
			}
			b.WriteString(c.Sentence[at:] + " ")
		}
		for range rng.IntN(12) {
			b.WriteString(fragments[rng.IntN(len(fragments))])
		}
	}
	return b.String()
}

func stream(k *cite.Checker, text string) string {
	var split cite.Splitter
	shown := ""
	for _, s := range append(split.Write(text), split.Close()...) {
		if v := k.Check(s.Text); v.Holds() {
			shown += k.Take(s.Break, v, false)
		}
	}
	return shown
}

func requireClean(t *testing.T, text string, r cite.Result) {
	t.Helper()
	for _, u := range unwanted {
		if m := u.FindString(r.Text); m != "" {
			t.Fatalf("seed %d: %q\nshown %q with %q", *lieSeed, text, r.Text, m)
		}
	}
	for _, c := range r.Text {
		if c != '\n' && (unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c)) {
			t.Fatalf("seed %d: %q\nshown %q with %U", *lieSeed, text, r.Text, c)
		}
	}
	cited := map[int]bool{}
	for _, c := range r.Citations {
		cited[c.Marker] = c.Quote != "" && strings.Contains(c.Passage.Text, c.Quote)
	}
	for _, m := range cite.Markers(r.Text) {
		if !cited[m.Number] {
			t.Fatalf("seed %d: %q\nshown %q, where [%d] cites nothing", *lieSeed, text, r.Text, m.Number)
		}
	}
}

// FuzzCheck gives a checker any text over any document.
func FuzzCheck(f *testing.F) {
	f.Add("The harbour opened in 1871.\n\nIt cost 5,000 pounds.", "When?", "It opened in 1871 [1]. It “cost 5,000” [2]! <!channel> see evil.example [1]")
	f.Add("港口于1871年开放。", "何时？", "港口于1871年开放[1]。报告没有提到。")
	f.Fuzz(func(t *testing.T, document, question, text string) {
		c, err := corpus.New(corpus.Plain("d.txt", document))
		if err != nil || len(document)+len(text) > 4000 {
			return
		}
		k := cite.NewChecker(c, question, c.Passages)
		streamed := stream(k, text)
		r := k.Result()
		if strings.TrimSpace(streamed) != r.Text {
			t.Fatalf("streamed %q, at the end %q", streamed, r.Text)
		}
		for _, u := range unwanted[:2] {
			if m := u.FindString(r.Text); m != "" {
				t.Fatalf("shown %q with %q", r.Text, m)
			}
		}
		if r.Checks.MarkersValid > r.Checks.Markers || r.Checks.SentencesWithdrawn > r.Checks.Sentences {
			t.Fatalf("checks %+v", r.Checks)
		}
	})
}

// FuzzSplitter cuts a text at once and in pieces: what comes out is the text.
func FuzzSplitter(f *testing.F) {
	f.Add("It opened in 1871 [1]. It cost 5. \n- a\n- b [2]", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 || len(text) > 4000 {
			return
		}
		var split cite.Splitter
		var got strings.Builder
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			for _, p := range split.Write(rest[:n]) {
				got.WriteString(p.Break + p.Text)
			}
			rest = rest[n:]
		}
		for _, p := range split.Close() {
			got.WriteString(p.Break + p.Text)
		}
		if plain := strings.Join(strings.Fields(got.String()), ""); plain != strings.Join(strings.Fields(text), "") {
			t.Fatalf("%q came out as %q", text, got.String())
		}
	})
}
