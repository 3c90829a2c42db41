package retrieval

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// An appendFile is a file of records that only grows, held by one process at a
// time, under a lock beside it.
type appendFile struct {
	file *os.File // nil while nothing can be added
	lock *flock.Flock
}

// claim locks the file for this process, once no other holds it, and opens it.
// It returns early when ctx is done. Where it has to wait, waiting is called.
func (f *appendFile) claim(ctx context.Context, path string, waiting func()) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	for _, p := range []string{path + ".lock", path} {
		if err := checkRegular(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f.lock = flock.New(path + ".lock")
	free, err := f.lock.TryLock()
	if err == nil && !free {
		waiting()
		_, err = f.lock.TryLockContext(ctx, 20*time.Millisecond)
	}
	if err != nil {
		return err
	}
	f.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	return err
}

// checkRegular fails for what is not a regular file: a pipe would block who
// opens it.
func checkRegular(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	return err
}

// resume makes the file ready to be added to behind its whole records: a last
// one that a killed process left unfinished is cut off.
func (f *appendFile) resume(whole int64) error {
	if err := f.file.Truncate(whole); err != nil {
		return err
	}
	_, err := f.file.Seek(whole, io.SeekStart)
	return err
}

// append adds records, which are on disk when it returns.
func (f *appendFile) append(records []byte) error {
	if _, err := f.file.Write(records); err != nil {
		return err
	}
	return f.file.Sync()
}

// letGo closes the file and keeps the lock.
func (f *appendFile) letGo() error {
	if f.file == nil {
		return nil
	}
	file := f.file
	f.file = nil
	return file.Close()
}

// Close releases the file and the lock.
func (f *appendFile) Close() error {
	err := f.letGo()
	if f.lock != nil {
		err = errors.Join(err, f.lock.Unlock())
	}
	return err
}
