package retrieval

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// replaceFile writes a file as a draft beside its place and renames it there:
// a reader sees all of it or nothing. The draft's name is as by [os.CreateTemp].
func replaceFile(path, draft string, parts ...[]byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), draft)
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // after the rename it is not there
	for _, part := range parts {
		if err == nil {
			_, err = file.Write(part)
		}
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// removeDrafts removes what processes left that were killed.
func removeDrafts(folder, draft string) {
	drafts, _ := filepath.Glob(filepath.Join(folder, draft)) // the pattern is a good one
	for _, path := range drafts {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(path)
		}
	}
}
