package load

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const patternSigns = "*?["

// IsPattern reports whether a source is a pattern of file names and no file's own.
func IsPattern(source string) bool {
	if !strings.ContainsAny(source, patternSigns) || IsAddress(source) {
		return false
	}
	_, err := os.Lstat(source)
	return err != nil
}

// scanPattern reads the files that a pattern matches, in the order of their
// names, which begin below the folder that the pattern names whole. A pattern
// with an extension (*.log) asks for just those files, and each is read as if
// it was named; of others (reports/*) it is as with a folder.
func scanPattern(ctx context.Context, pattern string) ([]sourced, Skipped, error) {
	root, parts := cutPattern(pattern)
	for _, p := range parts {
		if _, err := path.Match(p, ""); err != nil {
			return nil, nil, &Error{Path: pattern, Problem: "the pattern is malformed", Hint: `a "[" needs a "]", as in [0-9]; put a backslash before a bracket that is part of a name`, Err: err}
		}
	}
	extension := path.Ext(parts[len(parts)-1])
	named := extension != "" && !strings.ContainsAny(extension, patternSigns)
	w := patternWalk{ctx: ctx, root: root, folder: os.DirFS(root), parts: parts, named: named, skipped: Skipped{}}
	if _, err := os.Stat(root); err != nil {
		return nil, nil, unusable(root, err)
	}
	if err := fs.WalkDir(w.folder, ".", w.visit); err != nil {
		return nil, nil, err
	}
	if len(w.found) == 0 {
		return nil, nil, w.nothing(pattern)
	}
	slices.SortFunc(w.found, func(a, b sourced) int { return strings.Compare(a.document.Name, b.document.Name) })
	return w.found, w.skipped, nil
}

// cutPattern splits a pattern into the folder before its first sign and the
// parts of the path below that.
func cutPattern(pattern string) (root string, parts []string) {
	all := strings.Split(path.Clean(filepath.ToSlash(pattern)), "/")
	first := slices.IndexFunc(all, func(p string) bool { return strings.ContainsAny(p, patternSigns) })
	if first < 0 { // a sign that cleaning took away
		first = len(all) - 1
	}
	root = strings.Join(all[:first], "/")
	switch {
	case root == "" && first > 0:
		root = "/"
	case root == "":
		root = "."
	}
	return filepath.FromSlash(root), all[first:]
}

// matches reports whether the parts of a path match those of a pattern, of
// which "**" stands for any number.
func matches(pattern, parts []string) bool {
	switch {
	case len(pattern) == 0:
		return len(parts) == 0
	case pattern[0] == "**":
		if matches(pattern[1:], parts) {
			return true
		}
		return len(parts) > 0 && !hidden(parts[0]) && matches(pattern, parts[1:])
	case len(parts) == 0, hidden(parts[0]) && !hidden(pattern[0]):
		return false
	}
	ok, err := path.Match(pattern[0], parts[0])
	return ok && err == nil && matches(pattern[1:], parts[1:])
}

// mayMatch reports whether something below a folder may match.
func mayMatch(pattern, parts []string) bool {
	for i, p := range parts {
		switch {
		case i >= len(pattern):
			return false
		case pattern[i] == "**":
			return true
		}
		if ok, _ := path.Match(pattern[i], p); !ok {
			return false
		}
	}
	return len(pattern) > len(parts)
}

func hidden(part string) bool { return strings.HasPrefix(part, ".") }

type patternWalk struct {
	ctx     context.Context
	root    string
	folder  fs.FS
	parts   []string
	named   bool
	found   []sourced
	folders int // that match
	skipped Skipped
}

func (w *patternWalk) visit(name string, entry fs.DirEntry, err error) error {
	file := filepath.Join(w.root, filepath.FromSlash(name))
	if w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	if err != nil {
		return unusable(file, err)
	}
	if name == "." {
		return nil
	}
	parts := strings.Split(name, "/")
	match := matches(w.parts, parts)
	if entry.IsDir() {
		if match && w.parts[len(w.parts)-1] != "**" {
			w.folders++
		}
		if !mayMatch(w.parts, parts) || hidden(entry.Name()) && !slices.ContainsFunc(w.parts, hidden) {
			return fs.SkipDir
		}
		return nil
	}
	if !match {
		return nil
	}
	if kind := passOver(w.folder, name, entry); kind != "" && !(w.named && (kind == strings.ToLower(path.Ext(name)))) {
		w.skipped[kind]++
		return nil
	}
	d, err := readDocument(file, name)
	if isEmpty(err) {
		w.skipped["empty"]++
		return nil
	}
	w.found = append(w.found, sourced{d, absolute(file)})
	return err
}

// nothing says why a pattern gave no document.
func (w *patternWalk) nothing(pattern string) error {
	e := &Error{Path: pattern, Problem: "no file matches", Hint: "check the spelling, and put the pattern in quotation marks, so that the shell leaves it alone"}
	switch {
	case w.skipped.Count() > 0:
		e.Problem, e.Hint = "no file that matches can be read (found "+w.skipped.String()+")", readable()
	case w.folders > 0:
		e.Problem, e.Hint = "it matches folders alone", "name the files in them too: "+pattern+"/**"
	}
	return e
}
