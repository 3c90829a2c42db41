// Package load turns files into documents. It reads plain text (.txt, .text)
// and Markdown (.md, .markdown), one file or a folder of them.
package load

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"footnote/corpus"
)

// A Kind is the sort of a trouble, for callers that have words of their own.
type Kind uint8

// The kinds.
const (
	Unusable Kind = iota // the file cannot be got at
	Empty                // there is nothing in it to answer from
	Format               // it is in a format that is not read
	Encoding             // it is text, but not in UTF-8
	Locked               // it opens only with a password
	Pictures             // it shows its text as pictures, or without saying which letters
	Damaged              // it is in a format that is read, and broken
	TooLarge
)

// An Error says which file or folder cannot be used, and why.
type Error struct {
	Path string
	Kind Kind
	// Problem is what is wrong with it: "it is empty".
	Problem string
	// Hint says what to do about it.
	Hint string
	// Err is what the operating system said, if anything.
	Err error
}

func (e *Error) Error() string { return e.Path + ": " + e.Problem }
func (e *Error) Unwrap() error { return e.Err }

// Load reads the document at a path, or all documents of the folder there.
// See [Scan]; what is passed over is logged.
func Load(ctx context.Context, path string) ([]corpus.Document, error) {
	docs, skipped, err := Scan(ctx, path)
	if err == nil && skipped.Count() > 0 {
		slog.DebugContext(ctx, "files passed over", "folder", path, "count", skipped.Count(), "found", skipped.String())
	}
	return docs, err
}

// Skipped counts the files of a folder that were passed over, by extension
// (".pdf") or by what they are ("empty", "linked folder").
type Skipped map[string]int

// Count is how many files were passed over.
func (s Skipped) Count() int {
	n := 0
	for _, count := range s {
		n += count
	}
	return n
}

// String lists the most frequent first: "12 .pdf, 1 empty".
func (s Skipped) String() string {
	const most = 8
	kinds := slices.SortedFunc(maps.Keys(s), func(a, b string) int {
		if s[a] != s[b] {
			return s[b] - s[a]
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for _, kind := range kinds[:min(len(kinds), most)] {
		parts = append(parts, fmt.Sprint(s[kind], " ", kind))
	}
	if len(kinds) > most {
		parts = append(parts, "and others")
	}
	return strings.Join(parts, ", ")
}

// Scan reads the document at a path, or all documents of the folder there with
// its subfolders, in the order of their names.
//
// A single file is read whatever its extension, so long as it is text. In a
// folder, files of other extensions and empty ones are passed over and
// counted; hidden files and folders are ignored, links to files are followed,
// links to folders are not. A document that should be read and cannot be is an
// error, so that no answer is missing for want of it.
//
// Errors about a file are of type *[Error]. It stops with ctx.Err() between
// files once ctx is done.
func Scan(ctx context.Context, path string) ([]corpus.Document, Skipped, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, unusable(path, err)
	}
	if info.IsDir() {
		return scanFolder(ctx, path)
	}
	d, err := readDocument(path, filepath.Base(path))
	if err != nil {
		return nil, nil, err
	}
	return []corpus.Document{d}, nil, nil
}

func scanFolder(ctx context.Context, root string) ([]corpus.Document, Skipped, error) {
	var docs []corpus.Document
	skipped := Skipped{}
	folder := os.DirFS(root) // follows root itself where it is a link
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		file := filepath.Join(root, filepath.FromSlash(name))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return unusable(file, err)
		}
		if name != "." && strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		if kind := passOver(folder, name, entry); kind != "" {
			skipped[kind]++
			return nil
		}
		d, err := readDocument(file, name)
		if isEmpty(err) {
			skipped["empty"]++
			return nil
		}
		docs = append(docs, d)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if len(docs) == 0 {
		return nil, nil, noDocument(root, skipped)
	}
	slices.SortFunc(docs, func(a, b corpus.Document) int { return strings.Compare(a.Name, b.Name) })
	return docs, skipped, nil
}

// passOver says why a file of a folder is not to be read, "" if it is.
func passOver(folder fs.FS, name string, entry fs.DirEntry) string {
	kind := entry.Type()
	if kind&fs.ModeSymlink != 0 {
		target, err := fs.Stat(folder, name)
		if err != nil {
			return "broken link"
		}
		if kind = target.Mode().Type(); kind.IsDir() {
			return "linked folder"
		}
	}
	if !kind.IsRegular() {
		return "special file"
	}
	switch extension := strings.ToLower(path.Ext(name)); {
	case formatOf(name) != nil:
		return ""
	case extension == "":
		return "without extension"
	default:
		return extension
	}
}

func noDocument(root string, skipped Skipped) error {
	e := &Error{Path: root, Problem: "the folder holds no document", Hint: readable() + "; put one in the folder or name another"}
	if skipped.Count() > 0 {
		e.Problem = fmt.Sprintf("the folder holds no document that can be read (found %s)", skipped)
	}
	return e
}
