// Package history keeps the versions of corpora on disk, so that it can be
// said what has changed since an answer was given.
//
// A version is a file that lists its documents, and each document is a file
// named by the hash of its content: what did not change is there once. Every
// file is written beside its place, synced and renamed there, and a version
// only after its documents, so that a reader sees versions whole or not at
// all, whoever is killed. No file is ever changed, so processes need no lock.
package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"footnote/corpus"
)

// A Store keeps versions below a folder. It may be used by several goroutines
// and processes at once.
type Store struct{ folder string }

// Open returns the store of a folder, which is made when there is something to
// keep.
func Open(folder string) *Store { return &Store{folder} }

// A Version is one state of a corpus.
type Version struct {
	// Hash is the corpus's.
	Hash string `json:"hash"`
	// At is when this state was first seen after another one.
	At time.Time `json:"at"`
	// Sources are where it was read from; none for the bundled report.
	Sources   []string `json:"sources"`
	Passages  int      `json:"passages"`
	Documents []Entry  `json:"documents"`
}

// An Entry is a document of a version.
type Entry struct {
	// Document is without text and blocks; [Store.Corpus] has these.
	Document corpus.Document `json:"document"`
	Passages int             `json:"passages"`
	// Content is the hash of text and blocks, and Size how many bytes these are
	// in the file.
	Content string `json:"content"`
	Size    int64  `json:"size"`
}

// A FileError says which file is lost, and why.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *FileError) Unwrap() error { return e.Err }

// ErrDamaged is what is wrong with a file that does not hold what was written.
var ErrDamaged = errors.New("it is damaged")

// Add keeps a corpus as the latest version of its sources, unless it is that
// already; then nothing is written. Sources are told apart as they are
// written, in any order: the caller makes paths absolute. At is now.
func (s *Store) Add(ctx context.Context, sources []string, c *corpus.Corpus, at time.Time) (added bool, err error) {
	files, err := s.files(sources)
	if err != nil {
		return false, err
	}
	next := file{key: keyOf(sources), number: 1, hash: c.Hash}
	if len(files) > 0 {
		latest := files[0]
		if latest.hash == c.Hash {
			// When it was last seen, for pruning; no harm if that cannot be written.
			_ = os.Chtimes(s.versionPath(latest), at, at)
			return false, nil
		}
		next.number = latest.number + 1
	}
	v := Version{Hash: c.Hash, At: at.UTC().Truncate(time.Second), Sources: slices.Sorted(slices.Values(sources)), Passages: len(c.Passages)}
	if v.Documents, err = s.keepDocuments(ctx, c); err != nil {
		return false, err
	}
	if err := s.keepVersion(v, s.versionPath(next)); err != nil {
		return false, fmt.Errorf("keep a version of the report: %w", err)
	}
	if err := s.prune(ctx, at); err != nil {
		return true, fmt.Errorf("erase old versions of reports: %w", err)
	}
	return true, nil
}

// keepVersion writes a version whose documents are there.
func (s *Store) keepVersion(v Version, path string) error {
	list, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := replaceFile(path, list); err != nil {
		return err
	}
	_ = os.Chtimes(path, v.At, v.At)
	return syncFolder(s.folder)
}

// Versions are those that were kept of some sources, the latest first. Those
// that can be read are returned beside an error that joins those about the
// others, most of them a [*FileError].
func (s *Store) Versions(ctx context.Context, sources []string) ([]Version, error) {
	files, err := s.files(sources)
	if err != nil {
		return nil, err
	}
	var versions []Version
	var lost []error
	for i, f := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, err := s.readVersion(f)
		switch {
		case err != nil:
			lost = append(lost, err)
		case i+1 < len(files) && files[i+1].hash == f.hash: // two processes saw it
		default:
			versions = append(versions, v)
		}
	}
	return versions, errors.Join(lost...)
}

// Corpus is a version's corpus, cut into passages as the program cuts them
// now. A document that is lost is a [*FileError].
func (s *Store) Corpus(ctx context.Context, v Version) (*corpus.Corpus, error) {
	docs := make([]corpus.Document, len(v.Documents))
	for i, e := range v.Documents {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := s.readDocument(e)
		if err != nil {
			return nil, err
		}
		docs[i] = d
	}
	c, err := corpus.New(docs...)
	if err != nil {
		return nil, fmt.Errorf("read version %s: %w", corpus.Version(v.Hash), err)
	}
	return c, nil
}

func (s *Store) readVersion(f file) (Version, error) {
	path := s.versionPath(f)
	list, err := readFile(path, mostListed)
	if err != nil {
		return Version{}, err
	}
	var v Version
	if err := json.Unmarshal(list, &v); err != nil || v.Hash != f.hash {
		return Version{}, &FileError{path, ErrDamaged}
	}
	return v, nil
}

func (s *Store) versionPath(f file) string { return filepath.Join(s.folder, f.name()) }
func (s *Store) documentPath(h string) string {
	return filepath.Join(s.folder, "documents", h+extension)
}
