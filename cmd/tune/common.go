package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// common writes the words that the texts of a folder have in lower case at
// least twice, and hardly ever with a capital inside a sentence: words that a
// sentence may start with without naming anything.
func common(ctx context.Context, folder, out string) error {
	const (
		seldom   = 2    // occurrences in lower case that a word needs
		capitals = 0.05 // share of capitals that it may have
	)
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s holds no text", folder)
	}
	lower, upper := map[string]int{}, map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		inside := false // a sentence, after a small letter or a comma
		for field := range strings.FieldsSeq(string(text)) {
			word := strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) })
			if inside && isEnglish(word) {
				if strings.ToLower(word) == word {
					lower[word]++
				} else {
					upper[strings.ToLower(word)]++
				}
			}
			last := field[len(field)-1]
			inside = last == ',' || 'a' <= last && last <= 'z'
		}
	}
	var words []string
	for w, n := range lower {
		if len(w) > 1 && n >= seldom && float64(upper[w]) <= capitals*float64(n) {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	if err := ctx.Err(); err != nil {
		return err
	}
	return os.WriteFile(out, []byte(strings.Join(words, "\n")+"\n"), 0o644)
}

func isEnglish(word string) bool {
	for i := range len(word) {
		if c := word[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return word != ""
}
