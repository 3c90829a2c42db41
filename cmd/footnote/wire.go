package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/joho/godotenv"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/retrieval"
	"footnote/retrieval/embed"
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
	Corpus *string `placeholder:"PATH" help:"The report: a file, or a folder of files. Without it, that of FOOTNOTE_CORPUS; without both, the report that comes with footnote."`
	logFlags
}

func (f corpusFlags) path() (string, error) {
	if f.Corpus == nil {
		return os.Getenv("FOOTNOTE_CORPUS"), nil
	}
	if *f.Corpus == "" {
		return "", &misuseError{problem: "--corpus is empty", hint: "name a file or a folder, or leave --corpus out"}
	}
	return *f.Corpus, nil
}

// An opened corpus is ready for questions.
type opened struct {
	corpus  *corpus.Corpus
	skipped load.Skipped
	index   *retrieval.Index
	engine  *bot.Engine
	// unstored is why some of the index is in memory only; nil when all is stored.
	unstored error
}

func (s *opened) Close() error { return s.index.Close() }

// open makes a command's corpus ready for questions. They do not wait until
// the data folder is mended: what cannot be stored is kept in memory.
func (a *app) open(ctx context.Context, flags corpusFlags) (*opened, error) {
	s, err := a.build(ctx, flags, false)
	if err != nil {
		return nil, err
	}
	if s.unstored != nil {
		flags.logger(a.err).WarnContext(ctx, "the index could not be stored and is kept in memory", "error", s.unstored, "hint", dataHint)
	}
	return s, nil
}

// build opens a command's corpus, and leaves it to the caller what to do about
// an index that cannot be stored.
func (a *app) build(ctx context.Context, flags corpusFlags, rebuild bool) (*opened, error) {
	if err := readDotEnv(); err != nil {
		return nil, err
	}
	path, err := flags.path()
	if err != nil {
		return nil, err
	}
	log := flags.logger(a.err)
	return a.openPath(ctx, path, findData(), log, rebuild)
}

// openPath opens the corpus at a path, or the bundled report for an empty one.
func (a *app) openPath(ctx context.Context, path string, data dataFolder, log *slog.Logger, rebuild bool) (*opened, error) {
	docs, skipped, err := documents(ctx, path)
	if err != nil {
		return nil, err
	}
	if skipped.Count() > 0 {
		log.InfoContext(ctx, "files of the folder were passed over", "found", skipped.String())
	}
	c, err := corpus.New(docs...)
	if errors.Is(err, corpus.ErrEmpty) {
		return nil, &hintedError{fmt.Errorf("%s holds nothing to answer from", path), "name a document with some text in it"}
	}
	if err != nil {
		return nil, err
	}
	s := &opened{corpus: c, skipped: skipped}
	bar := newProgress(a.err, "indexing")
	defer bar.clear()
	s.index, err = retrieval.Open(ctx, c, retrieval.Options{
		Store:    data.store(log),
		Fallback: dataFolder{}.store(log),
		Embedder: embed.NewStatic(),
		Logger:   log,
		Cache:    data.cache(),
		Rebuild:  rebuild,
		Progress: bar.update,
	})
	if err != nil {
		return nil, err
	}
	if s.unstored = s.index.Built().Unstored; s.unstored == nil {
		s.unstored = data.trouble
	}
	options, err := engineOptions(ctx, c, log)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.engine = bot.NewEngine(c, s.index, answer.NewQuote(), options)
	return s, nil
}

func documents(ctx context.Context, path string) ([]corpus.Document, load.Skipped, error) {
	if path == "" {
		return []corpus.Document{corpus.Report()}, nil, nil
	}
	return load.Scan(ctx, path)
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
