package answer

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/retrieval"
)

const (
	longestReply = 1 << 20 // bytes that are looked at
	mostObjects  = 32      // beginnings of an object that are tried
)

// Why a reply cannot be used.
var (
	errNoObject    = errors.New("it holds no object with the languages that were asked for")
	errNoQuestions = errors.New("none of its questions can be used")
)

// parseEnrichment reads a model's reply: the first object of JSON in it that
// has a list of questions, whatever stands around it. In form it is lenient, in
// content strict: of the questions stays what can be one, is not there yet and
// makes sense by itself, and a sentence that the passage does not have is none.
func parseEnrichment(reply string, languages []string, sentences int) (retrieval.WrittenEnrichment, error) {
	e := retrieval.WrittenEnrichment{Questions: map[string][]retrieval.ExpectedQuestion{}}
	fields := findObject(reply, languages)
	if fields == nil {
		return e, errNoObject
	}
	var context string
	_ = json.Unmarshal(fields["context"], &context) // without one it does as well
	e.Context = cut(tidyLine(context), retrieval.MaxContextBytes)
	seen := map[string]bool{}
	offered, kept := 0, 0
	for _, language := range languages {
		var items []json.RawMessage
		_ = json.Unmarshal(fields[language], &items)
		for _, item := range items {
			offered++
			q, ok := readQuestion(item)
			if !ok || len(e.Questions[language]) == retrieval.MaxQuestions {
				continue
			}
			if q.Text = tidyLine(q.Text); !usable(q.Text) || seen[fingerprint(q.Text)] {
				continue
			}
			if q.Sentence < 0 || q.Sentence > sentences {
				q.Sentence = 0
			}
			seen[fingerprint(q.Text)] = true
			e.Questions[language] = append(e.Questions[language], q)
			kept++
		}
	}
	if offered > 0 && kept == 0 {
		return e, errNoQuestions
	}
	return e, nil
}

// findObject returns the first object that has a list for one of the languages,
// by itself or below "questions"; nil for none.
func findObject(reply string, languages []string) map[string]json.RawMessage {
	if len(reply) > longestReply {
		reply = reply[:longestReply]
	}
	if end := strings.LastIndex(reply, closes); end >= 0 {
		reply = reply[end+len(closes):]
	}
	for range mostObjects {
		start := strings.IndexByte(reply, '{')
		if start < 0 {
			return nil
		}
		reply = reply[start:]
		var fields map[string]json.RawMessage
		if json.NewDecoder(strings.NewReader(reply)).Decode(&fields) == nil {
			var inner map[string]json.RawMessage
			if json.Unmarshal(fields["questions"], &inner) == nil && hasList(inner, languages) {
				inner["context"] = fields["context"]
				return inner
			}
			if hasList(fields, languages) {
				return fields
			}
		}
		reply = reply[1:]
	}
	return nil
}

func hasList(fields map[string]json.RawMessage, languages []string) bool {
	return slices.ContainsFunc(languages, func(language string) bool {
		raw := strings.TrimSpace(string(fields[language]))
		return strings.HasPrefix(raw, "[")
	})
}

// readQuestion reads a question in the forms that models give it: a string, a
// pair with a number in whatever order, or an object.
func readQuestion(raw json.RawMessage) (q retrieval.ExpectedQuestion, ok bool) {
	var item any
	if json.Unmarshal(raw, &item) != nil {
		return q, false
	}
	switch item := item.(type) {
	case string:
		q.Text = item
	case []any:
		for _, part := range item {
			takePart(&q, part)
		}
	case map[string]any:
		for _, name := range []string{"question", "q", "text"} {
			if text, ok := item[name].(string); ok && q.Text == "" {
				q.Text = text
			}
		}
		for _, name := range []string{"sentence", "s", "n", "number"} {
			if n, ok := wholeNumber(item[name]); ok && q.Sentence == 0 {
				q.Sentence = n
			}
		}
	}
	return q, q.Text != ""
}

// takePart takes an element of a pair: the first text that is no number is the
// question.
func takePart(q *retrieval.ExpectedQuestion, part any) {
	if n, ok := wholeNumber(part); ok {
		q.Sentence = n
	} else if text, ok := part.(string); ok && q.Text == "" {
		q.Text = text
	}
}

// wholeNumber reads a number, also one in quotation marks; what is none, or
// beyond all sentences, is not known.
func wholeNumber(v any) (int, bool) {
	switch v := v.(type) {
	case float64:
		if v < 0 || v > 1e6 || v != float64(int(v)) {
			return 0, true
		}
		return int(v), true
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil {
			return 0, false
		}
		if n < 0 || n > 1e6 {
			n = 0
		}
		return n, true
	}
	return 0, false
}

// tidyLine puts a text on one line, without what cannot be seen.
func tidyLine(text string) string {
	return oneLine(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "")))
}

// ownWords are questions that only somebody understands who sees the passage.
var ownWords = regexp.MustCompile(`(?i)\b(this|that|these|the above|above|given|following|provided)\s+(passage|paragraph|excerpt|snippet|extract|text|sentence)s?\b|\bthe\s+(passage|excerpt|snippet)\b|\bsentence\s+(number\s+)?\d|(这|该|本|此|上述|上面的?)(一?段|一?个?段落|段话|段文字|文段|节选|句话)|第\s*\d+\s*句`)

// usable reports whether a text can be a question for the index.
func usable(text string) bool {
	return len(text) <= retrieval.MaxQuestionBytes && strings.ContainsFunc(text, unicode.IsLetter) && !ownWords.MatchString(text)
}

// fingerprint is the same for questions that differ in case and punctuation
// alone.
func fingerprint(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// cut shortens a text to so many bytes, at a space if there is one near.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	text = strings.ToValidUTF8(text[:most], "")
	if space := strings.LastIndexByte(text, ' '); space > most/2 {
		text = text[:space]
	}
	return text
}
