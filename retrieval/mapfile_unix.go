//go:build unix

package retrieval

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile returns a file's content without reading it: the system reads pages
// when they are looked at, and may forget them again when memory is short. The
// content is not to be written to, and the file only to be replaced or removed,
// never to be changed in place. unmap ends it.
func mapFile(file *os.File, size int) (data []byte, unmap func([]byte), err error) {
	if size == 0 {
		return nil, func([]byte) {}, nil
	}
	data, err = unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, fmt.Errorf("mapping %s: %w", file.Name(), err)
	}
	return data, func(data []byte) { _ = unix.Munmap(data) }, nil
}

// unload lets the system forget what was looked at of a mapped file so far.
func unload(data []byte) {
	if len(data) > 0 {
		_ = unix.Madvise(data, unix.MADV_DONTNEED) // for memory alone
	}
}
