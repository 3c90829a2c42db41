// Package eval measures the bot with question suites: it runs every question
// of a suite through a real engine and computes how well passages were found,
// answers given and silence kept.
//
// A suite is a folder that pairs NAME.jsonl, a question a line, with its
// corpus: a document NAME.txt (or .md, …) or a folder NAME.
package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// A Question is one line of a suite.
type Question struct {
	ID   string
	Kind string
	Text string
	// Evidence are verbatim parts of the corpus that hold the answer.
	Evidence []string
	// Answers must occur in the answer, whatever their case: all of them,
	// or one of them when MatchAny is set.
	Answers  []string
	MatchAny bool
	// Refuse says that the corpus does not answer the question.
	Refuse bool
	// Documents are the files that hold the evidence, named by how their
	// base names begin. Where given, they stand in for Evidence in recall.
	Documents []string
	// Place is where the first citation must stand; nothing where it is zero.
	Place Place
}

// far reports whether the question has nothing to do with the corpus, or
// attacks the bot; other unanswerable questions are near ones.
func (q Question) far() bool { return q.Kind == "far" || q.Kind == "attack" }

// A SyntaxError says what is wrong with a line of a suite.
type SyntaxError struct {
	File    string
	Line    int // from 1
	Problem string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem) }

// Parse reads questions, one JSON object a line. The file's name is for
// errors, which are *SyntaxError. Unknown keys are ignored, so that a suite
// can carry notes of its own.
func Parse(file string, data []byte) ([]Question, error) {
	var questions []Question
	seen := map[string]int{}
	data = bytes.TrimSuffix(data, []byte("\n"))
	for i, line := range bytes.Split(data, []byte("\n")) {
		fail := func(format string, args ...any) ([]Question, error) {
			return nil, &SyntaxError{File: file, Line: i + 1, Problem: fmt.Sprintf(format, args...)}
		}
		q, err := parseLine(line)
		if err != nil {
			return fail("%v", err)
		}
		if first, dup := seen[q.ID]; dup {
			return fail("the id %q is already that of line %d", q.ID, first)
		}
		seen[q.ID] = i + 1
		questions = append(questions, q)
	}
	return questions, nil
}

func parseLine(line []byte) (Question, error) {
	var q Question
	if len(bytes.TrimSpace(line)) == 0 {
		return q, fmt.Errorf("a question is missing: the line is blank")
	}
	if !utf8.Valid(line) {
		return q, fmt.Errorf("the line is not UTF-8")
	}
	// Into a map, since decoding into a struct would accept keys in any case.
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil || keys == nil {
		return q, fmt.Errorf("the line is not one JSON object")
	}
	match := "all"
	fields := []struct {
		key      string
		into     any
		want     string
		required bool
	}{
		{"id", &q.ID, "a string", true},
		{"kind", &q.Kind, "a string", true},
		{"question", &q.Text, "a string", true},
		{"refuse", &q.Refuse, "true or false", true},
		{"match", &match, `"all" or "any"`, false},
		{"evidence", &q.Evidence, "a list of strings", false},
		{"answer", &q.Answers, "a list of strings", false},
		{"documents", &q.Documents, "a list of strings", false},
		{"page", &q.Place.Page, "a whole number", false},
		{"heading", &q.Place.Heading, "a string", false},
		{"paragraph", &q.Place.Paragraph, "a whole number", false},
	}
	for _, f := range fields {
		raw, ok := keys[f.key]
		if !ok && f.required {
			return q, fmt.Errorf("%q is missing", f.key)
		}
		if !ok {
			continue
		}
		if string(raw) == "null" || json.Unmarshal(raw, f.into) != nil {
			return q, fmt.Errorf("%q must be %s", f.key, f.want)
		}
	}
	q.MatchAny = match == "any"
	return q, q.check(match)
}

// check finds what would make a question's figures meaningless.
func (q Question) check(match string) error {
	switch {
	case q.ID == "":
		return fmt.Errorf(`"id" is empty`)
	case q.Kind == "":
		return fmt.Errorf(`"kind" is empty`)
	case match != "all" && match != "any":
		return fmt.Errorf(`"match" must be "all" or "any"`)
	case strings.ContainsAny(q.Text, "\n\r"):
		return fmt.Errorf("the question is more than one line")
	case !q.Refuse && len(q.Answers) == 0:
		return fmt.Errorf(`an answerable question needs an "answer"`)
	case !q.Refuse && len(q.Evidence) == 0 && len(q.Documents) == 0:
		return fmt.Errorf(`an answerable question needs "evidence" or "documents"`)
	case q.Refuse && q.Place != (Place{}):
		return fmt.Errorf("a question to be refused has no place in the corpus")
	case q.Place.Page < 0 || q.Place.Paragraph < 0:
		return fmt.Errorf("pages and paragraphs count from 1")
	}
	for key, list := range map[string][]string{"evidence": q.Evidence, "answer": q.Answers, "documents": q.Documents} {
		for _, s := range list {
			if s == "" {
				return fmt.Errorf("%q holds an empty string, which occurs everywhere", key)
			}
		}
	}
	return nil
}

// A part is a file of questions with the corpus they are about.
type part struct {
	questions []Question
	corpus    string
}

// load reads every question of a suite before any is asked, so that a mistake
// in the last file shows at once.
func load(dir string) ([]part, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".jsonl")
		if !ok {
			continue
		}
		file := filepath.Join(dir, e.Name())
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		questions, err := Parse(file, data)
		if err != nil {
			return nil, err
		}
		corpus, ok := corpusOf(entries, name)
		if !ok {
			return nil, fmt.Errorf("%s has no corpus beside it: %s.txt or a folder %s", file, name, name)
		}
		parts = append(parts, part{questions: questions, corpus: filepath.Join(dir, corpus)})
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s is not a suite: it holds no .jsonl file", dir)
	}
	return parts, nil
}

// corpusOf finds what the questions called name are about: a folder of that
// name, else name.txt, else the first other document called name.
func corpusOf(entries []os.DirEntry, name string) (string, bool) {
	best := ""
	for _, e := range entries {
		switch file := e.Name(); {
		case file == name:
			return file, true
		case file == name+".txt":
			best = file
		case best == "" && strings.TrimSuffix(file, filepath.Ext(file)) == name && filepath.Ext(file) != ".jsonl":
			best = file
		}
	}
	return best, best != ""
}
