//go:build !unix

package retrieval

import (
	"io"
	"os"
)

// mapFile reads a file where the system cannot map it.
func mapFile(file *os.File, size int) (data []byte, unmap func([]byte), err error) {
	// The slices of an index need memory that is aligned for them.
	data = raw(make([]uint64, (size+7)/8))[:size]
	_, err = io.ReadFull(file, data)
	return data, func([]byte) {}, err
}

func unload([]byte) {}
