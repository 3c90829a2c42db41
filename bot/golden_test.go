package bot

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Every question of the suites is about something in a document.
func TestSuiteQuestionsAreLookedUp(t *testing.T) {
	files, err := filepath.Glob("../../shared/golden/*/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Skip("SKIPPED: the question suites are not here")
	}
	asked, followUps := 0, []string(nil)
	for _, name := range files {
		for _, question := range suiteQuestions(t, name) {
			text, _ := clean(question)
			if kind, asked := splitCourtesy(text); kind != noCourtesy || asked != text || aboutWhole(asked) {
				t.Errorf("%s: %q became courtesy %d, %q, about the whole: %v", filepath.Base(name), question, kind, asked, aboutWhole(asked))
			}
			if p, _ := aboutDocument(text); p != noProperty {
				t.Errorf("%s: %q is not looked up", filepath.Base(name), question)
			}
			if asked++; followUpOf(text) != standsAlone {
				followUps = append(followUps, question)
			}
		}
	}
	if len(followUps)*500 > asked { // some do say "he" of nobody
		t.Errorf("%d of %d questions count as follow-ups: %q", len(followUps), asked, followUps)
	}
}

func suiteQuestions(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var questions []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var q struct{ Question string }
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		questions = append(questions, q.Question)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return questions
}
