package history

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Of each set of sources the latest version and the one before it stay, and of
// the others
//   - the sixteen latest for 90 days after they were last seen, as long as
//     answers are kept by default,
//   - older ones for 30 days, so that what an answer of that age went by can be
//     shown, though no more than 256 in all.
//
// Sources that nobody has opened for 90 days are forgotten.
const (
	keptLatest  = 16
	keptAtMost  = 256
	explained   = 30 * 24 * time.Hour
	remembered  = 90 * 24 * time.Hour
	abandonedIn = time.Hour // a draft, or a document without a version
)

// stays reports whether the version at a place, from 0 for the latest, is kept;
// idle is for how long it was not seen, and latest for how long the latest was
// not.
func stays(place int, idle, latest time.Duration) bool {
	switch {
	case latest >= remembered:
		return false
	case place < 2:
		return true
	case place < keptLatest:
		return idle < remembered
	}
	return place < keptAtMost && idle < explained
}

// prune erases versions that need not be kept, documents of no version, and
// what killed processes left.
func (s *Store) prune(ctx context.Context, now time.Time) error {
	all, err := s.allFiles()
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, files := range all {
		var latest time.Duration
		for place, f := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			idle := s.idle(f, now)
			if place == 0 {
				latest = idle
			}
			if !stays(place, idle, latest) {
				if err := remove(s.versionPath(f)); err != nil {
					return err
				}
				continue
			}
			v, err := s.readVersion(f)
			if lost := new(FileError); err != nil && !errors.As(err, &lost) {
				return err // it may be readable to others
			}
			for _, e := range v.Documents {
				used[e.Content+extension] = true
			}
		}
	}
	if err := sweep(s.folder, func(name string) bool { return !strings.HasPrefix(name, draftPrefix) }); err != nil {
		return err
	}
	return sweep(filepath.Join(s.folder, "documents"), func(name string) bool { return used[name] })
}

// idle is for how long a version was not seen; 0 where that is not known.
func (s *Store) idle(f file, now time.Time) time.Duration {
	info, err := os.Stat(s.versionPath(f))
	if err != nil {
		return 0
	}
	return now.Sub(info.ModTime())
}

// sweep erases the files of a folder that are old and not wanted.
func sweep(folder string, wanted func(name string) bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if wanted(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < abandonedIn {
			continue
		}
		if err := remove(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
