package main

import (
	"context"
	"log/slog"
	"time"
)

// keepVersion keeps the corpus as the latest version of its sources, where it
// is not that already, while the index is opened and the first question is
// answered. What comes of it is sent on the channel.
func (s *opened) keepVersion(ctx context.Context, data dataFolder, sources []string) <-chan error {
	kept := make(chan error, 1)
	store := data.versions()
	if store == nil {
		kept <- nil
		return kept
	}
	s.kept.Go(func() {
		_, err := store.Add(ctx, absoluteSources(sources), s.corpus, time.Now())
		kept <- err
	})
	return kept
}

// warnUnkept tells of a version that could not be kept, unless there is a word
// about the data folder already.
func (s *opened) warnUnkept(ctx context.Context, log *slog.Logger, kept <-chan error) {
	told := s.unstored != nil
	s.kept.Go(func() {
		if err := <-kept; err != nil && !told && ctx.Err() == nil {
			log.WarnContext(ctx, "this version of the report could not be kept: footnote diff will not know it", "error", err, "hint", dataHint)
		}
	})
}
