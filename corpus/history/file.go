package history

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	extension   = ".gz"
	draftPrefix = "draft-"
	// mostListed is how large the list of a version's documents may be: far
	// more than any corpus has.
	mostListed = 1 << 30
)

// A file is the name of a version's file: what tells sources apart, how many
// versions of them came before, and the corpus's hash.
type file struct {
	key    string
	number int
	hash   string
}

func (f file) name() string { return fmt.Sprintf("%s-%08d-%s%s", f.key, f.number, f.hash, extension) }

func parseName(name string) (file, bool) {
	base, isOurs := strings.CutSuffix(name, extension)
	parts := strings.Split(base, "-")
	if !isOurs || len(parts) != 3 {
		return file{}, false
	}
	number, err := strconv.Atoi(parts[1])
	f := file{parts[0], number, parts[2]}
	return f, err == nil && f.name() == name
}

// keyOf tells sources apart.
func keyOf(sources []string) string {
	sum := sha256.New()
	for _, source := range slices.Compact(slices.Sorted(slices.Values(sources))) {
		fmt.Fprintf(sum, "%q\n", source)
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// files are the versions of some sources, the latest first.
func (s *Store) files(sources []string) ([]file, error) {
	all, err := s.allFiles()
	return all[keyOf(sources)], err
}

// allFiles are all versions by the key of their sources, the latest first.
func (s *Store) allFiles() (map[string][]file, error) {
	entries, err := os.ReadDir(s.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for versions: %w", err)
	}
	all := map[string][]file{}
	for _, e := range slices.Backward(entries) { // they are sorted
		if f, ok := parseName(e.Name()); ok {
			all[f.key] = append(all[f.key], f)
		}
	}
	return all, nil
}

// replaceFile writes a file, compressed and for its owner alone, beside its
// place and renames it there once it is on the disk.
func replaceFile(path string, parts ...[]byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(folder, draftPrefix) // 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) // after the rename it is not there
	err = compress(draft, parts)
	if err == nil {
		err = draft.Sync()
	}
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}

// syncFolder has the names in a folder on the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// compress is fast rather than thorough: a question may wait for it.
func compress(w io.Writer, parts [][]byte) error {
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if _, err := packed.Write(part); err != nil {
			return err
		}
	}
	return packed.Close()
}

// readFile reads what replaceFile wrote, unless it is more than some bytes.
func readFile(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &FileError{path, errors.New("it is missing")}
	case err != nil:
		return nil, fmt.Errorf("read a version: %w", err)
	case !info.Mode().IsRegular(): // a pipe would block who reads it
		return nil, &FileError{path, ErrDamaged}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a version: %w", err)
	}
	defer f.Close()
	packed, err := gzip.NewReader(f)
	if err != nil {
		return nil, &FileError{path, ErrDamaged}
	}
	content, err := io.ReadAll(io.LimitReader(packed, most+1))
	if err != nil || int64(len(content)) > most {
		return nil, &FileError{path, ErrDamaged}
	}
	return content, nil
}
