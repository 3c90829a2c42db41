package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"footnote/bot/eval"
	"footnote/corpus"
	"footnote/corpus/load"
)

// unlabelledFolder is where questions are that footnote eval is not to read.
const unlabelledFolder = "unlabelled"

// A suiteFolder is a suite to be written, with a copy of the corpus that it is
// about, so that it means the same when the original changes.
type suiteFolder struct {
	dir    string
	corpus []string // its sources, none for the bundled report
	docs   []corpus.Document
}

func (s suiteFolder) write(labelled, unlabelled []suiteLine) error {
	entries, err := os.ReadDir(s.dir)
	switch {
	case err == nil && len(entries) > 0:
		return &hintedError{fmt.Errorf("%s is not empty", s.dir), "name a new folder: what somebody has labelled is not written over"}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &hintedError{fmt.Errorf("write the suite: %w", err), "--suite names a new folder"}
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("write the suite: %w", err)
	}
	name, err := s.copyCorpus()
	if err != nil {
		return fmt.Errorf("copy the report into the suite: %w", err)
	}
	if err := writeLines(filepath.Join(s.dir, name+".jsonl"), labelled, true); err != nil {
		return err
	}
	return writeLines(filepath.Join(s.dir, unlabelledFolder, name+".jsonl"), unlabelled, false)
}

// writeLines writes questions, if there are any; those to be measured as
// footnote eval takes them.
func writeLines(file string, lines []suiteLine, measured bool) error {
	if len(lines) == 0 {
		return nil
	}
	text, err := encodeLines(lines)
	if err != nil {
		return err
	}
	if measured {
		if _, err := eval.Parse(file, []byte(text)); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("write the suite: %w", err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the suite: %w", err)
	}
	return nil
}

// copyCorpus copies what was read of the corpus, and returns the name that its
// questions are to have.
func (s suiteFolder) copyCorpus() (name string, err error) {
	if len(s.corpus) == 0 {
		return "report", os.WriteFile(filepath.Join(s.dir, "report.txt"), []byte(s.docs[0].Text), 0o644)
	}
	if len(s.corpus) > 1 || load.IsAddress(s.corpus[0]) || load.IsPattern(s.corpus[0]) {
		return "reports", s.copyTexts("reports")
	}
	path, err := filepath.Abs(s.corpus[0])
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	base := filepath.Base(path)
	if !info.IsDir() {
		name, extension := nameOf(strings.TrimSuffix(base, filepath.Ext(base))), filepath.Ext(base)
		if extension == "" || extension == ".jsonl" {
			extension = ".txt"
		}
		return name, copyFile(path, filepath.Join(s.dir, name+extension))
	}
	name = nameOf(base)
	for _, d := range s.docs {
		below := filepath.FromSlash(d.Name)
		if err := copyFile(filepath.Join(path, below), filepath.Join(s.dir, name, below)); err != nil {
			return "", err
		}
	}
	return name, nil
}

// copyTexts writes the texts of documents that are from several places.
func (s suiteFolder) copyTexts(name string) error {
	for _, d := range s.docs {
		below := filepath.FromSlash(strings.ReplaceAll(d.Name, "://", "/"))
		switch strings.ToLower(filepath.Ext(below)) {
		case ".txt", ".text", ".md", ".markdown":
		default:
			below += ".txt"
		}
		file := filepath.Join(s.dir, name, below)
		if !filepath.IsLocal(below) {
			return fmt.Errorf("%q is no name for a file", d.Name)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(d.Text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// nameOf keeps clear of hidden files and of what else is in a suite.
func nameOf(base string) string {
	base = strings.TrimSuffix(strings.TrimLeft(base, "."), ".jsonl")
	if base == "" || base == unlabelledFolder || base == string(filepath.Separator) {
		return "report"
	}
	return base
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
