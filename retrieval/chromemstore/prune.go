package chromemstore

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// kept is how many generations stay on disk; the least recently opened go first.
	kept = 16
	// abandoned is how old a draft must be to be some killed process's.
	abandoned = time.Hour
)

// prune removes the generations that were not opened for longest, beyond those
// kept, and drafts that nobody finishes. An open generation is in memory whole,
// so no reader is hurt. Failing is no harm, and only logged.
func (s *Store) prune(ctx context.Context) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.log.WarnContext(ctx, "could not look for old indexes", "folder", s.dir, "error", err)
		return
	}
	var generations []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil || !info.Mode().IsRegular(): // gone since, or not ours
		case strings.HasSuffix(e.Name(), extension):
			generations = append(generations, info)
		case strings.HasPrefix(e.Name(), draftPrefix) && time.Since(info.ModTime()) > abandoned:
			s.remove(ctx, info)
		}
	}
	slices.SortFunc(generations, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, old := range generations[min(kept, len(generations)):] {
		s.remove(ctx, old)
	}
}

func (s *Store) remove(ctx context.Context, file fs.FileInfo) {
	err := os.Remove(filepath.Join(s.dir, file.Name()))
	if err != nil && !os.IsNotExist(err) { // another process may be pruning too
		s.log.WarnContext(ctx, "could not remove an old index", "file", file.Name(), "error", err)
	}
}
