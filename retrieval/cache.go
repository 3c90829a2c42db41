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
)

// A vectorCache keeps every vector that was ever computed with an embedder, so
// that no text is embedded twice: a file of fixed-size records, each the text's
// hash, its vector and a checksum, that only grows. It is held by one process
// at a time, under a lock.
type vectorCache struct {
	dims int
	// known are the vectors of the texts that are wanted, by the hash of the text.
	known      map[textHash][]float32
	appendFile // without a file when the cache is in memory only
	// unstored is why what is added stays in memory though there is a folder.
	unstored error
}

type textHash [16]byte

func hashText(text string) textHash {
	sum := sha256.Sum256([]byte(text))
	return textHash(sum[:16])
}

func (c *vectorCache) recordSize() int { return len(textHash{}) + 4*c.dims + 4 }

// openCache locks an embedder's cache below a folder until it is closed, and
// reads from it what it has of the texts that are wanted. With an empty folder
// it starts empty and writes nothing; where the folder cannot be used as it
// should, it keeps in memory what is added. It fails only once ctx is done.
func openCache(ctx context.Context, folder string, e Embedder, wanted []textHash) (*vectorCache, error) {
	c := &vectorCache{dims: e.Dimensions(), known: map[textHash][]float32{}}
	if folder == "" {
		return c, nil
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d", e.Name(), e.Dimensions()))
	path := filepath.Join(folder, hex.EncodeToString(sum[:8])+".vec")
	err := c.claim(ctx, path, func() {})
	if ctx.Err() != nil {
		return nil, errors.Join(fmt.Errorf("waiting for another process that is indexing: %w", ctx.Err()), c.Close())
	}
	if err != nil {
		c.giveUp(err)
		c.readOnly(path, wanted)
		return c, nil
	}
	if err := c.load(wanted); err != nil {
		c.giveUp(err)
	}
	return c, nil
}

// giveUp leaves the file as it is: what is added from now on stays in memory.
// Half a record at its end is cut off by who opens it next.
func (c *vectorCache) giveUp(err error) {
	c.unstored = fmt.Errorf("storing vectors: %w", err)
	_ = c.letGo() // it is given up for a worse reason
}

// readOnly takes in what a cache holds that cannot be added to, if anything.
func (c *vectorCache) readOnly(path string, wanted []textHash) {
	if checkRegular(path) != nil {
		return
	}
	file, err := os.Open(path)
	if err != nil {
		return
	}
	defer file.Close()
	_, _ = c.read(file, wanted) // what could be read is enough
}

// load reads the file and makes it ready to be added to.
func (c *vectorCache) load(wanted []textHash) error {
	whole, err := c.read(c.file, wanted)
	if err != nil {
		return err
	}
	return c.resume(whole)
}

// read takes in the records that are wanted and whose checksum holds. It
// returns how many bytes of the file are whole records.
func (c *vectorCache) read(file io.Reader, wanted []textHash) (whole int64, err error) {
	want := make(map[textHash]bool, len(wanted))
	for _, key := range wanted {
		want[key] = true
	}
	record := make([]byte, c.recordSize())
	for in := bufio.NewReaderSize(file, 1<<18); ; whole += int64(len(record)) {
		_, err := io.ReadFull(in, record)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		body, sum := record[:len(record)-4], record[len(record)-4:]
		if key := textHash(body); want[key] && crc32.ChecksumIEEE(body) == binary.LittleEndian.Uint32(sum) {
			c.known[key] = decodeVector(body[len(key):], c.dims)
		}
	}
}

func decodeVector(data []byte, dims int) []float32 {
	v := make([]float32, dims)
	for d := range v {
		v[d] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*d:]))
	}
	return v
}

// add stores vectors; unless the cache is in memory, they are on disk when it
// returns.
func (c *vectorCache) add(keys []textHash, vectors [][]float32) {
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
		return
	}
	if err := c.append(out.Bytes()); err != nil {
		c.giveUp(err)
	}
}
