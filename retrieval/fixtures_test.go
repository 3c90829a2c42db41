package retrieval_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"footnote/retrieval/words"
)

var discard = slog.New(slog.DiscardHandler)

// reportCorpus is the bundled report.
func reportCorpus(tb testing.TB) *corpus.Corpus {
	tb.Helper()
	c, err := corpus.New(corpus.Report())
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// open opens an index that is closed with the test. What the options leave out
// is the built-in embedder and a store in memory.
func open(tb testing.TB, c *corpus.Corpus, opts retrieval.Options) *retrieval.Index {
	tb.Helper()
	if opts.Store == nil {
		opts.Store = chromemstore.New("", discard)
	}
	if opts.Embedder == nil && opts.Unavailable == nil {
		opts.Embedder = embed.NewStatic()
	}
	ix, err := retrieval.Open(tb.Context(), c, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := ix.Close(); err != nil {
			tb.Error(err)
		}
	})
	return ix
}

// A plain document has a paragraph for each line.
func plain(tb testing.TB, name string, lines ...string) *corpus.Corpus {
	tb.Helper()
	c, err := corpus.New(document(name, "", lines...))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// document makes a document of paragraphs, below a heading where that is not empty.
func document(name, heading string, paragraphs ...string) corpus.Document {
	var text strings.Builder
	var blocks []corpus.Block
	add := func(kind corpus.BlockKind, level int, line string) {
		start := text.Len()
		text.WriteString(line)
		blocks = append(blocks, corpus.Block{Kind: kind, Level: level, Number: len(blocks) + 1, Start: start, End: text.Len()})
		text.WriteByte('\n')
	}
	if heading != "" {
		add(corpus.Heading, 1, heading)
	}
	for _, p := range paragraphs {
		add(corpus.Paragraph, 0, p)
	}
	return corpus.Document{Name: name, Title: name, Text: text.String(), Blocks: blocks}
}

// fillers are sentences on other things than the report's, so that generated
// documents are not all about one.
const fillers = `The harbour froze in the winter of 1740, and carts crossed where ships had anchored the month before.
Bakers along the river complained that flour from the upper mills came wet and short of weight.
A census of 1881 counted 4,312 households, of which more than a third kept goats.
Rainfall on the eastern slope exceeds 2,200 millimetres a year, nearly twice that of the plain.
The orchestra rehearsed in a former tram depot until its own hall was finished.
Engineers widened the tunnel by 1.4 metres so that double-decker carriages could pass.
Most of the manuscripts were copied by hand before the library burned.
Nobody knows who first planted the chestnut trees along the old road to the monastery.
Migrating cranes rest in the marshes for about three weeks each October.
The council voted 17 to 9 to keep the ferry running through the night.
Glass from the island was prized because its sand holds almost no iron.
In 1967 the observatory moved to a darker site, 40 kilometres south of the city.
Patients who slept less than six hours recovered more slowly, the nurses reported.
Its founder, a retired schoolteacher, paid for the first printing press herself.
The dam supplies 12 percent of the province's electricity and floods two valleys.
Copper prices fell by half in a single year, and the mine never reopened.
Fishermen still predict storms from the colour of the evening sky.
The treaty was signed aboard a steamer, since neither side would enter the other's port.
Volunteers mapped every well in the district after the drought of 2003.
Wool was dyed with madder roots, which gave a red that did not fade.
The bridge carries 38,000 vehicles a day, although it was built for a tenth of that.
A second expedition found the camp abandoned and the diaries soaked.
Children learned the alphabet from a song that lists the kings of the realm.
The vaccine had to be kept at minus 70 degrees, which few clinics could manage.`

// A generator makes documents by recombining real sentences, with some of
// their words and numbers changed so that the vocabulary grows as that of real
// collections does. The same seed gives the same documents.
type generator struct {
	random    *rand.Rand
	zipf      *rand.Zipf
	sentences []string
	byRank    []int // row of the table of English words
}

func newGenerator(tb testing.TB, seed uint64) *generator {
	random := rand.New(rand.NewPCG(seed, 0))
	table := words.English()
	g := &generator{random: random, zipf: rand.NewZipf(random, 1.05, 20, uint64(table.Len()-1)), byRank: make([]int, table.Len())}
	for row := range table.Len() {
		g.byRank[table.Rank(row)] = row
	}
	texts := []string{corpus.Report().Text, fillers}
	articles, err := filepath.Glob("../../shared/golden/squad2-train/*.txt")
	if err != nil {
		tb.Fatal(err)
	}
	for _, path := range articles {
		data, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		texts = append(texts, string(data))
	}
	for _, text := range texts {
		for line := range strings.Lines(text) {
			for _, s := range corpus.Sentences(strings.TrimSpace(line)) {
				if one := strings.TrimSpace(line)[s.Start:s.End]; len(strings.Fields(one)) > 5 {
					g.sentences = append(g.sentences, one)
				}
			}
		}
	}
	return g
}

func (g *generator) word() string { return words.English().Word(g.byRank[g.zipf.Uint64()]) }

// sentence is a real one in which every eighth longer word is another.
func (g *generator) sentence() string {
	fields := strings.Fields(g.sentences[g.random.IntN(len(g.sentences))])
	for i, f := range fields {
		switch {
		case f[0] >= '1' && f[0] <= '9' && g.random.IntN(2) == 0:
			fields[i] = fmt.Sprint(g.random.IntN(100_000))
		case len(f) > 4 && strings.Trim(f, "abcdefghijklmnopqrstuvwxyz") == "" && g.random.IntN(8) == 0:
			fields[i] = g.word()
		}
	}
	return strings.Join(fields, " ")
}

func (g *generator) paragraph() string {
	var out []string
	for length := 0; length < 90; {
		s := g.sentence()
		out = append(out, s)
		length += len(strings.Fields(s))
	}
	return strings.Join(out, " ")
}

// corpus makes that many passages, 50 to a document.
func (g *generator) corpus(tb testing.TB, passages int) *corpus.Corpus {
	tb.Helper()
	return g.corpusOf(tb, passages, 50)
}

// corpusOf makes that many passages, so many to a document.
func (g *generator) corpusOf(tb testing.TB, passages, each int) *corpus.Corpus {
	tb.Helper()
	var docs []corpus.Document
	for passages > 0 {
		paragraphs := make([]string, min(each, passages))
		for i := range paragraphs {
			paragraphs[i] = g.paragraph()
		}
		passages -= len(paragraphs)
		docs = append(docs, document(fmt.Sprintf("%s %s %d.txt", g.word(), g.word(), len(docs)), g.word()+" and "+g.word(), paragraphs...))
	}
	c, err := corpus.New(docs...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// questions asks for what passages of a corpus say.
func (g *generator) questions(c *corpus.Corpus, n int) []string {
	starts := []string{"What is said about", "How many", "Who knew of", "When did", "Why did", "Which"}
	out := make([]string, n)
	for i := range out {
		fields := strings.Fields(c.Passages[g.random.IntN(len(c.Passages))].Text)
		at := g.random.IntN(len(fields) - 8)
		out[i] = starts[i%len(starts)] + " " + strings.Join(fields[at:at+4+g.random.IntN(5)], " ") + "?"
	}
	return out
}

// A countingEmbedder is the built-in one under a name, counting the texts it
// is given, and failing from some text on where it is told to.
type countingEmbedder struct {
	*embed.Static
	name string

	mu    sync.Mutex
	texts int
	left  int // texts until it fails; negative for never
	err   error
}

func newCounting(name string) *countingEmbedder {
	return &countingEmbedder{Static: embed.NewStatic(), name: name, left: -1}
}

func (e *countingEmbedder) Name() string { return e.name }

func (e *countingEmbedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.left >= 0 && e.left < len(texts) {
		return nil, e.err
	}
	if e.left >= 0 {
		e.left -= len(texts)
	}
	e.texts += len(texts)
	return e.Static.Embed(ctx, texts)
}

// taken is how many texts were embedded since it was last asked.
func (e *countingEmbedder) taken() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.texts
	e.texts = 0
	return n
}

// failAfter makes it fail once it was given n more texts, -1 for never.
func (e *countingEmbedder) failAfter(n int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.left, e.err = n, err
}
