package main

import (
	"context"
	"errors"
)

// inFlags say in which documents to look.
type inFlags struct {
	In []string `sep:"none" placeholder:"DOCUMENT" help:"Look in this document alone: its name, the end of its path or its title. May be repeated."`
}

// openIn opens a corpus narrowed to documents.
func (a *app) openIn(ctx context.Context, flags corpusFlags, in inFlags) (*opened, error) {
	s, err := a.open(ctx, flags)
	return in.narrow(s, err)
}

// narrow is a corpus that was opened, narrowed; it passes on that there is none.
func (in inFlags) narrow(s *opened, err error) (*opened, error) {
	if s == nil || err != nil {
		return nil, err
	}
	if s.engine, err = s.engine.In(in.In...); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
