package retrieval

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestADictionaryNumbersStringsAsTheyCome(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	var d dictionary
	if d.find("") != -1 || d.find("a") != -1 || d.size() != 0 {
		t.Error("an empty one has strings")
	}
	numbers := map[string]int32{}
	for range 20_000 {
		s := fmt.Sprint(random.IntN(6000))[random.IntN(2):]
		want, there := numbers[s]
		if !there {
			want = int32(len(numbers))
			if d.find(s) != -1 {
				t.Fatalf("%q is found before it came", s)
			}
		}
		n, isNew := d.add(s)
		if n != want || isNew == there {
			t.Fatalf("%q has number %d (new: %v), want %d", s, n, isNew, want)
		}
		numbers[s] = n
	}
	if d.size() != len(numbers) {
		t.Errorf("it has %d strings, want %d", d.size(), len(numbers))
	}
	for s, n := range numbers {
		if d.find(s) != n || string(d.at(n)) != s {
			t.Errorf("%q has number %d and string %q, want %d", s, d.find(s), d.at(n), n)
		}
	}
}

func TestAVocabularyNumbersSurfacesByStem(t *testing.T) {
	x := reportIndex(t)
	for _, pair := range [][2]string{{"model", "models"}, {"release", "released"}, {"releasing", "release"}} {
		a, b := x.words.lookup(Token{Surface: pair[0]}), x.words.lookup(Token{Surface: pair[1]})
		if a.term < 0 || a.term != b.term {
			t.Errorf("%q is term %d, %q term %d", pair[0], a.term, pair[1], b.term)
		}
	}
	if s := x.words.lookup(Token{Surface: "quuxify"}); s.term != -1 || s.row != -1 {
		t.Errorf("an unknown word is %+v", s)
	}
	for text, want := range map[string]surfaceKind{
		"the": stopWord, "2023": numeral, "3.5": numeral, "million": numberWord, "october": dateWord, "大模": ideograms, "president": titleWord,
	} {
		if s := x.words.lookup(Token{Surface: text}); s.kind&want == 0 {
			t.Errorf("%q is of kinds %b, want %b among them", text, s.kind, want)
		}
	}
}
