package chromemstore

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// abandoned is how old a draft must be to be some killed process's.
const abandoned = time.Hour

// prune removes the generations that were not opened for longest, beyond those
// kept, and drafts that nobody finishes. An open generation is in memory whole,
// so no reader is hurt.
func (s *Store) prune(ctx context.Context) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.log.WarnContext(ctx, "could not look for old indexes", "folder", s.dir, "error", err)
		return
	}
	var generations []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !e.IsDir() {
			continue
		}
		if !strings.HasPrefix(e.Name(), "draft-") {
			generations = append(generations, info)
		} else if time.Since(info.ModTime()) > abandoned {
			s.remove(ctx, info)
		}
	}
	slices.SortFunc(generations, func(a, b fs.FileInfo) int {
		return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano())
	})
	for _, old := range generations[min(kept, len(generations)):] {
		s.remove(ctx, old)
	}
}

func (s *Store) remove(ctx context.Context, folder fs.FileInfo) {
	if err := os.RemoveAll(filepath.Join(s.dir, folder.Name())); err != nil {
		s.log.WarnContext(ctx, "could not remove an old index", "folder", folder.Name(), "error", err)
	}
}
