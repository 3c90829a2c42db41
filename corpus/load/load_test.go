package load

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"footnote/corpus"
)

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func names(docs []corpus.Document) []string {
	var all []string
	for _, d := range docs {
		all = append(all, d.Name)
	}
	return all
}

func TestFolderIsReadInOrderWithItsSubfolders(t *testing.T) {
	root := folder(t, map[string]string{
		"b.txt": "Text.", "a/z.MD": "# Title\n\nText.", "a/a.text": "Text.", "a.markdown": "Text.",
		".hidden.txt": "Text.", ".git/c.txt": "Text.", "d.odt": "PK", "e.ODT": "PK", "f": "Text.", "g.txt": " \n",
	})
	docs, skipped, err := Scan(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(docs), []string{"a.markdown", "a/a.text", "a/z.MD", "b.txt"}; !slices.Equal(got, want) {
		t.Errorf("documents %q, want %q", got, want)
	}
	if got, want := skipped.String(), "2 .odt, 1 empty, 1 without extension"; got != want || skipped.Count() != 4 {
		t.Errorf("passed over %d: %q, want %q", skipped.Count(), got, want)
	}
	if docs[2].Title != "Title" {
		t.Errorf("a.MD is not read as Markdown: title %q", docs[2].Title)
	}
}

func TestLinksToFoldersAreNotFollowed(t *testing.T) {
	root := folder(t, map[string]string{"a/a.txt": "Text."})
	outside := folder(t, map[string]string{"b.txt": "Linked."})
	for link, target := range map[string]string{
		"a/loop": root, "b.txt": filepath.Join(outside, "b.txt"), "c.txt": "absent.txt", "d.txt": "d.txt",
	} {
		if err := os.Symlink(target, filepath.Join(root, filepath.FromSlash(link))); err != nil {
			t.Skip("no links here: ", err)
		}
	}
	docs, skipped, err := Scan(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(docs), []string{"a/a.txt", "b.txt"}; !slices.Equal(got, want) {
		t.Errorf("documents %q, want %q", got, want)
	}
	if got, want := skipped.String(), "2 broken link, 1 linked folder"; got != want {
		t.Errorf("passed over %q, want %q", got, want)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	if docs, err := Load(t.Context(), link); err != nil || len(docs) != 2 {
		t.Errorf("a link to the folder: %d documents, %v", len(docs), err)
	}
}

func TestSingleFileIsReadWhateverItsExtension(t *testing.T) {
	root := folder(t, map[string]string{"notes.log": "Some text.", "README": "Some text."})
	for _, name := range []string{"notes.log", "README"} {
		docs, err := Load(t.Context(), filepath.Join(root, name))
		if err != nil || len(docs) != 1 || docs[0].Name != name || docs[0].Text != "Some text." {
			t.Errorf("%s: %+v, %v", name, docs, err)
		}
	}
}

func TestByteOrderMarkAndLineEndsStayInTheText(t *testing.T) {
	text := "\uFEFFFirst line.\r\nSecond line.\r\n"
	file := filepath.Join(folder(t, map[string]string{"a.txt": text}), "a.txt")
	docs, err := Load(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	d := docs[0]
	checkDocument(t, d)
	if d.Text != text || len(d.Blocks) != 2 || d.Text[d.Blocks[0].Start:d.Blocks[0].End] != "First line." {
		t.Errorf("%q in blocks %+v", d.Text, d.Blocks)
	}
}

func utf16le(s string) string {
	var b bytes.Buffer
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func TestErrorsNameTheFileAndTheRemedy(t *testing.T) {
	gbk := "\xb4\xf3\xc4\xa3\xd0\xcd\xb2\xfa\xd2\xb5\xb1\xa8\xb8\xe6\xa1\xa3"
	for _, test := range []struct {
		name, file, text string
		problem, hint    string
	}{
		{"empty", "a.txt", "", "it is empty", "write something"},
		{"byte order mark only", "a.txt", "\uFEFF", "it is empty", "write something"},
		{"white space", "a.txt", " \r\n\t", "nothing but white space", "write something"},
		{"comments only", "a.md", "<!-- nothing -->", "no text to answer from", "write something"},
		{"front matter only", "a.txt", "---\ntitle: x\n---\n", "no text to answer from", "write something"},
		{"zero bytes", "a.txt", "PNG\x00\x01\x02", "binary", ".txt"},
		{"control characters", "a.txt", strings.Repeat("a\x01\x02", 20), "binary", ".txt"},
		{"damaged pdf", "a.pdf", "%PDF-1.7\n\x00", "a damaged PDF", "qpdf a.pdf mended.pdf"},
		{"damaged pdf called text", "a.txt", "%PDF-1.7\nall text", "a damaged PDF", "qpdf a.txt mended.pdf"},
		{"empty pdf", "a.pdf", "", "it is empty", "write something"},
		{"docx cut short", "a.docx", "PK\x03\x04...word/document.xml", "a damaged zip archive", "download it again"},
		{"text called docx", "a.docx", "Text.", "its name says that it is Word, but it is text", ".txt"},
		{"xlsx", "a.xlsx", archived(t, "xl/workbook.xml"), "Excel", "save"},
		{"zip", "a.zip", archived(t, "a.txt"), "zip", "unpack"},
		{"doc", "a.doc", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old Office", "libreoffice"},
		{"rtf", "a.rtf", `{\rtf1 text}`, "RTF", "pandoc"},
		{"png", "a.png", "\x89PNG\r\n\x1a\n", "PNG", "not pictures"},
		{"jpeg", "a.jpg", "\xFF\xD8\xFF\xE0", "JPEG", "not pictures"},
		{"gzip", "a.gz", "\x1F\x8B\x08", "gzip", "unpack"},
		{"utf-16 with a mark", "a.txt", "\xFF\xFE" + utf16le("Text"), "UTF-16", "iconv -f UTF-16 -t UTF-8"},
		{"utf-16 without", "a.txt", utf16le("Some more text"), "UTF-16", "iconv -f UTF-16LE -t UTF-8"},
		{"latin-1", "a.txt", "One\nr\xe9sum\xe9 of the year\n", "not UTF-8 (line 2), perhaps Latin-1", "iconv -f WINDOWS-1252 -t UTF-8"},
		{"gbk", "a.txt", gbk, "perhaps GBK", "iconv -f GB18030 -t UTF-8"},
		{"shift jis", "a.txt", "\x82\xb1\x82\xea\x82\xcd\x83\x65\x83\x58\x83\x67\x82\xc5\x82\xb7", "perhaps Shift JIS", "iconv -f SHIFT_JIS"},
		{"damaged", "a.md", strings.Repeat("é", 20) + "\xc3", "not UTF-8 (line 1), but nearly", "iconv -c"},
		{"awkward name", "it's a.txt", "r\xe9sum\xe9", "not UTF-8", `'it'\''s a.txt'`},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := folder(t, map[string]string{test.file: test.text})
			t.Chdir(root)
			_, err := Load(t.Context(), test.file)
			checkError(t, err, test.file, test.problem, test.hint)
		})
	}
}

// checkError fails unless err is an [Error] about a path.
func checkError(t *testing.T, err error, path, problem, hint string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if e.Path != path || !strings.Contains(e.Problem, problem) || !strings.Contains(e.Hint, hint) {
		t.Errorf("path %q, problem %q, hint %q; want %q, …%s…, …%s…", e.Path, e.Problem, e.Hint, path, problem, hint)
	}
	if got, want := e.Error(), e.Path+": "+e.Problem; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
}

func TestAbsentFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "absent.txt")
	_, err := Load(t.Context(), file)
	checkError(t, err, file, "no such file", "spelling")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v does not wrap fs.ErrNotExist", err)
	}
}

func TestForbiddenFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("the super-user can read everything")
	}
	root := folder(t, map[string]string{"a.txt": "Text."})
	file := filepath.Join(root, "a.txt")
	if err := os.Chmod(file, 0); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, root} {
		_, err := Load(t.Context(), path)
		checkError(t, err, file, "permission", "chmod u+r")
	}
}

func TestPermissionIsExplained(t *testing.T) {
	err := unusable("a.txt", &fs.PathError{Op: "open", Path: "a.txt", Err: fs.ErrPermission})
	checkError(t, err, "a.txt", "no permission", "chmod u+r a.txt")
	err = unusable("a.txt", &fs.PathError{Op: "read", Path: "a.txt", Err: errors.New("input/output error")})
	checkError(t, err, "a.txt", "(input/output error)", "disk")
}

func TestTooLargeFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(file, []byte("Text."), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, maxSize+1); err != nil {
		t.Skip("no sparse files here: ", err)
	}
	_, err := Load(t.Context(), file)
	checkError(t, err, file, "64 MiB", "smaller files")
}

func TestFolderWithoutDocumentsSaysWhatItHolds(t *testing.T) {
	root := folder(t, map[string]string{"a.odt": "x", "b.odt": "x", "c.rtf": "x"})
	_, err := Load(t.Context(), root)
	checkError(t, err, root, "found 2 .odt, 1 .rtf", ".md")
	root = t.TempDir()
	_, err = Load(t.Context(), root)
	checkError(t, err, root, "no document", ".txt")
}

func TestBadDocumentInFolderIsAnError(t *testing.T) {
	root := folder(t, map[string]string{"a.txt": "Text.", "b/c.txt": "r\xe9sum\xe9"})
	_, err := Load(t.Context(), root)
	checkError(t, err, filepath.Join(root, "b", "c.txt"), "not UTF-8", "iconv")
}

func TestLoadStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	root := folder(t, map[string]string{"a.txt": "Text."})
	for _, path := range []string{root, filepath.Join(root, "a.txt")} {
		if _, err := Load(ctx, path); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func FuzzRefuse(f *testing.F) {
	for _, seed := range []string{"", "text", "PK\x03\x04", "\xff\xfea\x00", "r\xe9sum\xe9", "\x82\xb1\x82", "\xb4\xf3\xc4"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var e *Error
		err := refuse("a.txt", data, false)
		if err != nil && (!errors.As(err, &e) || e.Hint == "" || e.Problem == "") {
			t.Fatalf("%v says too little", err)
		}
	})
}

// Brackets that are never closed take the parser of Markdown minutes; such a file
// is read as plain text.
func TestTangledMarkdownIsReadInTime(t *testing.T) {
	for _, unit := range []string{"[a](", "[", "[[a]("} {
		started := time.Now()
		d, err := Parse("a.md", []byte("# Title\n\n"+strings.Repeat(unit, 1<<20/len(unit))))
		if err != nil || len(d.Blocks) == 0 || time.Since(started) > 20*time.Second {
			t.Errorf("%q: %v after %v", unit, err, time.Since(started))
		}
	}
	if d, err := Parse("a.md", []byte("# Title\n\n"+strings.Repeat("- [a](b) and [c]\n", 2000))); err != nil || d.Title != "Title" {
		t.Errorf("a list of links: %q, %v", d.Title, err)
	}
}

// Whatever people hand in is a document with passages, or an error that says what
// is wrong with it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "# A\n\ntext", "---\na: b\n---\n", "| a | b |\n| - | - |\n| c | d |", "\x1b[2J\u202e x", "<!-- a", "\xff\xfe", "%PDF-"} {
		f.Add("a.md", []byte(seed))
		f.Add("../a.txt", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		d, err := Parse(name, data)
		if err != nil {
			if e, ok := err.(*Error); !ok || e.Problem == "" || e.Path != name {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		if _, err := corpus.New(d); err != nil && err != corpus.ErrEmpty {
			t.Fatal(err)
		}
	})
}
