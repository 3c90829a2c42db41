package load

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"footnote/corpus"
)

// Options say how documents are got at; the zero value reads no address.
type Options struct {
	// Hosts are those that documents may be fetched from: "example.org" by
	// https alone, "http://example.org" by http too, each with ":port" where
	// that is not the usual one.
	Hosts []string
	// Copies is the folder that keeps the last copy of what was fetched, ""
	// for none. Where a host cannot be reached, the copy is read in its place.
	Copies string
	// Timeout is how long one document may take to fetch; 0 means a minute.
	Timeout time.Duration
	// Private allows addresses of this machine and of private networks, and
	// TLS is how their servers are known: for tests.
	Private bool
	TLS     *tls.Config
	// Logger receives what an operator should know; nil discards it.
	Logger *slog.Logger
}

// A sourced document is one with the file or address that it was read from.
type sourced struct {
	document corpus.Document
	from     string
}

// Read reads the documents of several sources: files, folders, patterns such as
// reports/**/*.md, and addresses. Files and folders are read as [Scan] does. A
// document that several sources have is there once; where two have the same
// name, both get names that begin farther up in their paths.
func Read(ctx context.Context, sources []string, o Options) ([]corpus.Document, Skipped, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Timeout = cmp.Or(o.Timeout, time.Minute)
	var all []sourced
	skipped := Skipped{}
	seen := map[string]bool{}
	for _, source := range sources {
		found, passed, err := o.read(ctx, source)
		if err != nil {
			return nil, nil, err
		}
		for kind, n := range passed {
			skipped[kind] += n
		}
		for _, s := range found {
			if !seen[s.from] {
				seen[s.from] = true
				all = append(all, s)
			}
		}
	}
	lengthenNames(all)
	docs := make([]corpus.Document, len(all))
	for i, s := range all {
		docs[i] = s.document
	}
	return docs, skipped, nil
}

func (o Options) read(ctx context.Context, source string) ([]sourced, Skipped, error) {
	if IsAddress(source) {
		d, err := o.fetch(ctx, source)
		if err != nil {
			return nil, nil, err
		}
		return []sourced{{d, source}}, nil, nil
	}
	if IsPattern(source) {
		return scanPattern(ctx, source)
	}
	docs, skipped, err := Scan(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	info, err := os.Stat(source)
	folder := err == nil && info.IsDir()
	all := make([]sourced, len(docs))
	for i, d := range docs {
		file := source
		if folder {
			file = filepath.Join(source, filepath.FromSlash(d.Name))
		}
		all[i] = sourced{d, absolute(file)}
	}
	return all, skipped, nil
}

// absolute is a file's whole path, as far as it can be had.
func absolute(file string) string {
	if whole, err := filepath.Abs(file); err == nil {
		return whole
	}
	return filepath.Clean(file)
}

// lengthenNames has names that several documents share begin farther up, until
// they differ.
func lengthenNames(all []sourced) {
	for {
		count := map[string]int{}
		for _, s := range all {
			count[s.document.Name]++
		}
		longer := false
		for i := range all {
			if s := &all[i]; count[s.document.Name] > 1 {
				if name := fartherUp(s.from, s.document.Name); name != s.document.Name {
					s.document.Name, longer = name, true
				}
			}
		}
		if !longer {
			return
		}
	}
}

// fartherUp is a document's name with one more folder of its file's path; the
// same name where there is none.
func fartherUp(file, name string) string {
	if IsAddress(file) {
		return file
	}
	rest, ok := strings.CutSuffix(filepath.ToSlash(file), "/"+name)
	if !ok || rest == "" {
		return name
	}
	return path.Base(rest) + "/" + name
}
