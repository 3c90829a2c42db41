package eval

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func TestCompareTellsBetterFromWorse(t *testing.T) {
	before := &Result{Suite: "s", Outcomes: map[string]*Outcomes{
		"a.txt": {Right: []string{"1", "2"}, Wrong: []string{"3", "4", "5"}},
		"b.txt": {Right: []string{"1"}},
		"c.txt": nil,
	}}
	now := &Result{Suite: "s", Outcomes: map[string]*Outcomes{
		"b.txt": {Wrong: []string{"1", "2"}},
		"a.txt": {Right: []string{"1", "4", "3"}, Wrong: []string{"2", "6"}},
	}}
	got := Compare(before, now)
	want := &Comparison{
		Before: before, Better: []Ref{{"a.txt", "4"}, {"a.txt", "3"}}, Worse: []Ref{{"a.txt", "2"}, {"b.txt", "1"}}, New: 2, Gone: 1,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	var b strings.Builder
	for _, c := range []*Comparison{got, nil} {
		if err := WriteComparison(&b, now, c); err != nil {
			t.Fatal(err)
		}
	}
	const text = `
s: compared with the run before
  answer 0.0000, was 0.0000
  better: 2
    a.txt 4
    a.txt 3
  worse: 2
    a.txt 2
    b.txt 1
  new: 2, gone: 1

s: compared with the run before
  the suite was not part of it
`
	if b.String() != text {
		t.Errorf("%s\nwant %s", b.String(), text)
	}
}

func TestResultsAreReadAsTheyAreWritten(t *testing.T) {
	far := 0.5
	written := []*Result{
		{Suite: "a", AUROCFar: &far, ByKind: map[string]*[2]int{"fact": {1, 2}}, Outcomes: map[string]*Outcomes{"a.txt": {Right: []string{"<1>"}, Wrong: []string{}}}},
		{Suite: "b", Outcomes: map[string]*Outcomes{}},
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, written...); err != nil {
		t.Fatal(err)
	}
	read, err := ReadResults(b.Bytes())
	if err != nil || !reflect.DeepEqual(read, written) {
		t.Errorf("%v, error %v", read, err)
	}
}

func TestOnlyResultsAreRead(t *testing.T) {
	const good = `{"suite":"a","outcomes":{}}`
	for name, test := range map[string]struct{ data, want string }{
		"empty":            {"", "not what footnote eval --json prints"},
		"prose":            {"questions 3", "not what"},
		"another object":   {`{"question":"q"}`, "not what"},
		"an array":         {"[]", "not what"},
		"cut off":          {good + "\n" + good[:9], "not what"},
		"of an older kind": {good + `{"suite":"b/c","answer":1}`, "does not say how each question of b/c went"},
	} {
		if _, err := ReadResults([]byte(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

func TestFindTakesASuiteOfAnotherFolderWhenThereIsOne(t *testing.T) {
	results := []*Result{{Suite: "old/report"}, {Suite: "tea"}, {Suite: "x/tea"}, {Suite: "y/two"}, {Suite: "z/two"}}
	for suite, want := range map[string]*Result{
		"tea": results[1], "new/report": results[0], "x/tea": results[2], "w/tea": nil, "two": nil, "absent": nil,
	} {
		if got := Find(results, suite); got != want {
			t.Errorf("%s: %v, want %v", suite, got, want)
		}
	}
}

func TestChangesAreThoseOfTheFiguresShown(t *testing.T) {
	for _, tt := range []struct{ before, now, want string }{
		{"0.9011", "0.9211", "+0.0200"}, {"0.9211", "0.9011", "−0.0200"}, {"0.5", "0.5", ""}, {"3", "12", "+9"}, {"–", "0.5", ""}, {"4/4", "5/5", ""},
	} {
		if got := change(tt.before, tt.now); got != tt.want {
			t.Errorf("from %s to %s: %q, want %q", tt.before, tt.now, got, tt.want)
		}
	}
}

func TestEvidenceIsHighlightedWhereverItStands(t *testing.T) {
	for _, tt := range []struct {
		text     string
		evidence []string
		want     []span
	}{
		{"", []string{"a"}, nil},
		{"abc", nil, []span{{"abc", false}}},
		{"abc", []string{""}, []span{{"abc", false}}},
		{"abcabc", []string{"bc"}, []span{{"a", false}, {"bc", true}, {"a", false}, {"bc", true}}},
		{"abcd", []string{"bc", "ab"}, []span{{"abc", true}, {"d", false}}},
		{"茶叶", []string{"茶"}, []span{{"茶", true}, {"叶", false}}},
	} {
		if got := highlight(tt.text, tt.evidence); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q, %q: %v, want %v", tt.text, tt.evidence, got, tt.want)
		}
	}
}
