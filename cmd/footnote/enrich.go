package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"footnote/bot/answer"
	"footnote/corpus"
	"footnote/retrieval"
)

const languagesSetting = "FOOTNOTE_LANGUAGES"

// enrichmentLanguages reads FOOTNOTE_LANGUAGES.
func enrichmentLanguages() ([]string, error) {
	setting := os.Getenv(languagesSetting)
	languages, err := answer.ParseLanguages(setting)
	if err != nil {
		return nil, &hintedError{fmt.Errorf("%s is %q: %w", languagesSetting, setting, err), answer.LanguagesHint}
	}
	return languages, nil
}

// An enriching has a language model write what passages are found by, before an
// index is built.
type enriching struct {
	app       *app
	models    models
	model     *answer.Enricher
	languages []string
	did       retrieval.Writing
}

// newEnriching reads the settings; .env is to have been read. It calls nobody.
func newEnriching(a *app, log *slog.Logger) (*enriching, error) {
	e := &enriching{app: a, models: readModels()}
	var err error
	if e.languages, err = enrichmentLanguages(); err != nil {
		return nil, err
	}
	if !e.models.answering() {
		return nil, &hintedError{errors.New("--enrich needs a language model, and none is configured"), enrichHint(e.models)}
	}
	patience, err := modelPatience()
	if err != nil {
		return nil, err
	}
	model, err := answer.NewModel(e.models.server(), e.models.chatModel, answer.ModelOptions{Logger: log, FirstToken: patience, Enrich: patience})
	if err != nil {
		return nil, err
	}
	e.model = answer.NewEnricher(model, e.languages)
	return e, nil
}

// enrichHint says how to get a language model.
func enrichHint(m models) string {
	switch {
	case m.chatModel == noChatModel:
		return "FOOTNOTE_CHAT_MODEL is off; let it name a model"
	case m.url != "" && m.chatModel == "":
		return "let FOOTNOTE_CHAT_MODEL name a model of the server at " + m.server().Host()
	}
	return "set OPENAI_API_KEY, or OPENAI_BASE_URL and FOOTNOTE_CHAT_MODEL for a local server (docs/answers.md)"
}

// write has the enrichments of a corpus written that are missing.
func (e *enriching) write(ctx context.Context, c *corpus.Corpus, data dataFolder, log *slog.Logger) error {
	if data.trouble != nil {
		return &hintedError{data.trouble, dataHint}
	}
	bar := newProgress(e.app.err, "writing questions")
	var err error
	e.did, err = retrieval.WriteEnrichments(ctx, c, e.model, retrieval.WritingOptions{
		Folder: data.enrichment(), Progress: bar.update, Logger: log,
		Large: func(tokens, requests int) {
			e.app.err.print("writing questions takes " + clean(e.models.jobSize(tokens, requests, e.models.chatModel)) + "\n")
		},
	})
	bar.clear()
	if err == nil {
		return nil
	}
	// What came is not lost, and whoever reads of the failure should know.
	if kept := e.did.Written + e.did.Reused; kept > 0 {
		e.app.err.print(fmt.Sprintf("%d of %s have their questions, which are kept; the same command goes on from there\n", kept, count(e.did.Passages-e.did.Shipped, "passage")))
	}
	if _, ok := errors.AsType[*retrieval.StoringError](err); ok {
		return &hintedError{err, dataHint}
	}
	return err
}

// report adds what was done to the summary of footnote index.
func (e *enriching) report(w io.Writer) {
	d := e.did
	if d.Shipped > 0 {
		fmt.Fprintf(w, "  questions\t%s those that come with footnote\n", passagesHave(d.Shipped))
	}
	if d.Shipped == d.Passages {
		return
	}
	fmt.Fprintf(w, "  questions\t%s %d by %s, in %s\n", passagesHave(d.Reused+d.Written), d.Questions, clean(e.models.chatModel), answer.LanguageNames(e.languages))
	fmt.Fprintf(w, "  written now\t%s\n", e.written())
	if d.Unusable > 0 {
		fmt.Fprintf(w, "  left without\t%s: nothing that the model wrote could be used; run this again to try again\n", count(d.Unusable, "passage"))
	}
}

func (e *enriching) written() string {
	text := fmt.Sprint(e.did.Written)
	if used := e.model.Used(); used.Prompt+used.Completion > 0 {
		text += fmt.Sprintf("; %d tokens sent, %d written", used.Prompt, used.Completion)
	}
	return text
}

func passagesHave(n int) string {
	if n == 1 {
		return "1 passage has"
	}
	return fmt.Sprintf("%d passages have", n)
}

// enrichHelp is what the help of footnote index says of --enrich.
var enrichHelp = strings.TrimSpace(`
With --enrich a language model (FOOTNOTE_CHAT_MODEL) first writes, for each
passage, questions that it answers, in the languages of FOOTNOTE_LANGUAGES
(en,zh). Passages are then found by them too; they are never shown or cited.
Each passage is sent to the model once, with what surrounds it. Passages that
footnote comes with questions for keep those and are not sent.
docs/enrichment.md tells more.
`)
