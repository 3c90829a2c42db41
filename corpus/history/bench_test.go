package history_test

import (
	"fmt"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/corpus/history"
)

// large is a corpus of n documents and about 66 MB, as people's reports are:
// every hundredth word is a new one.
func large(b *testing.B, n int) *corpus.Corpus {
	b.Helper()
	docs := make([]corpus.Document, n)
	for i := range docs {
		var text strings.Builder
		for j := 0; text.Len() < 66_000_000/n; j++ {
			fmt.Fprintf(&text, "%s Entry %d of part %d.\n\n", strings.Repeat(fmt.Sprintf("The crane lifted crate %d at noon. ", (i*7919+j*104729)%99991), 14), j, i)
		}
		docs[i] = corpus.Plain(fmt.Sprintf("part%04d.txt", i), text.String())
	}
	c, err := corpus.New(docs...)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func BenchmarkAdd(b *testing.B) {
	for _, n := range []int{1, 1000} {
		c := large(b, n)
		b.Run(fmt.Sprintf("new/documents=%d", n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := history.Open(b.TempDir())
				b.StartTimer()
				add(b, s, nil, c, noon)
			}
		})
		b.Run(fmt.Sprintf("known/documents=%d", n), func(b *testing.B) {
			s := history.Open(b.TempDir())
			add(b, s, nil, c, noon)
			for b.Loop() {
				add(b, s, nil, c, noon)
			}
		})
		b.Run(fmt.Sprintf("read/documents=%d", n), func(b *testing.B) {
			s := history.Open(b.TempDir())
			add(b, s, nil, c, noon)
			for b.Loop() {
				versions, err := s.Versions(b.Context(), nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Corpus(b.Context(), versions[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
