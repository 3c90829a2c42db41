package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"footnote/corpus/history"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
)

// A dataFolder is where indexes are kept. The zero value keeps them in memory.
type dataFolder struct {
	path string
	// trouble is why there is no folder; nil where none is wanted.
	trouble error
}

// dataHint is what to do about a data folder that cannot be used.
const dataHint = "mend that, or let FOOTNOTE_DATA name another folder"

// storeHint is what to do about an index that could not be stored: what the
// store says, or to mend the folder.
func storeHint(err error) string {
	if _, hint := explain(err); hint != "" {
		return hint
	}
	return dataHint
}

// findData returns the folder that FOOTNOTE_DATA names, or one in the user's
// cache. It need not be there yet.
func findData() dataFolder {
	path := os.Getenv("FOOTNOTE_DATA")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return dataFolder{trouble: fmt.Errorf("finding a folder for the index: %w", err)}
		}
		path = filepath.Join(cache, "footnote")
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return dataFolder{trouble: fmt.Errorf("%s is not a folder", path)}
	}
	return dataFolder{path: path}
}

// store keeps generations of the index.
func (d dataFolder) store(log *slog.Logger) retrieval.Store {
	if d.path == "" {
		return chromemstore.New("", log)
	}
	return chromemstore.New(filepath.Join(d.path, "index"), log)
}

// cache is where vectors are kept from one index to the next; empty for nowhere.
func (d dataFolder) cache() string {
	if d.path == "" {
		return ""
	}
	return retrieval.CacheFolder(d.path)
}

// enrichment is where enrichments are that a model wrote; empty for nowhere.
func (d dataFolder) enrichment() string {
	if d.path == "" {
		return ""
	}
	return retrieval.EnrichmentFolder(d.path)
}

// versions is where the versions of reports are kept; nil for nowhere.
func (d dataFolder) versions() *history.Store {
	if d.path == "" {
		return nil
	}
	return history.Open(filepath.Join(d.path, "versions"))
}
