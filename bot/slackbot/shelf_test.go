package slackbot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"footnote/bot"
	quoting "footnote/bot/answer"
	"footnote/bot/record"
	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

// A shelf is a library in a folder, whose engines are real ones, in quote mode.
type shelf struct {
	folder string
	open   atomic.Int32 // engines that were not released
}

func (s *shelf) Formats() []string { return load.Extensions() }

func (s *shelf) Keep(_ context.Context, name string, content []byte) (string, error) {
	_, err := load.Parse(name, content)
	if e, ok := errors.AsType[*load.Error](err); ok {
		return "", &Unreadable{map[load.Kind]Trouble{load.Empty: TroubleEmpty, load.Encoding: TroubleEncoding, load.Format: TroubleFormat}[e.Kind]}
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	return hash, errors.Join(err, os.WriteFile(filepath.Join(s.folder, hash), content, 0o600))
}

func (s *shelf) Open(ctx context.Context, reports []record.Report) (Engine, func(), error) {
	var docs []corpus.Document
	for _, r := range reports {
		content, err := os.ReadFile(filepath.Join(s.folder, r.Hash))
		if err != nil {
			return nil, nil, ErrNotKept
		}
		d, err := load.Parse(r.Name, content)
		if err != nil {
			return nil, nil, err
		}
		docs = append(docs, d)
	}
	c, err := corpus.New(docs...)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.DiscardHandler)
	index, err := retrieval.Open(ctx, c, retrieval.Options{
		Store: chromemstore.New("", log), Fallback: chromemstore.New("", log), Embedder: embed.NewStatic(), Logger: log,
	})
	if err != nil {
		return nil, nil, err
	}
	s.open.Add(1)
	return bot.NewEngine(c, index, quoting.NewQuote(), bot.EngineOptions{}), func() { s.open.Add(-1) }, nil
}

func (s *shelf) Sweep(_ context.Context, used map[string]bool) error {
	for _, hash := range s.kept() {
		if !used[hash] {
			if err := os.Remove(filepath.Join(s.folder, hash)); err != nil {
				return err
			}
		}
	}
	return nil
}

// kept are the hashes of what is there.
func (s *shelf) kept() []string {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return nil
	}
	var hashes []string
	for _, e := range entries {
		hashes = append(hashes, e.Name())
	}
	return hashes
}
