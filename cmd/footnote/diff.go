package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"footnote/corpus"
	"footnote/corpus/history"
	"footnote/corpus/load"
)

type diffCommand struct {
	List bool   `help:"List the versions that are kept, the latest first."`
	JSON bool   `name:"json" help:"Print JSON."`
	From string `arg:"" optional:"" help:"The version to compare with: the beginning of its hash, its number in --list, a file or a folder. Without it, the last one that is not the report as it is now."`
	To   string `arg:"" optional:"" help:"The version that has the changes, named likewise. Without it, the report as it is now."`
	corpusFlags
}

func (diffCommand) Help() string {
	return `Shows what has changed in the report: which documents were added, removed, renamed
or changed, and in these which passages, with their places. Lines that are gone begin
with -, new ones with +; on a terminal the words that differ are bold.

A version is kept whenever the report is opened for questions or indexed, and was
changed since; answers name theirs. What is compared with it is read anew, so an
edit can be seen before anything is asked.

Examples:

    footnote diff --corpus reports/
    footnote diff --corpus reports/ --list
    footnote diff --corpus reports/ 3f2a9c1e
    footnote diff old/minutes.md minutes.md`
}

func (c *diffCommand) Run(ctx context.Context, a *app) error {
	if c.List && c.From != "" {
		return &misuseError{problem: "--list takes no version", hint: "leave one of them out"}
	}
	if err := readDotEnv(); err != nil {
		return err
	}
	sources, err := c.sources()
	if err != nil {
		return err
	}
	h := &sided{sources: sources, log: c.logger(a.err)}
	h.read(ctx)
	if h.trouble != nil && c.From == "" {
		return h.trouble
	}
	if c.List && c.JSON {
		return a.out.printJSON(newListLine(h.versions))
	}
	if c.List {
		return a.out.print(versionList(h.versions))
	}
	from, to, err := h.sides(ctx, c.From, c.To)
	if err != nil {
		return err
	}
	var changes corpus.Changes
	if from != nil {
		changes = corpus.Diff(from.corpus, to.corpus)
	}
	if c.JSON {
		return a.out.printJSON(newDiffLine(from, to, changes))
	}
	return a.out.print(a.out.changes(from, to, changes))
}

// A side is one of two versions that are compared.
type side struct {
	hash string
	// at is when the version was first seen; zero for what was read just now.
	at time.Time
	// path is a file or the like that was named in place of a version.
	path   string
	corpus *corpus.Corpus
}

// sided finds the versions that are compared.
type sided struct {
	sources  []string
	log      *slog.Logger
	store    *history.Store
	versions []history.Version // the latest first
	trouble  error             // why no versions can be read
}

// read finds the versions that are kept. Those that are lost are told of, and
// the others compared.
func (h *sided) read(ctx context.Context) {
	data := findData()
	if h.store = data.versions(); h.store == nil {
		h.trouble = &hintedError{data.trouble, dataHint}
		return
	}
	var err error
	h.versions, err = h.store.Versions(ctx, absoluteSources(h.sources))
	lost, isList := err.(interface{ Unwrap() []error })
	switch {
	case isList:
		for _, err := range lost.Unwrap() {
			h.log.WarnContext(ctx, "a version of the report is lost", "error", err, "hint", "delete the file; the other versions can be compared")
		}
	case err != nil:
		h.trouble = &hintedError{err, dataHint}
	}
}

// sides are the versions with two names, where an empty one stands for the
// report as it is now and for the last version that is not that. The first is
// nil where there is no such version.
func (h *sided) sides(ctx context.Context, first, second string) (from, to *side, err error) {
	if to, err = h.side(ctx, second); err != nil {
		return nil, nil, err
	}
	if first != "" {
		from, err = h.side(ctx, first)
		return from, to, err
	}
	i := slices.IndexFunc(h.versions, func(v history.Version) bool { return v.Hash != to.hash })
	if i < 0 {
		return nil, to, nil
	}
	from, err = h.kept(ctx, h.versions[i])
	return from, to, err
}

// side is the version with a name, or the report as it is now.
func (h *sided) side(ctx context.Context, name string) (*side, error) {
	if name == "" {
		return h.now(ctx, h.sources, "")
	}
	v, err := h.named(name)
	if err != nil {
		return nil, err
	}
	if v != nil {
		return h.kept(ctx, *v)
	}
	if _, err := os.Stat(name); err == nil || load.IsAddress(name) || load.IsPattern(name) {
		return h.now(ctx, []string{name}, name)
	}
	if h.trouble != nil {
		return nil, h.trouble
	}
	return nil, &hintedError{fmt.Errorf("there is no version %s, and no file", quoted(name)), h.lastOnes()}
}

// named is the version with a number or the beginning of a hash; nil for none.
func (h *sided) named(name string) (*history.Version, error) {
	if n, err := strconv.Atoi(name); err == nil && len(name) < shortestHash && 0 < n && n <= len(h.versions) {
		return &h.versions[n-1], nil
	}
	if len(name) < shortestHash {
		return nil, nil
	}
	var found *history.Version
	for i, v := range h.versions {
		if !strings.HasPrefix(v.Hash, strings.ToLower(name)) {
			continue
		}
		if found != nil && found.Hash != v.Hash {
			return nil, &hintedError{fmt.Errorf("the hashes of several versions begin with %s", name), "give more of it: " + found.Hash + " or " + v.Hash}
		}
		if found == nil {
			found = &h.versions[i]
		}
	}
	return found, nil
}

// shortestHash is how much of a hash is no number of a version: there are never
// as many.
const shortestHash = 4

// lastOnes is a hint that lists the last versions.
func (h *sided) lastOnes() string {
	if len(h.versions) == 0 {
		return "no version of this report is kept yet: footnote index keeps one"
	}
	var last []string
	for _, v := range h.versions[:min(len(h.versions), 3)] {
		last = append(last, fmt.Sprintf("%s (%s)", corpus.Version(v.Hash), dated(v.At)))
	}
	return "the last ones are " + strings.Join(last, ", ") + "; footnote diff --list lists all"
}

func (h *sided) kept(ctx context.Context, v history.Version) (*side, error) {
	c, err := h.store.Corpus(ctx, v)
	if lost := new(history.FileError); errors.As(err, &lost) {
		err = &hintedError{fmt.Errorf("version %s is lost: %w", corpus.Version(v.Hash), err), "footnote diff --list lists the others"}
	}
	return &side{hash: v.Hash, at: v.At, corpus: c}, err
}

// now reads sources as they are; path is empty for the report's.
func (h *sided) now(ctx context.Context, sources []string, path string) (*side, error) {
	docs, _, err := documents(ctx, sources, h.log)
	if err != nil {
		return nil, err
	}
	c, err := corpusOf(strings.Join(sources, ", "), docs)
	if err != nil {
		return nil, err
	}
	return &side{hash: c.Hash, path: path, corpus: c}, nil
}

func dated(at time.Time) string { return at.Local().Format("2006-01-02 15:04") }

// versionList lists versions for a person.
func versionList(versions []history.Version) string {
	if len(versions) == 0 {
		return "No version of this report is kept yet: one is whenever it is asked or indexed.\n"
	}
	var b strings.Builder
	for i, v := range versions {
		fmt.Fprintf(&b, "%3d  %s  %s  %s, %s\n", i+1, corpus.Version(v.Hash), dated(v.At), count(len(v.Documents), "document"), count(v.Passages, "passage"))
	}
	return b.String()
}
