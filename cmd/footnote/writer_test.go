package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/remote"
)

// first finds the first passage of a corpus, whatever is asked.
type first struct{ corpus *corpus.Corpus }

func (f first) Search(_ context.Context, query string, _ int) (*retrieval.Result, error) {
	return &retrieval.Result{Query: query, Confidence: 1, Passages: []retrieval.Hit{{Passage: f.corpus.Passages[0]}}}, nil
}

// failing is a language model whose every answer fails.
type failing struct {
	unusable
	err error
}

func (f failing) Write(context.Context, bot.Request, func(string) error) (bot.Usage, error) {
	return bot.Usage{}, f.err
}

// The engine translates what a server's errors say of themselves.
func TestEveryReasonIsToldInChinese(t *testing.T) {
	c, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	reasons := []error{settingsError{errors.New("no such dialect")}}
	for kind := remote.Broken; kind <= remote.Filtered; kind++ {
		reasons = append(reasons, &remote.Error{Kind: kind})
	}
	for _, reason := range reasons {
		e := bot.NewEngine(c, first{c}, answer.NewQuote(), bot.EngineOptions{Writer: failing{err: reason}})
		a, err := e.Ask(t.Context(), bot.Question{Text: "谁是百度的创始人？"})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(a.Notice, "语言模型未能回答（") {
			t.Errorf("%v: %q gives no reason", reason, a.Notice)
		}
	}
}
