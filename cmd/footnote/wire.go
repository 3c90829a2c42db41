package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/joho/godotenv"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/corpus/original"
	"footnote/retrieval"
)

// logFlags say how much to log; every command that opens a corpus has them.
type logFlags struct {
	Verbose  bool   `short:"v" help:"Log what is being done: the same as --log-level=info."`
	LogLevel string `enum:"debug,info,warn,error" default:"warn" help:"What to log on standard error: debug, info, warn or error."`
}

func (f logFlags) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	// The grammar admits only names of levels.
	_ = level.UnmarshalText([]byte(f.LogLevel))
	if f.Verbose {
		level = min(level, slog.LevelInfo)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutTime}))
}

// withoutTime drops the time: a command is over before it tells anything.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// corpusFlags say what to ask, and how much to log about it.
type corpusFlags struct {
	Corpus []string `sep:"none" placeholder:"PATH" help:"The report: a file, a folder, a pattern such as 'reports/**/*.md' or an address; repeat it for several. Without it, that of FOOTNOTE_CORPUS; without both, the report that comes with footnote."`
	logFlags
}

// sources are where the corpus is; none for the bundled report.
func (f corpusFlags) sources() ([]string, error) {
	if f.Corpus == nil {
		return splitSources(os.Getenv("FOOTNOTE_CORPUS")), nil
	}
	if slices.Contains(f.Corpus, "") {
		return nil, &misuseError{problem: "--corpus is empty", hint: "name a file or a folder, or leave --corpus out"}
	}
	return f.Corpus, nil
}

// An opened corpus is ready for questions.
type opened struct {
	corpus  *corpus.Corpus
	skipped load.Skipped
	index   *retrieval.Index
	engine  *bot.Engine
	// unstored is why some of the index is in memory only; nil when all is stored.
	unstored error
	// pending is why the vectors are not, or not yet known to be, in the store
	// that replicas share; nil when they are, or there is none. Opened anew, they
	// may be.
	pending error
	kept    sync.WaitGroup // the version is on the disk, or cannot be
}

// aside says that the vectors are in memory where others could not share them.
func (s *opened) aside() bool { return s.pending != nil && s.index.Built().Aside }

func (s *opened) Close() error {
	s.kept.Wait()
	return s.index.Close()
}

// opening says how to open a corpus; the zero value makes it ready for
// questions whatever can be done without.
type opening struct {
	rebuild bool
	// quiet shows no progress.
	quiet bool
	// traceless leaves nothing of the corpus on the disk, not even its vectors.
	traceless bool
	// strict fails where vectors cannot be had, which is otherwise told of in
	// the index's Build.Degraded.
	strict bool
	// waits has questions wait for the store that replicas share where that
	// cannot be asked. What it does not take is kept in memory.
	waits bool
	// firm is waits where there is an index to answer from: what the store does
	// not take is an error.
	firm bool
	// large is told of a large job of embedding before it begins.
	large func(size string)
	// enrich, when set, has the corpus's enrichments written first.
	enrich *enriching
	// links are where the originals can be opened.
	links original.Links
	// sources are where the corpus is from.
	sources []string
}

// open makes a command's corpus ready for questions. They do not wait until
// the data folder is mended: what cannot be stored is kept in memory.
func (a *app) open(ctx context.Context, flags corpusFlags) (*opened, error) {
	s, err := a.build(ctx, flags, opening{})
	if err != nil {
		return nil, err
	}
	log := flags.logger(a.err)
	if s.unstored != nil {
		log.WarnContext(ctx, "the index could not be stored and is kept in memory", "error", s.unstored, "hint", storeHint(s.unstored))
	}
	s.warnDegraded(ctx, log)
	return s, nil
}

// warnDegraded tells of an index without vectors, once for all questions.
func (s *opened) warnDegraded(ctx context.Context, log *slog.Logger) {
	if err := s.index.Built().Degraded; err != nil {
		problem, hint := explain(err)
		log.WarnContext(ctx, "there are no embeddings: the report is searched by its words alone", "error", problem, "hint", hint)
	}
}

// build opens a command's corpus, and leaves it to the caller what to do about
// an index that cannot be stored.
func (a *app) build(ctx context.Context, flags corpusFlags, how opening) (*opened, error) {
	if err := readDotEnv(); err != nil {
		return nil, err
	}
	sources, err := flags.sources()
	if err != nil {
		return nil, err
	}
	if how.links, err = links(); err != nil {
		return nil, err
	}
	return a.openWith(ctx, sources, findData(), flags.logger(a.err), how)
}

// openSources opens the corpus of some sources, or the bundled report for none.
// What is opened in memory is measured: its figures are to be those of the
// settings, or none.
func (a *app) openSources(ctx context.Context, sources []string, data dataFolder, log *slog.Logger, how opening) (*opened, error) {
	how.strict = data == dataFolder{}
	s, err := a.openWith(ctx, sources, data, log, how)
	if err == nil {
		s.warnDegraded(ctx, log)
	}
	return s, err
}

func (a *app) openWith(ctx context.Context, sources []string, data dataFolder, log *slog.Logger, how opening) (*opened, error) {
	docs, skipped, err := documents(ctx, sources, log)
	if err != nil {
		return nil, err
	}
	if skipped.Count() > 0 {
		log.InfoContext(ctx, "files were passed over", "found", skipped.String())
	}
	how.sources = sources
	s, err := a.openDocuments(ctx, strings.Join(sources, ", "), docs, data, log, how)
	if err == nil {
		s.skipped = skipped
	}
	return s, err
}

// openDocuments makes documents ready for questions; path is where they are
// from.
func (a *app) openDocuments(ctx context.Context, path string, docs []corpus.Document, data dataFolder, log *slog.Logger, how opening) (*opened, error) {
	c, err := corpusOf(path, docs)
	if err != nil {
		return nil, err
	}
	return a.openCorpus(ctx, c, data, log, how)
}

// corpusOf cuts documents into passages; path is where they are from.
func corpusOf(path string, docs []corpus.Document) (*corpus.Corpus, error) {
	c, err := corpus.New(docs...)
	if errors.Is(err, corpus.ErrEmpty) {
		return nil, &hintedError{fmt.Errorf("%s holds nothing to answer from", path), "name a document with some text in it"}
	}
	return c, err
}

func (a *app) openCorpus(ctx context.Context, c *corpus.Corpus, data dataFolder, log *slog.Logger, how opening) (*opened, error) {
	if how.enrich != nil {
		if err := how.enrich.write(ctx, c, data, log); err != nil {
			return nil, err
		}
	}
	s := &opened{corpus: c}
	unkept := s.keepVersion(ctx, data, how.sources)
	var err error
	if s.index, err = a.openIndex(ctx, c, data, log, how); err != nil {
		s.kept.Wait()
		return nil, err
	}
	if s.unstored = s.index.Built().Unstored; s.unstored == nil {
		s.unstored = data.trouble
	}
	s.pending = pending(s.index.Built(), how)
	if how.firm && s.pending != nil {
		return nil, errors.Join(s.pending, s.Close())
	}
	s.warnUnkept(ctx, log, unkept)
	options, err := engineOptions(ctx, c, log)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	options.Link = how.links.To
	s.engine = bot.NewEngine(c, s.index, answer.NewQuote(), options)
	return s, nil
}

// pending is why the vectors are not in the store that they should be in.
func pending(built retrieval.Build, how opening) error {
	switch {
	case built.Awaits != nil:
		return built.Awaits
	case how.waits && built.Aside:
		return built.Unstored
	}
	return nil
}

func (a *app) openIndex(ctx context.Context, c *corpus.Corpus, data dataFolder, log *slog.Logger, how opening) (*retrieval.Index, error) {
	m := readModels()
	paid, written := data, data
	if data == (dataFolder{}) && !how.traceless {
		written = findData() // what is measured has the enrichment that it has for others
		if m.embedModel != "" {
			paid = written // what is paid for is kept even where the index is not
		}
	}
	bar := newProgress(a.err, "indexing")
	defer bar.clear()
	progress := bar.update
	if how.quiet {
		progress = nil
	}
	kept, err := how.stores(data, log)
	if err != nil {
		return nil, err
	}
	opts := retrieval.Options{
		Store:      kept.store,
		Fallback:   kept.fallback,
		Await:      kept.await,
		Logger:     log,
		Cache:      paid.cache(),
		Written:    written.enrichment(),
		Rebuild:    how.rebuild,
		WordsAlone: !how.strict,
		Progress:   progress,
	}
	if opts.StoredWords, err = wordsInWeaviate(); err != nil {
		return nil, err
	}
	if how.large != nil {
		opts.Large = func(tokens, requests int) { how.large(m.jobSize(tokens, requests, m.embedModel)) }
	}
	opts.Embedder, err = m.embedder(ctx, paid, log)
	if err != nil {
		if how.strict || isSetting(err) || ctx.Err() != nil {
			return nil, err
		}
		opts.Unavailable = err
	}
	return retrieval.Open(ctx, c, opts)
}

// readDotEnv adds the settings of .env to the environment, which wins.
func readDotEnv() error {
	err := godotenv.Load()
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return &hintedError{fmt.Errorf("read .env: %w", path.Err), "make .env readable, or take it away"}
	}
	// The parser's message quotes the file, which may hold secrets.
	return &hintedError{errors.New(".env cannot be read: it is not a list of settings"), "each line of .env is NAME=value; see .env.example"}
}
