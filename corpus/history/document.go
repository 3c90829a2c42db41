package history

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"footnote/corpus"
)

// together is how many documents are written at a time: the disk takes longest
// over each, and syncs several as fast as one.
const together = 16

// keepDocuments writes the documents that are not there yet.
func (s *Store) keepDocuments(ctx context.Context, c *corpus.Corpus) ([]Entry, error) {
	entries := make([]Entry, len(c.Documents))
	var writing errgroup.Group
	writing.SetLimit(together)
	for i, d := range c.Documents {
		writing.Go(func() (err error) {
			if err = ctx.Err(); err != nil {
				return err
			}
			if entries[i], err = s.keepDocument(d); err != nil {
				return fmt.Errorf("keep %s: %w", d.Name, err)
			}
			return nil
		})
	}
	if err := writing.Wait(); err != nil {
		return nil, err
	}
	passages := make(map[string]int, len(c.Documents))
	for _, p := range c.Passages {
		passages[p.Document]++
	}
	for i := range entries {
		entries[i].Passages = passages[entries[i].Document.Name]
	}
	return entries, syncFolder(filepath.Join(s.folder, "documents"))
}

// keepDocument writes a document unless it is there. One that is there is
// touched, so that nobody takes it for forgotten before the version that needs
// it is written.
func (s *Store) keepDocument(d corpus.Document) (Entry, error) {
	head, err := json.Marshal(d.Blocks)
	if err != nil {
		return Entry{}, err
	}
	head = append(head, '\n')
	sum := sha256.New()
	sum.Write(head)
	sum.Write([]byte(d.Text))
	e := Entry{Document: d, Content: hex.EncodeToString(sum.Sum(nil)), Size: int64(len(head) + len(d.Text))}
	e.Document.Text, e.Document.Blocks = "", nil
	path := s.documentPath(e.Content)
	now := time.Now()
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		err = os.Chtimes(path, now, now)
		if !errors.Is(err, fs.ErrNotExist) {
			return e, err
		}
	}
	return e, replaceFile(path, head, []byte(d.Text))
}

// readDocument is the document of an entry, whole.
func (s *Store) readDocument(e Entry) (corpus.Document, error) {
	path := s.documentPath(e.Content)
	content, err := readFile(path, e.Size)
	if err != nil {
		return corpus.Document{}, err
	}
	sum := sha256.Sum256(content)
	head, text, found := bytes.Cut(content, []byte("\n"))
	d := e.Document
	if !found || hex.EncodeToString(sum[:]) != e.Content || json.Unmarshal(head, &d.Blocks) != nil {
		return corpus.Document{}, &FileError{path, ErrDamaged}
	}
	d.Text = string(text)
	return d, nil
}
