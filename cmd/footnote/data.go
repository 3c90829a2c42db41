package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
)

// A dataFolder is where indexes are kept. The zero value keeps them in memory.
type dataFolder struct {
	path string
	// trouble is why nothing can be written there; nil when it can.
	trouble error
}

// findData makes the folder that FOOTNOTE_DATA names, or one in the user's
// cache.
func findData() dataFolder {
	path := os.Getenv("FOOTNOTE_DATA")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return dataFolder{trouble: err}
		}
		path = filepath.Join(cache, "footnote")
	}
	return dataFolder{path, makeWritable(path)}
}

func makeWritable(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	probe, err := os.CreateTemp(folder, "probe-")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// store keeps generations of the index. What already lies in a folder that
// cannot be written is still read.
func (d dataFolder) store(log *slog.Logger) retrieval.Store {
	var store retrieval.Store = chromemstore.New("", log)
	if d.path != "" {
		store = chromemstore.New(filepath.Join(d.path, "index"), log)
	}
	if d.trouble == nil {
		return store
	}
	return readOnly{Store: store, memory: chromemstore.New("", log), trouble: d.trouble, log: log}
}

// cache is where vectors are kept from one index to the next; empty for nowhere.
func (d dataFolder) cache() string {
	if d.path == "" || d.trouble != nil {
		return ""
	}
	return retrieval.CacheFolder(d.path)
}

// readOnly is a store that keeps what it is given in memory.
type readOnly struct {
	retrieval.Store
	memory  retrieval.Store
	trouble error
	log     *slog.Logger
}

func (s readOnly) Write(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	s.log.WarnContext(ctx, "the index is kept in memory; FOOTNOTE_DATA can name a folder for it", "error", s.trouble)
	return s.memory.Write(ctx, g, points)
}

func (s readOnly) Location() string { return s.Store.Location() + " (read only)" }
