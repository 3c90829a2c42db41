package weaviatestore

import (
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"footnote/retrieval/storetest"
	"footnote/retrieval/words"
)

func TestFindingByWordsOnOneNode(t *testing.T) {
	c := newCluster(t, 1)
	t.Run("what BM25 has to find", c.findsWords)
	t.Run("among documents", c.findsWordsAmong)
	t.Run("the same answers as our own BM25", c.agreesOnWords)
	t.Run("without vectors", c.keepsPassagesWithoutVectors)
	t.Run("words are of the generation", c.keepsGenerationsOfWordsApart)
}

func (c *cluster) writeWords(t *testing.T, words ...[]int32) (retrieval.Generation, *vectors) {
	t.Helper()
	g := storetest.Generation(t.Name())
	g.Words = "some"
	points := storetest.Vectors(1, len(words))
	for i := range points {
		points[i].ID, points[i].Document = fmt.Sprint(i), fmt.Sprint("document ", i%2)
		points[i].Words[retrieval.Body] = words[i]
		points[i].Words[retrieval.Asked] = []int32{int32(100 + i)}
	}
	return g, mustWrite(t, c.place(t)(), g, points).(*vectors)
}

func wordsFound(t *testing.T, v *vectors, f retrieval.Field, words []int32, k int, documents []string) []string {
	t.Helper()
	settles(v)
	found, err := v.QueryWords(t.Context(), f, words, k, documents)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(slices.Values(found))
}

// settles waits until words can be looked for.
func settles(v *vectors) {
	for !v.isSettled() {
		time.Sleep(50 * time.Millisecond)
	}
}

func (c *cluster) findsWords(t *testing.T) {
	_, v := c.writeWords(t, []int32{1, 2}, []int32{2, 2, 3}, []int32{3, 40, 1 << 30}, nil, []int32{5, 5, 5, 5}, []int32{5, 6, 7, 8})
	for _, q := range []struct {
		field retrieval.Field
		words []int32
		k     int
		want  string
	}{
		{retrieval.Body, []int32{2}, 10, "[0 1]"},
		{retrieval.Body, []int32{2}, 1, "[1]"},
		{retrieval.Body, []int32{5}, 1, "[4]"},
		{retrieval.Body, []int32{1 << 30, 1}, 10, "[0 2]"},
		{retrieval.Body, []int32{4}, 10, "[]"},          // 40 is another word
		{retrieval.Body, []int32{6, 1, 1, 1}, 1, "[0]"}, // given twice it counts twice
		{retrieval.Body, []int32{6, 6, 6, 1}, 1, "[5]"},
		{retrieval.Body, []int32{103}, 10, "[]"},
		{retrieval.Asked, []int32{103}, 10, "[3]"},
		{retrieval.Body, nil, 10, "[]"},
		{retrieval.Body, []int32{2}, 0, "[]"},
	} {
		if got := fmt.Sprint(wordsFound(t, v, q.field, q.words, q.k, nil)); got != q.want {
			t.Errorf("%d best for %v in field %d: %s, want %s", q.k, q.words, q.field, got, q.want)
		}
	}
}

func (c *cluster) findsWordsAmong(t *testing.T) {
	_, v := c.writeWords(t, []int32{1}, []int32{1}, []int32{1}, []int32{2})
	for _, q := range []struct {
		documents []string
		want      string
	}{
		{nil, "[0 1 2]"}, {[]string{"document 1"}, "[1]"}, {[]string{"document 0", "document 1"}, "[0 1 2]"}, {[]string{"another"}, "[]"}, {[]string{}, "[]"},
	} {
		if got := fmt.Sprint(wordsFound(t, v, retrieval.Body, []int32{1}, 10, q.documents)); got != q.want {
			t.Errorf("in %q: %s, want %s", q.documents, got, q.want)
		}
	}
}

// A passage in which the embedder sees nothing is found by its words.
func (c *cluster) keepsPassagesWithoutVectors(t *testing.T) {
	g := storetest.Generation("unseen")
	g.Words = "some"
	points := storetest.Vectors(1, 3)
	for i := range points {
		points[i].Words[retrieval.Body] = []int32{int32(i)}
	}
	points[1].Vector = make([]float32, len(points[1].Vector))
	open := c.place(t)
	mustWrite(t, open(), g, points)
	again, err := open().Open(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if found := wordsFound(t, again.(*vectors), retrieval.Body, []int32{1}, 5, nil); len(found) != 1 || found[0] != points[1].ID {
		t.Errorf("found %v", found)
	}
	near, err := again.Query(t.Context(), points[0].Vector, 5)
	if err != nil || len(near) != 2 || again.Len() != 2 {
		t.Errorf("%d vectors, %v near, %v", again.Len(), near, err)
	}
}

func (c *cluster) keepsGenerationsOfWordsApart(t *testing.T) {
	open := c.place(t)
	points := storetest.Vectors(1, 3)
	g := storetest.Generation("apart")
	mustWrite(t, open(), g, points)
	other := g
	other.Words = "some"
	if v, err := open().Open(t.Context(), other); err == nil {
		v.Close()
		t.Error("a generation without words was opened for one with words")
	}
}

// agreesOnWords asks the questions about the bundled report, which has an
// enrichment, and those of squad2 where it is here.
func (c *cluster) agreesOnWords(t *testing.T) {
	c.agree(t, []corpus.Document{corpus.Report()}, readQuestions(t, "../../bot/eval/testdata/report/report.jsonl"))
	docs, questions := squad2(t)
	if docs == nil {
		t.Log("the suite squad2 is not here")
		return
	}
	c.agree(t, docs, everyNth(questions, 8))
}

func squad2(t *testing.T) (docs []corpus.Document, questions []string) {
	t.Helper()
	files, _ := filepath.Glob("../../../shared/golden/squad2/*.jsonl")
	for _, path := range files {
		name := strings.TrimSuffix(path, ".jsonl") + ".txt"
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		docs, questions = append(docs, corpus.Plain(filepath.Base(name), string(text))), append(questions, readQuestions(t, path)...)
	}
	return docs, questions
}

func everyNth(all []string, n int) (some []string) {
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

// agree compares the whole index with one that has no store.
func (c *cluster) agree(t *testing.T, docs []corpus.Document, questions []string) {
	t.Helper()
	of, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	open := func(s retrieval.Store, stored bool) *retrieval.Index {
		ix, err := retrieval.Open(t.Context(), of, retrieval.Options{Store: s, Embedder: embed.NewStatic(), StoredWords: stored})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ix.Close() })
		return ix
	}
	ours, theirs := open(c.place(t)(), true), open(chromemstore.New("", slog.New(slog.DiscardHandler)), false)
	time.Sleep(c.store(t, "", c.URLs()).times.settle)
	same, all, alike := 0, 0, 0
	var times, otherTimes []time.Duration
	for _, q := range questions {
		began := time.Now()
		got := passages(t, ours, q)
		between := time.Now()
		want := passages(t, theirs, q)
		times, otherTimes = append(times, between.Sub(began)), append(otherTimes, time.Since(between))
		all += len(want)
		for _, id := range want {
			if slices.Contains(got, id) {
				same++
			}
		}
		if slices.Equal(got, want) {
			alike++
		}
	}
	t.Logf("%d passages, %d questions: %d of %d of the best ten passages are the same, %d questions have all of them in the same order; a question takes %s, with all on this machine %s (p50)",
		len(of.Passages), len(questions), same, all, alike, quantile(times, 0.5), quantile(otherTimes, 0.5))
	if 1000*same < 995*all {
		t.Error("less than 99.5% are the same")
	}
}

var wordSizes = flag.String("word-sizes", "", "how many passages to measure finding by words with, such as 10000,100000")

// TestWordSizes makes the table of docs/operate.md: squad2's articles among
// passages made of their sentences, put together anew, every sixth word another.
func TestWordSizes(t *testing.T) {
	if *wordSizes == "" {
		t.Skip("-word-sizes names none")
	}
	docs, questions := squad2(t)
	if docs == nil {
		t.Skip("the suite squad2 is not here")
	}
	c := newCluster(t, 1)
	for _, size := range strings.Split(*wordSizes, ",") {
		t.Run(size, func(t *testing.T) {
			n, err := strconv.Atoi(size)
			if err != nil {
				t.Fatal(err)
			}
			c.agree(t, append(slices.Clone(docs), mixed(docs, n)...), everyNth(questions, 10))
			t.Logf("Weaviate takes %d MB", c.Nodes[0].Memory())
		})
	}
}

// mixed are n passages in documents of a hundred.
func mixed(docs []corpus.Document, n int) (out []corpus.Document) {
	random := rand.New(rand.NewPCG(1, 1))
	var sentences []string
	for _, d := range docs {
		for _, s := range corpus.Sentences(d.Text) {
			sentences = append(sentences, d.Text[s.Start:s.End])
		}
	}
	table := words.English()
	var text strings.Builder
	for i := range n {
		for range 5 {
			for j, w := range strings.Fields(sentences[random.IntN(len(sentences))]) {
				if j%6 == 3 {
					w = table.Word(random.IntN(table.Len()))
				}
				text.WriteString(w + " ")
			}
		}
		text.WriteString("\n\n")
		if i%100 == 99 || i == n-1 {
			out = append(out, corpus.Plain(fmt.Sprintf("mixed %d.txt", i), text.String()))
			text.Reset()
		}
	}
	return out
}
