package load

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watching says how sources are watched.
type Watching struct {
	// Settle is for how long files have to be left alone before they are read
	// again, so that one that is being written is read when it is whole; 0 means
	// half a second. Files that are never left alone are read at ten times that.
	Settle time.Duration
	// Look is how often files are looked at in case that the system did not tell of
	// a change, as on network drives; 0 means a minute.
	Look time.Duration
	// Ask is how often addresses are asked whether they have changed; 0 means
	// a quarter of an hour.
	Ask time.Duration
	// Since is the [State] as of which the sources are known.
	Since string
	// Logger receives what an operator should know; nil discards it.
	Logger *slog.Logger
}

// mostPause is the longest time between two attempts to read what has changed.
const mostPause = time.Minute

// Watch calls changed when files of the sources are not as they were, and each
// time that addresses are to be asked, until ctx ends. Where changed fails, it is
// called again after a pause, and after each further change.
func Watch(ctx context.Context, sources []string, how Watching, changed func(context.Context) error) {
	how.Settle = cmp.Or(how.Settle, time.Second/2)
	how.Look = cmp.Or(how.Look, time.Minute)
	how.Ask = cmp.Or(how.Ask, 15*time.Minute)
	if how.Logger == nil {
		how.Logger = slog.New(slog.DiscardHandler)
	}
	w := &watch{Watching: how, sources: sources, changed: changed, state: how.Since}
	w.open(ctx)
	defer w.close()
	w.run(ctx)
}

// A watch is sources under watch.
type watch struct {
	Watching
	sources []string
	changed func(context.Context) error
	state   string            // as of which they were read
	system  *fsnotify.Watcher // nil where the system does not tell
	told    bool              // that it does not
	failed  bool              // they could not be read
	pause   time.Duration     // after the last failure
}

func (w *watch) run(ctx context.Context) {
	look, ask := time.NewTicker(w.Look), time.NewTicker(w.Ask)
	defer look.Stop()
	defer ask.Stop()
	settled := time.NewTimer(0) // what happened before it was watched
	var since time.Time         // the first event that is not settled
	var events <-chan fsnotify.Event
	var errs <-chan error
	if w.system != nil {
		events, errs = w.system.Events, w.system.Errors
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-events:
			if e.Op == fsnotify.Chmod {
				continue
			}
			if since.IsZero() {
				since = time.Now()
			}
			settled.Reset(max(0, min(w.Settle, 10*w.Settle-time.Since(since))))
		case err := <-errs: // events were lost, most likely
			w.Logger.DebugContext(ctx, "watching files", "error", err)
			settled.Reset(w.Settle)
		case <-settled.C:
			since = time.Time{}
			w.read(ctx, false, settled)
		case <-look.C:
			if since.IsZero() { // else a file is being written
				w.read(ctx, false, settled)
			}
		case <-ask.C:
			w.read(ctx, slices.ContainsFunc(w.sources, IsAddress), settled)
		}
	}
}

// read has the sources read if they are not as they were, if that failed before,
// or if they are to be in any case.
func (w *watch) read(ctx context.Context, always bool, again *time.Timer) {
	w.follow(ctx)
	state := State(w.sources) // before they are read: a change meanwhile is seen next time
	if state == w.state && !always && !w.failed {
		return
	}
	err := w.changed(ctx)
	if ctx.Err() != nil {
		return
	}
	w.failed = err != nil
	if w.failed {
		w.pause = min(max(2*w.pause, 2*w.Settle), mostPause)
		again.Reset(w.pause)
		return
	}
	w.state, w.pause = state, 0
}

// open has the system tell of changes.
func (w *watch) open(ctx context.Context) {
	if !slices.ContainsFunc(w.sources, func(s string) bool { return !IsAddress(s) }) {
		return
	}
	var err error
	if w.system, err = fsnotify.NewWatcher(); err != nil {
		w.system = nil
		w.untold(ctx, err)
	}
	w.follow(ctx)
}

func (w *watch) close() {
	if w.system != nil {
		_ = w.system.Close()
	}
}

// follow has the system tell of changes in every folder that there is by now.
func (w *watch) follow(ctx context.Context) {
	if w.system == nil {
		return
	}
	known := w.system.WatchList()
	for _, source := range w.sources {
		for _, folder := range foldersOf(source) {
			if slices.Contains(known, folder) {
				continue
			}
			if err := w.system.Add(folder); err != nil {
				w.untold(ctx, fmt.Errorf("%s: %w", folder, err))
				return
			}
		}
	}
}

// untold says once that the system does not tell of all changes.
func (w *watch) untold(ctx context.Context, err error) {
	if !w.told {
		w.told = true
		w.Logger.WarnContext(ctx, "the system does not tell of changes of files; they are looked at once in a while", "error", err, "every", w.Look)
	}
}

// foldersOf are the folders in which a change may be one of a source's.
func foldersOf(source string) []string {
	if IsAddress(source) {
		return nil
	}
	named := rootOf(source)
	root := followed(named)
	folders := []string{filepath.Dir(named)} // where it may be replaced
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return append(folders, filepath.Dir(root))
	}
	_ = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || !entry.IsDir():
			return nil
		case file != root && hidden(entry.Name()) && !showsHidden(source):
			return fs.SkipDir
		}
		folders = append(folders, file)
		return nil
	})
	return folders
}

// followed is where a path leads, as far as it does.
func followed(file string) string {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		return target
	}
	return file
}

// showsHidden reports whether a source is a pattern of hidden files too.
func showsHidden(source string) bool {
	if !IsPattern(source) {
		return false
	}
	_, parts := cutPattern(source)
	return slices.ContainsFunc(parts, hidden)
}

// rootOf is the file or folder that all of a source is at or below.
func rootOf(source string) string {
	if !IsPattern(source) {
		return filepath.Clean(source)
	}
	root, _ := cutPattern(source)
	return filepath.Clean(root)
}

// State tells one state of sources' files from another, by their names, sizes and
// times: two states differ if any file does. Addresses do not count.
func State(sources []string) string {
	sum := sha256.New()
	for _, source := range sources {
		if IsAddress(source) {
			continue
		}
		root := followed(rootOf(source))
		_ = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if file != root && hidden(filepath.Base(file)) && !showsHidden(source) {
				if err == nil && entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			sumFile(sum, file, err)
			return nil
		})
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// sumFile adds what is seen of a file without reading it; of a folder, its name.
func sumFile(sum hash.Hash, file string, err error) {
	info, statErr := os.Stat(file) // of what a link leads to
	switch err := cmp.Or(err, statErr); {
	case err != nil:
		fmt.Fprintf(sum, "%q %q\n", file, strings.TrimSpace(err.Error()))
	case info.IsDir():
		fmt.Fprintf(sum, "%q\n", file)
	default:
		fmt.Fprintf(sum, "%q %d %d\n", file, info.Size(), info.ModTime().UnixNano())
	}
}
