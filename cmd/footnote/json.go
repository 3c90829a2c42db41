package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"footnote/bot"
)

// printJSON writes v as a JSON object on a line.
func (s *screen) printJSON(v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	return s.print(text + "\n")
}

// encodeLines gives each value as JSON on a line of its own.
func encodeLines[T any](values []T) (string, error) {
	var b strings.Builder
	for _, v := range values {
		text, err := encode(v)
		if err != nil {
			return "", err
		}
		b.WriteString(text + "\n")
	}
	return b.String(), nil
}

// printLines writes each value as JSON on a line of its own, all or nothing.
func printLines[T any](s *screen, values []T) error {
	text, err := encodeLines(values)
	if err != nil {
		return err
	}
	return s.print(text)
}

// encode gives v as JSON on one line. Markup stays readable, and what could
// drive a terminal is escaped, which JSON itself asks of C0 controls only.
func encode(v any) (string, error) {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	var out bytes.Buffer
	for _, r := range string(bytes.TrimSuffix(raw.Bytes(), []byte("\n"))) {
		if unsafeToPrint(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String(), nil
}

// A result is an answer, or what a failed question gets in its place.
type result struct {
	bot.Answer
	Error string `json:"error,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

// newResult gives the result of asking; every key is there and no array null,
// whether or not the question failed.
func newResult(q bot.Question, a bot.Answer, err error) result {
	if err != nil {
		a = bot.Answer{Question: q.Text, Mode: q.Mode}
	}
	if a.Citations == nil {
		a.Citations = []bot.Citation{}
	}
	if a.Passages == nil {
		a.Passages = []bot.Retrieved{}
	}
	r := result{Answer: a}
	if err != nil {
		r.Error, r.Hint = explain(err)
	}
	return r
}
