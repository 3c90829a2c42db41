package words

import (
	"fmt"
	"testing"
)

func TestChineseWordsHaveMeanings(t *testing.T) {
	d := ChineseWords()
	for word, want := range map[string]string{
		"图书馆": "[{[library] false}]",
		"船长":  "[{[captain] false} {[skipper] false}]",
		"英镑":  "[{[pound sterling] false}]",
		"北京":  "[{[beijing municipality] true}]",
		"龘龘龘": "[]",
		"":    "[]",
		"a":   "[]",
		"龥":   "[]",
	} {
		if got := fmt.Sprint(d.Meanings(word)); got != want || d.Has(word) != (want != "[]") {
			t.Errorf("%q means %s, want %s", word, got, want)
		}
	}
}

func TestADictionaryIsReadBackAsItWasWritten(t *testing.T) {
	meanings := map[string][][]string{"船": {{"boat"}}, "船长": {{"captain"}, {"sea", "captain"}}, "北京": {{"Beijing"}}, "船长室": {{"cabin"}}}
	d, err := parseChinese(string(EncodeChinese(meanings)))
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{"船": "[{[boat] false}]", "船长": "[{[captain] false} {[sea captain] false}]", "北京": "[{[beijing] true}]", "船长室": "[{[cabin] false}]", "长": "[]"} {
		if got := fmt.Sprint(d.Meanings(word)); got != want {
			t.Errorf("%q means %s, want %s", word, got, want)
		}
	}
	if _, err := parseChinese("no data"); err == nil {
		t.Error("what is no dictionary was read")
	}
}
