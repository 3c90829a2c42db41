package retrieval

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"footnote/corpus"
)

// Enrichments that a model wrote stand, corpus by corpus, in files named after
// the corpus, in the form of those that the program ships. A corpus that has no
// file of its own, as one of which a paragraph was edited, goes by the file
// that has most of its passages.

const (
	writtenSuffix = ".jsonl"
	writtenDraft  = "enrichment-*.draft"
)

// A writtenFile is one of these files as it is now.
type writtenFile struct {
	path    string
	size    int64
	changed time.Time
}

// writtenFiles are the files to look at for a corpus, the newest first: its own
// alone, if it has one. Where nothing was ever written it costs a look for two
// files that are not there.
func writtenFiles(folder string, c *corpus.Corpus) []writtenFile {
	if folder == "" {
		return nil
	}
	own := c.Hash + writtenSuffix
	if info, err := os.Stat(filepath.Join(folder, own)); err == nil && info.Mode().IsRegular() {
		return []writtenFile{{filepath.Join(folder, own), info.Size(), info.ModTime()}}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var files []writtenFile
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != writtenSuffix || !entry.Type().IsRegular() {
			continue
		}
		if info, err := entry.Info(); err == nil {
			files = append(files, writtenFile{filepath.Join(folder, entry.Name()), info.Size(), info.ModTime()})
		}
	}
	slices.SortStableFunc(files, func(a, b writtenFile) int { return b.changed.Compare(a.changed) })
	return files
}

// hashWritten adds to a hash which files an index was made with.
func hashWritten(sum io.Writer, files []writtenFile) {
	for _, f := range files {
		fmt.Fprintf(sum, "%q %d %d\n", filepath.Base(f.path), f.size, f.changed.UnixNano())
	}
}

// readWritten reads what the file says that has most of the texts that are
// wanted; of files that have as many, the newest. One that is damaged says what
// can be read of it.
func readWritten(ctx context.Context, files []writtenFile, wanted func(key string) bool, log *slog.Logger) map[string]writtenLine {
	var best map[string]writtenLine
	for _, f := range files {
		read, err := readWrittenFile(f.path, wanted)
		if errors.Is(err, fs.ErrNotExist) { // a newer one has taken its place
			continue
		}
		if err != nil || read.damaged > 0 || read.torn {
			log.WarnContext(ctx, "a file of enrichments is damaged in part; footnote index --enrich mends those that it wrote", "file", f.path, "damaged", read.damaged, "torn", read.torn, "error", err)
		}
		if len(read.found) > len(best) {
			best = read.found
		}
	}
	return best
}

func readWrittenFile(path string, wanted func(key string) bool) (lenientRead, error) {
	file, err := os.Open(path)
	if err != nil {
		return lenientRead{}, err
	}
	defer file.Close()
	return readLeniently(file, wanted)
}

// withWritten adds to a corpus's shipped enrichments what the files say of its
// other passages.
func withWritten(ctx context.Context, shipped Enrichments, files []writtenFile, c *corpus.Corpus, log *slog.Logger) Enrichments {
	if len(files) == 0 {
		return shipped
	}
	wanted := make(map[string]bool, len(c.Passages))
	for i := range c.Passages {
		key := TextKey(c.Passages[i].Text)
		if _, ok := shipped[key]; !ok {
			wanted[key] = true
		}
	}
	for key, e := range readWritten(ctx, files, func(key string) bool { return wanted[key] }, log) {
		if shipped == nil {
			shipped = Enrichments{}
		}
		shipped[key] = e.Enrichment
	}
	return shipped
}

// publish makes what was written the enrichment of a corpus: lines in the order
// of its passages. A file that says the same is left as it is.
func publish(folder string, c *corpus.Corpus, lines map[string]writtenLine) error {
	var text bytes.Buffer
	done := map[string]bool{}
	for i := range c.Passages {
		key := TextKey(c.Passages[i].Text)
		if e, ok := lines[key]; ok && !done[key] {
			done[key] = true
			text.Write(e.line)
			text.WriteByte('\n')
		}
	}
	path := filepath.Join(folder, c.Hash+writtenSuffix)
	if err := checkRegular(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if there, err := os.ReadFile(path); text.Len() == 0 || err == nil && bytes.Equal(there, text.Bytes()) {
		return nil
	}
	if err := replaceFile(path, writtenDraft, text.Bytes()); err != nil {
		return err
	}
	return removeOutdated(folder, path, done)
}

// outdatedShare is how much of a file a newer one says too before the older
// one, mostly of the same corpus before an edit, goes.
const outdatedShare = 0.9

// removeOutdated removes files of other corpora that a new one makes needless,
// and drafts of processes that were killed. The cache has all that they say.
func removeOutdated(folder, kept string, keys map[string]bool) error {
	removeDrafts(folder, writtenDraft)
	files, err := filepath.Glob(filepath.Join(folder, "*"+writtenSuffix))
	if err != nil {
		return err
	}
	for _, path := range files {
		if path == kept || !ofCorpus(filepath.Base(path)) || checkRegular(path) != nil {
			continue
		}
		read, err := readWrittenFile(path, func(string) bool { return true })
		if err != nil {
			continue
		}
		shared := 0
		for key := range read.found {
			if keys[key] {
				shared++
			}
		}
		if float64(shared) >= outdatedShare*float64(len(read.found)) {
			_ = os.Remove(path) // left standing it does no harm
		}
	}
	return nil
}

// ofCorpus says that a file's name is a corpus's hash: others were put there by
// a person.
func ofCorpus(name string) bool {
	hash := name[:len(name)-len(writtenSuffix)]
	for _, r := range hash {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return len(hash) == 32
}
