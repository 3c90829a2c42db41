package retrieval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
	"unsafe"

	"footnote/corpus"
	"footnote/retrieval/words"
)

// lexicalVersion changes when the same corpus gives another lexical index: a
// test compares a fingerprint.
const lexicalVersion = 5

// openLexical returns the lexical index of a corpus: as it was stored by an
// earlier run where that is possible, else made anew and stored. Storing is
// for speed alone, so that why it failed is no error, but unstored. It returns
// nil once ctx is done.
func openLexical(ctx context.Context, c *corpus.Corpus, opts Options) (x *lexicalIndex, unstored, err error) {
	if opts.Cache == "" || opts.Enrichments != nil {
		x, err = makeLexical(ctx, c, opts, writtenFiles(opts.Written, c))
		return x, nil, err
	}
	written := writtenFiles(opts.Written, c)
	path := filepath.Join(opts.Cache, lexicalKey(c, opts.BM25.withDefaults(), written)+".lexical")
	if !opts.Rebuild {
		x, err := readLexical(path, c, opts.BM25)
		if err == nil {
			return x, nil, nil
		}
		// An error that names a path is the system's: nothing was read that could be damaged.
		if system := new(fs.PathError); !errors.As(err, &system) {
			opts.Logger.WarnContext(ctx, "the stored word index is damaged and will be made anew", "file", path, "error", err)
		}
	}
	x, err = makeLexical(ctx, c, opts, written)
	if x == nil || err != nil {
		return nil, nil, err
	}
	if err := x.store(path); err != nil {
		return x, fmt.Errorf("storing the word index: %w", err), nil
	}
	if stored, err := readLexical(path, c, opts.BM25); err == nil {
		x = stored // which is not in memory
	}
	return x, nil, nil
}

func makeLexical(ctx context.Context, c *corpus.Corpus, opts Options, written []writtenFile) (*lexicalIndex, error) {
	enrichments, err := readEnrichments(ctx, c, opts, written)
	if err != nil {
		return nil, err
	}
	return newLexicalIndex(ctx, c, opts.BM25, newVocabulary(words.English()), enrichments), nil
}

// readEnrichments returns what a corpus is enriched with.
func readEnrichments(ctx context.Context, c *corpus.Corpus, opts Options, written []writtenFile) (Enrichments, error) {
	if opts.Enrichments != nil {
		return opts.Enrichments, nil
	}
	shipped, err := ShippedEnrichments(c)
	if err != nil {
		return nil, fmt.Errorf("reading the enrichment that ships with the program: %w", err)
	}
	return withWritten(ctx, shipped, written, c, opts.Logger), nil
}

// lexicalKey names what a lexical index depends on.
func lexicalKey(c *corpus.Corpus, params BM25, written []writtenFile) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d %s %v %d\n", lexicalVersion, c.Hash, params, words.English().Len())
	hashShippedEnrichments(sum)
	hashWritten(sum, written)
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// A snapshot is a lexical index as one run of bytes: a header, then its slices
// as they lie in memory, each after its length in bytes and padded to eight.
// Read back, the slices point into those bytes: nothing is decoded.
type snapshot struct {
	bytes   []byte // what was written, or what is left to read
	reading bool
	err     error
}

// exchange writes a slice of a type without pointers, or reads it.
func exchange[T any](s *snapshot, v *[]T) {
	size := int(unsafe.Sizeof(*new(T)))
	if !s.reading {
		s.bytes = append(s.bytes, raw([]uint64{uint64(len(*v) * size)})...)
		s.bytes = append(s.bytes, raw(*v)...)
		s.bytes = append(s.bytes, make([]byte, padding(len(s.bytes)))...)
		return
	}
	if s.err != nil || len(s.bytes) < 8 {
		s.err = errTruncated
		return
	}
	length := *(*uint64)(unsafe.Pointer(unsafe.SliceData(s.bytes)))
	rest := s.bytes[8:]
	if length > uint64(len(rest)) || length%uint64(size) != 0 {
		s.err = errTruncated
		return
	}
	n := int(length)
	*v = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(rest))), n/size)
	s.bytes = rest[min(n+padding(n), len(rest)):]
}

var errTruncated = errors.New("it is truncated")

func raw[T any](v []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(T))))
}

func padding(n int) int { return -n & 7 }

// exchange lists everything that a stored lexical index consists of.
func (x *lexicalIndex) exchange(s *snapshot) {
	x.words.surfaces.exchange(s)
	exchange(s, &x.words.entries)
	x.words.terms.exchange(s)
	x.inverted.exchange(s)
	x.meanings.exchange(s)
	exchange(s, &x.tokens)
	exchange(s, &x.sentences)
	exchange(s, &x.bounds)
	exchange(s, &x.context)
	exchange(s, &x.contextEnds)
	exchange(s, &x.titles)
	scalars := []int32{int32(x.bodyTerms), bit(x.ideographic), bit(x.mostlyIdeographic), bit(x.enriched != nil)}
	exchange(s, &scalars)
	if s.err != nil || len(scalars) != 4 {
		return
	}
	x.bodyTerms, x.ideographic, x.mostlyIdeographic = int(scalars[0]), scalars[1] == 1, scalars[2] == 1
	if scalars[3] == 1 {
		if s.reading {
			x.enriched = &enriched{inverted: postings{params: x.inverted.params}, meanings: newMeanings(x.words.table)}
		}
		x.enriched.exchange(s)
	}
}

func bit(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

func (d *dictionary) exchange(s *snapshot) {
	exchange(s, &d.slots)
	exchange(s, &d.ends)
	exchange(s, &d.text)
}

func (x *postings) exchange(s *snapshot) {
	exchange(s, &x.idf)
	exchange(s, &x.lists)
	exchange(s, &x.first)
	exchange(s, &x.saturation)
}

func (m *meanings) exchange(s *snapshot) {
	exchange(s, &m.data)
	exchange(s, &m.scale)
}

func (e *enriched) exchange(s *snapshot) {
	e.inverted.exchange(s)
	e.meanings.exchange(s)
	exchange(s, &e.tokens)
	exchange(s, &e.questions)
	exchange(s, &e.bounds)
}

// snapshotHeader opens a file: what it is, in this machine's byte order, and
// the checksum of the rest.
type snapshotHeader struct {
	magic    [8]byte
	order    uint32
	checksum uint32
}

const headerSize = int(unsafe.Sizeof(snapshotHeader{}))

func newHeader(body []byte) snapshotHeader {
	return snapshotHeader{[8]byte([]byte("FNLEXIC1")), 0x01020304, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))}
}

// store writes the index beside its place and renames it there.
func (x *lexicalIndex) store(path string) error {
	s := &snapshot{}
	x.exchange(s)
	if err := replaceFile(path, lexicalDraft, raw([]snapshotHeader{newHeader(s.bytes)}), s.bytes); err != nil {
		return err
	}
	return pruneLexical(filepath.Dir(path))
}

const (
	lexicalDraft = "lexical-*.draft"
	lexicalKept  = 16 // stored indexes that stay; the oldest go first
)

func pruneLexical(folder string) error {
	removeDrafts(folder, lexicalDraft)
	stored, err := filepath.Glob(filepath.Join(folder, "*.lexical"))
	if err != nil || len(stored) <= lexicalKept {
		return err
	}
	age := make(map[string]time.Time, len(stored))
	for _, path := range stored {
		if info, err := os.Stat(path); err == nil {
			age[path] = info.ModTime()
		}
	}
	slices.SortFunc(stored, func(a, b string) int { return age[b].Compare(age[a]) })
	var failed error
	for _, path := range stored[lexicalKept:] {
		failed = errors.Join(failed, os.Remove(path))
	}
	return failed
}

// readLexical opens a stored index; [fs.ErrNotExist] when there is none. It is
// not in memory, but in its file, of which the system keeps what is looked at.
// Who uses anything of the index calls [guardMapped] before.
func readLexical(path string, c *corpus.Corpus, params BM25) (x *lexicalIndex, err error) {
	if err := checkRegular(path); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	data, unmap, err := mapFile(file, int(info.Size()))
	if err != nil {
		return nil, err
	}
	defer guardMapped(nil)(&err)
	x, err = readSnapshot(data, c, params)
	if err != nil {
		unmap(data)
		return nil, err
	}
	unload(data)
	runtime.AddCleanup(x, unmap, data)
	now := time.Now()
	_ = os.Chtimes(path, now, now) // when it was used, for pruning; no harm if it cannot be
	return x, nil
}

// readSnapshot makes an index of what was stored; its slices point into data.
func readSnapshot(data []byte, c *corpus.Corpus, params BM25) (*lexicalIndex, error) {
	if len(data) < headerSize {
		return nil, errTruncated
	}
	body := data[headerSize:]
	if string(data[:headerSize]) != string(raw([]snapshotHeader{newHeader(body)})) {
		return nil, errors.New("its checksum does not fit")
	}
	x := &lexicalIndex{
		corpus: c, words: newVocabulary(words.English()), meanings: newMeanings(words.English()), inverted: postings{params: params.withDefaults()},
	}
	s := &snapshot{bytes: body, reading: true}
	x.exchange(s)
	if s.err != nil {
		return nil, s.err
	}
	if len(x.bounds) != len(c.Passages)+1 {
		return nil, errors.New("it is of another corpus")
	}
	return x, nil
}
