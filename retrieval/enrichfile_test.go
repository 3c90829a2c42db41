package retrieval

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func TestALineIsReadAsItWasWritten(t *testing.T) {
	e := WrittenEnrichment{Context: `A <line> & a "quote", "crc32":"`, Questions: map[string][]ExpectedQuestion{
		"en": {{"Who\\?", 2, "en"}, {"When?", 0, "en"}}, "zh": {{"谁?", 1, "zh"}}, "de": nil,
	}}
	line, err := e.line("k")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(line), `{"text_sha256":"k","context":"A <line> & a `) || bytes.ContainsRune(line, '\n') || strings.Contains(string(line), `"de"`) {
		t.Errorf("it is %s", line)
	}
	want := Enrichment{Context: e.Context, Questions: append(append([]ExpectedQuestion{}, e.Questions["en"]...), e.Questions["zh"]...)}
	if got, err := ReadEnrichments(bytes.NewReader(line), every); err != nil || !reflect.DeepEqual(got, Enrichments{"k": want}) {
		t.Errorf("%+v, %v", got, err)
	}
	if read, err := readLeniently(bytes.NewReader(line), every); err != nil || !reflect.DeepEqual(read.found["k"].Enrichment, want) || !read.unended {
		t.Errorf("%+v, %v", read, err)
	}
	for i := range line {
		bad := bytes.Clone(line)
		bad[i] ^= 1
		if read, _ := readLeniently(bytes.NewReader(bad), every); len(read.found) == 1 {
			if got := read.found["k"].Enrichment; !reflect.DeepEqual(got, want) {
				t.Errorf("with byte %d changed it is %+v", i, got)
			}
		}
	}
}

// Of two lines for a key the later one counts: it was written because the first
// was lost, or is a correction.
func FuzzReadLeniently(f *testing.F) {
	line, err := WrittenEnrichment{Context: "c", Questions: map[string][]ExpectedQuestion{"en": {{Text: "Who?", Sentence: 1}}}}.line("k")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(append([]byte("no\n\n"), line...), '\n'))
	f.Add(bytes.Repeat(line, 2))
	f.Add([]byte("{\"text_sha256\":\"a\",\"en\":[[\"Who?\",-1]]}\n\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := readLeniently(bytes.NewReader(data), every)
		if err != nil || read.whole > int64(len(data)) {
			t.Fatalf("%+v, %v", read, err)
		}
		// Cut off where it says, and added to, the file has all of it and more.
		kept := bytes.Clone(data[:read.whole])
		if read.unended {
			kept = append(kept, '\n')
		}
		added, err := readLeniently(bytes.NewReader(append(append(kept, line...), '\n')), every)
		if err != nil || added.torn || added.unended || added.damaged != read.damaged || !reflect.DeepEqual(added.found["k"].line, line) {
			t.Fatalf("%+v, %v", added, err)
		}
		for key := range read.found {
			if _, ok := added.found[key]; !ok {
				t.Errorf("%q is lost", key)
			}
		}
	})
}
