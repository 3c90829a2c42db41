package retrieval

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// A vectorCache keeps every vector that was ever computed with an embedder, so
// that no text is embedded twice: a file of fixed-size records, each the text's
// hash, its vector and a checksum, that only grows. It is held by one process
// at a time, under a lock.
type vectorCache struct {
	dims int
	// known are the vectors of the texts that are wanted, by the hash of the text.
	known map[textHash][]float32
	file  *os.File // nil when the cache is in memory only
	lock  *flock.Flock
}

type textHash [16]byte

func hashText(text string) textHash {
	sum := sha256.Sum256([]byte(text))
	return textHash(sum[:16])
}

func (c *vectorCache) recordSize() int { return len(textHash{}) + 4*c.dims + 4 }

// openCache locks an embedder's cache below a folder until it is closed, and
// reads from it what it has of the texts that are wanted. With an empty folder
// it starts empty and writes nothing.
func openCache(ctx context.Context, folder string, e Embedder, wanted []textHash) (*vectorCache, error) {
	c := &vectorCache{dims: e.Dimensions(), known: map[textHash][]float32{}}
	if folder == "" {
		return c, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d", e.Name(), e.Dimensions()))
	path := filepath.Join(folder, hex.EncodeToString(sum[:8])+".vec")
	c.lock = flock.New(path + ".lock")
	if _, err := c.lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, fmt.Errorf("waiting for another process that is indexing: %w", err)
	}
	if err := c.read(path, wanted); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the vectors in %s: %w", path, err), c.Close())
	}
	return c, nil
}

// read takes in the whole records that are wanted and whose checksum holds, and
// cuts off a last one that a killed process left unfinished.
func (c *vectorCache) read(path string, wanted []textHash) error {
	want := make(map[textHash]bool, len(wanted))
	for _, key := range wanted {
		want[key] = true
	}
	var err error
	if c.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644); err != nil {
		return err
	}
	record := make([]byte, c.recordSize())
	whole := int64(0)
	for in := bufio.NewReaderSize(c.file, 1<<18); ; whole += int64(len(record)) {
		_, err := io.ReadFull(in, record)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
		body, sum := record[:len(record)-4], record[len(record)-4:]
		if key := textHash(body); want[key] && crc32.ChecksumIEEE(body) == binary.LittleEndian.Uint32(sum) {
			c.known[key] = decodeVector(body[len(key):], c.dims)
		}
	}
	if err := c.file.Truncate(whole); err != nil {
		return err
	}
	_, err = c.file.Seek(whole, io.SeekStart)
	return err
}

func decodeVector(data []byte, dims int) []float32 {
	v := make([]float32, dims)
	for d := range v {
		v[d] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*d:]))
	}
	return v
}

// add stores vectors; they are on disk when it returns.
func (c *vectorCache) add(keys []textHash, vectors [][]float32) error {
	var out bytes.Buffer
	for i, key := range keys {
		c.known[key] = vectors[i]
		record := append(make([]byte, 0, c.recordSize()), key[:]...)
		for _, x := range vectors[i] {
			record = binary.LittleEndian.AppendUint32(record, math.Float32bits(x))
		}
		out.Write(binary.LittleEndian.AppendUint32(record, crc32.ChecksumIEEE(record)))
	}
	if c.file == nil {
		return nil
	}
	if _, err := c.file.Write(out.Bytes()); err != nil {
		return fmt.Errorf("storing vectors: %w", err)
	}
	if err := c.file.Sync(); err != nil {
		return fmt.Errorf("storing vectors: %w", err)
	}
	return nil
}

// Close releases the file and the lock.
func (c *vectorCache) Close() error {
	var err error
	if c.file != nil {
		err = c.file.Close()
	}
	if c.lock != nil {
		err = errors.Join(err, c.lock.Unlock())
	}
	return err
}
