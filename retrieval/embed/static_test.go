package embed_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"footnote/retrieval"
	"footnote/retrieval/embed"
)

var _ retrieval.Embedder = (*embed.Static)(nil)

func vectors(t *testing.T, texts ...string) [][]float32 {
	t.Helper()
	v, err := embed.NewStatic().Embed(t.Context(), texts)
	if err != nil || len(v) != len(texts) {
		t.Fatalf("%d vectors, %v", len(v), err)
	}
	return v
}

func cosine(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

var texts = []string{
	"Large language models in China", "a", "the", "GPT4-Turbo costs $20", "国内发布了238个大模型", "Zürich café", "x", "qzxv",
	"\xff ok", strings.Repeat("many words ", 10_000), strings.Repeat("q", 10_000), "١٢٣",
}

func TestAVectorHasUnitLength(t *testing.T) {
	e := embed.NewStatic()
	for i, v := range vectors(t, texts...) {
		if len(v) != e.Dimensions() {
			t.Errorf("%.30q: %d dimensions, want %d", texts[i], len(v), e.Dimensions())
		}
		if length := math.Sqrt(cosine(v, v)); math.Abs(length-1) > 1e-5 {
			t.Errorf("%.30q: the length is %v", texts[i], length)
		}
	}
}

func TestATextWithoutWordsHasAZeroVector(t *testing.T) {
	for i, v := range vectors(t, "", " \n", "?!—", "\xff", "😀") {
		if cosine(v, v) != 0 {
			t.Errorf("text %d has the vector %v", i, v)
		}
	}
	if v := vectors(t); len(v) != 0 {
		t.Errorf("no texts have %d vectors", len(v))
	}
}

func TestAVectorDependsOnItsTextAlone(t *testing.T) {
	together := vectors(t, texts...)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, text := range texts {
				alone, err := embed.NewStatic().Embed(t.Context(), []string{text})
				if err != nil || !slices.Equal(alone[0], together[i]) {
					t.Errorf("%.30q: alone it differs (%v)", text, err)
				}
			}
		})
	}
	all.Wait()
}

func TestTextsThatMeanTheSameAreNear(t *testing.T) {
	for _, test := range []struct{ text, near, far string }{
		{"Which firms invest in AI?", "Companies put money into artificial intelligence", "The harbour froze in winter"},
		{"the doctor treats patients", "a physician cures the sick", "a ship left the port"},
		{"Kubernetesx", "Kubernetsx", "Photoshopzz"}, // words without vectors of their own
		{"Zhang Chaoyangg", "Zhang Chaoyang", "Robin Williams"},
		{"大模型的数量", "国内大模型数量", "今天天气很好"},
	} {
		v := vectors(t, test.text, test.near, test.far)
		if near, far := cosine(v[0], v[1]), cosine(v[0], v[2]); near <= far+0.1 {
			t.Errorf("%q is %.2f from %q, %.2f from %q", test.text, near, test.near, far, test.far)
		}
	}
}

func TestFunctionWordsWeighLittle(t *testing.T) {
	v := vectors(t, "the harbour of the city", "harbour city", "the of the")
	if content, function := cosine(v[0], v[1]), cosine(v[0], v[2]); content < 0.9 || function > content-0.2 {
		t.Errorf("%.2f to the content words, %.2f to the function words", content, function)
	}
}

func TestEmbeddingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if v, err := embed.NewStatic().Embed(ctx, texts); !errors.Is(err, context.Canceled) || v != nil {
		t.Errorf("%d vectors, %v", len(v), err)
	}
}

func TestTheNameSaysWhatDataIsUsed(t *testing.T) {
	if name := embed.NewStatic().Name(); !strings.Contains(name, "glove") || !strings.Contains(name, "100") {
		t.Errorf("the name is %q", name)
	}
}

func FuzzStatic(f *testing.F) {
	for _, text := range texts[:8] {
		f.Add(text)
	}
	e := embed.NewStatic()
	f.Fuzz(func(t *testing.T, text string) {
		v, err := e.Embed(t.Context(), []string{text})
		if err != nil {
			t.Fatal(err)
		}
		if length := cosine(v[0], v[0]); length != 0 && math.Abs(length-1) > 1e-4 || math.IsNaN(length) {
			t.Errorf("%q: the squared length is %v", text, length)
		}
	})
}
