package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"footnote/bot/record"
	"footnote/bot/slackbot"
	"footnote/corpus"
	"footnote/corpus/load"
)

const (
	// mostEngines is how many handed-in reports are open at a time, beyond those
	// in use.
	mostEngines = 8
	// mostKept is how much is kept of what people hand in.
	mostKept = 1 << 30
	// keptFor is for how long a content stays whose use is not recorded: between
	// the two lies no more than a transaction.
	keptFor = time.Minute
)

// A library keeps what people hand in, by its hash, and opens it as other
// reports are. Its indexes are in memory only: what a person deletes is then gone
// with its content.
type library struct {
	folder string
	// open makes documents ready for questions.
	open func(ctx context.Context, docs []corpus.Document) (*opened, error)
	log  *slog.Logger
	most int // engines

	lives    context.Context // ends with Close
	end      context.CancelFunc
	building sync.WaitGroup

	mu      sync.Mutex
	shelves map[string]*shelf // by what identifies their reports
	closed  bool
}

// A shelf is one corpus of reports.
type shelf struct {
	reports []record.Report

	ready  chan struct{} // closed once it is open, or err says why not
	opened *opened
	err    error
	users  int
	used   time.Time
}

func newLibrary(folder string, log *slog.Logger, open func(context.Context, []corpus.Document) (*opened, error)) *library {
	l := &library{folder: folder, open: open, log: log, most: mostEngines, shelves: map[string]*shelf{}}
	l.lives, l.end = context.WithCancel(context.Background())
	return l
}

// library is what opens reports with the settings of the others.
func (a *app) library(folder string, log *slog.Logger) *library {
	return newLibrary(filepath.Join(folder, "reports"), log, func(ctx context.Context, docs []corpus.Document) (*opened, error) {
		s, err := a.openDocuments(ctx, "what was handed in", docs, dataFolder{}, log, opening{traceless: true})
		if err == nil {
			s.warnDegraded(ctx, log)
		}
		return s, err
	})
}

// Formats are the extensions of the files that can be read.
func (l *library) Formats() []string { return load.Extensions() }

// Keep stores a content, whole or not at all.
func (l *library) Keep(ctx context.Context, name string, content []byte) (hash string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	d, err := load.Parse(name, content)
	if err == nil {
		_, err = corpus.New(d)
	}
	if err != nil {
		return "", unreadable(err)
	}
	if err := os.MkdirAll(l.folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder for reports: %w", err)
	}
	sum := sha256.Sum256(content)
	hash = hex.EncodeToString(sum[:])
	size, err := l.size()
	if err != nil {
		return "", err
	}
	if size+int64(len(content)) > mostKept {
		l.log.WarnContext(ctx, "the folder of reports that people handed in is full", "bytes", size, "hint", "set FOOTNOTE_RETENTION_DAYS lower, or have people delete some")
		return "", &slackbot.Unreadable{Why: slackbot.TroubleFull}
	}
	return hash, writeWhole(filepath.Join(l.folder, hash), content)
}

// unreadable is an error of the loading in the adapter's terms.
func unreadable(err error) error {
	if errors.Is(err, corpus.ErrEmpty) {
		return &slackbot.Unreadable{Why: slackbot.TroubleEmpty}
	}
	e, ok := errors.AsType[*load.Error](err)
	if !ok {
		return err
	}
	why := map[load.Kind]slackbot.Trouble{
		load.Empty: slackbot.TroubleEmpty, load.Encoding: slackbot.TroubleEncoding, load.TooLarge: slackbot.TroubleTooLarge,
		load.Locked: slackbot.TroubleLocked, load.Pictures: slackbot.TroublePictures, load.Damaged: slackbot.TroubleDamaged,
	}[e.Kind]
	return &slackbot.Unreadable{Why: cmp.Or(why, slackbot.TroubleFormat)}
}

// size is how much is kept.
func (l *library) size() (total int64, err error) {
	err = l.each(func(_ string, info fs.FileInfo) error {
		total += info.Size()
		return nil
	})
	return total, err
}

// each visits what is in the folder: contents by their hash, and drafts.
func (l *library) each(visit func(name string, info fs.FileInfo) error) error {
	entries, err := os.ReadDir(l.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process was faster
		}
		if err == nil && info.Mode().IsRegular() {
			err = visit(e.Name(), info)
		}
		if err != nil {
			return fmt.Errorf("look through the reports: %w", err)
		}
	}
	if err != nil {
		return fmt.Errorf("look through the reports: %w", err)
	}
	return nil
}

// writeWhole writes a file that nobody else can read, under its name once it is
// on the disk.
func writeWhole(path string, content []byte) (err error) {
	draft, err := os.CreateTemp(filepath.Dir(path), "draft-*")
	if err != nil {
		return fmt.Errorf("keep a report: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep a report: %w", errors.Join(err, os.Remove(draft.Name())))
		}
	}()
	_, err = draft.Write(content)
	if err == nil {
		err = draft.Sync()
	}
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}

// Sweep erases what is not used, abandoned drafts among it.
func (l *library) Sweep(ctx context.Context, used map[string]bool) error {
	l.clear(used)
	return l.each(func(name string, info fs.FileInfo) error {
		if used[name] || time.Since(info.ModTime()) < keptFor || !ours(name) {
			return ctx.Err()
		}
		if err := os.Remove(filepath.Join(l.folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return ctx.Err()
	})
}

// ours reports whether a file's name is one that we give.
func ours(name string) bool { return isHash(name) || strings.HasPrefix(name, "draft-") }

// isHash reports whether a name is a hash, which leads nowhere but into the
// folder.
func isHash(name string) bool {
	b, err := hex.DecodeString(name)
	return err == nil && len(b) == sha256.Size && hex.EncodeToString(b) == name
}

// Open returns the engine for reports, which is made once for all who ask at the
// same time.
func (l *library) Open(ctx context.Context, reports []record.Report) (slackbot.Engine, func(), error) {
	s, err := l.shelf(reports)
	if err != nil {
		return nil, nil, err
	}
	release := sync.OnceFunc(func() { l.release(s) })
	select {
	case <-s.ready:
	case <-ctx.Done():
		release()
		return nil, nil, context.Cause(ctx)
	}
	if s.err != nil {
		release()
		return nil, nil, s.err
	}
	return s.opened.engine, release, nil
}

// errClosed is for what is asked of a library that is closed.
var errClosed = errors.New("the library is closed")

// shelf finds the shelf of reports, or begins to fill one; release must follow.
func (l *library) shelf(reports []record.Report) (*shelf, error) {
	var key strings.Builder
	for _, r := range reports {
		fmt.Fprintf(&key, "%q %q\n", r.Hash, r.Name)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	s := l.shelves[key.String()]
	if s == nil {
		s = &shelf{reports: reports, ready: make(chan struct{})}
		l.shelves[key.String()] = s
		l.building.Go(func() { l.fill(s, key.String()) })
	}
	s.users++
	s.used = time.Now()
	l.tidy()
	return s, nil
}

// fill opens the reports of a shelf. One that fails is tried again by whoever
// asks next.
func (l *library) fill(s *shelf, key string) {
	defer close(s.ready)
	s.opened, s.err = l.openAll(s.reports)
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.err != nil && l.shelves[key] == s {
		delete(l.shelves, key)
	}
}

// openAll opens reports. Strangers wrote them: a panic over one is an error, since
// this is not done by who asks, where it would be contained. What it says may
// quote the report, so it is not kept.
func (l *library) openAll(reports []record.Report) (o *opened, err error) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("a panic was contained", "where", "opening what was handed in", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			o, err = nil, fmt.Errorf("open what was handed in: panic of type %T", p)
		}
	}()
	var docs []corpus.Document
	for _, r := range reports {
		d, err := l.read(r)
		if err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	return l.open(l.lives, docs)
}

// read is the document of a report.
func (l *library) read(r record.Report) (corpus.Document, error) {
	if !isHash(r.Hash) {
		return corpus.Document{}, slackbot.ErrNotKept
	}
	content, err := os.ReadFile(filepath.Join(l.folder, r.Hash))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return corpus.Document{}, slackbot.ErrNotKept
	case err != nil:
		return corpus.Document{}, fmt.Errorf("read a report: %w", err)
	}
	return load.Parse(r.Name, content)
}

func (l *library) release(s *shelf) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.users--
	l.tidy()
}

// clear closes shelves with a report that is not used any more, unless somebody
// is being answered from them.
func (l *library) clear(used map[string]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, s := range l.shelves {
		if s.users == 0 && slices.ContainsFunc(s.reports, func(r record.Report) bool { return !used[r.Hash] }) {
			delete(l.shelves, key)
			l.closeShelf(s)
		}
	}
}

// tidy closes shelves that nobody uses, the longest unused first, while there
// are too many; the caller holds mu.
func (l *library) tidy() {
	for len(l.shelves) > l.most {
		oldest := ""
		for key, s := range l.shelves {
			if s.users == 0 && (oldest == "" || s.used.Before(l.shelves[oldest].used)) {
				oldest = key
			}
		}
		if oldest == "" {
			return
		}
		s := l.shelves[oldest]
		delete(l.shelves, oldest)
		l.closeShelf(s)
	}
}

// closeShelf closes a shelf that nobody uses. It is open: somebody waited for
// that, or is about to be told that nothing came of it.
func (l *library) closeShelf(s *shelf) {
	l.building.Go(func() {
		<-s.ready
		if s.opened == nil {
			return
		}
		if err := s.opened.Close(); err != nil {
			l.log.Warn("a report that was handed in could not be closed", "error", err)
		}
	})
}

// Close waits for what is being opened, and closes all that is open. Nobody may
// use an engine any more.
func (l *library) Close() error {
	l.mu.Lock()
	l.closed = true
	l.end()
	for key, s := range l.shelves {
		delete(l.shelves, key)
		l.closeShelf(s)
	}
	l.mu.Unlock()
	l.building.Wait()
	return nil
}
