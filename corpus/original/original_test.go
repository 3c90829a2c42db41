package original

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"footnote/corpus"
)

const base = "https://files.example.com/reports/"

func parsed(t testing.TB, setting string) Links {
	t.Helper()
	l, err := Parse(setting)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestADocumentHasAnAddress(t *testing.T) {
	const viewer = "https://view.example.com/open?file={document}&page={page}&at={paragraph}"
	const several = base + ", minutes/=https://town.example.com/m, minutes/2023=http://old.example.com:8080/{document}?raw#here, plan.pdf=https://town.example.com/4711"
	for _, test := range []struct {
		setting, name   string
		page, paragraph int
		want            string
	}{
		{"", "water.pdf", 2, 5, ""},
		{" , ", "water.pdf", 2, 5, ""},
		{base, "water.pdf", 2, 5, base + "water.pdf#page=2"},
		{base, "WATER", 2, 5, base + "WATER#page=2"},
		{base, "a/b c/water.md", 0, 5, base + "a/b%20c/water.md"},
		{base, "handbook.DOCX", 3, 5, base + "handbook.DOCX"},
		{base, "报告.txt", 0, 1, base + "%E6%8A%A5%E5%91%8A.txt"},
		{base, `100%?a=b&c#d+e;f"g'h<i>.md`, 0, 1, base + "100%25%3Fa%3Db%26c%23d%2Be%3Bf%22g%27h%3Ci%3E.md"},
		{base, "{page}.txt", 0, 1, base + "%7Bpage%7D.txt"},
		{"https://files.example.com", "a.txt", 0, 1, "https://files.example.com/a.txt"},
		{"https://files.example.com/reports", "a.txt", 0, 1, base + "a.txt"},
		{"https://files.example.com/r?raw=1", "a.pdf", 4, 1, "https://files.example.com/r/a.pdf?raw=1#page=4"},
		{"https://files.example.com/r#view", "a.pdf", 4, 1, "https://files.example.com/r/a.pdf#view"},
		{"https://files.example.com/我 的/", "a.txt", 0, 1, "https://files.example.com/%E6%88%91%20%E7%9A%84/a.txt"},
		{viewer, "a b/c.pdf", 2, 7, "https://view.example.com/open?file=a%20b/c.pdf&page=2&at=7"},
		{viewer, "c.md", 0, 7, "https://view.example.com/open?file=c.md&page=1&at=7"},
		{"https://view.example.com/{document}/pages/{page}", "c.pdf", 9, 7, "https://view.example.com/c.pdf/pages/9"},
		{"https://view.example.com/?p={page}", "c.pdf", 9, 7, "https://view.example.com/c.pdf?p=9"},

		{several, "budget.txt", 0, 1, base + "budget.txt"},
		{several, "minutes/2022/may.pdf", 3, 1, "https://town.example.com/m/2022/may.pdf#page=3"},
		{several, "minutes/2023/may.pdf", 3, 1, "http://old.example.com:8080/may.pdf?raw#here"},
		{several, "minutes/2023", 0, 1, "http://old.example.com:8080/2023?raw#here"},
		{several, "minutes", 0, 1, "https://town.example.com/m"},
		{several, "minutes-of-may.txt", 0, 1, base + "minutes-of-may.txt"},
		{several, "plan.pdf", 2, 1, "https://town.example.com/4711#page=2"},
		{"minutes/=" + base, "budget.txt", 0, 1, ""},
	} {
		if got := parsed(t, test.setting).To(corpus.Document{Name: test.name}, test.page, test.paragraph); got != test.want {
			t.Errorf("%q of %q: %s, want %s", test.name, test.setting, got, test.want)
		}
	}
}

func TestADocumentThatWasFetchedIsWhereItWasFetchedFrom(t *testing.T) {
	for _, test := range []struct{ setting, name, address, want string }{
		{"", "example.org/a.md", "https://example.org/a.md", "https://example.org/a.md"},
		{"", "example.org/a.pdf", "http://example.org:8080/a%20b.pdf", "http://example.org:8080/a%20b.pdf#page=2"},
		{base, "example.org/a.md", "https://example.org/a.md", "https://example.org/a.md"},
		{"example.org/=" + base, "example.org/a.md", "https://example.org/a.md", base + "a.md"},
		{"example.org=https://other.example.com/", "example.org/a.md?key=1", "https://example.org/a.md?key=1", "https://other.example.com/a.md%3Fkey%3D1"},
		{base, "example.org/a.md?key=s3cret", "https://example.org/a.md?key=s3cret", ""},
		{base, "example.org/a.md", "https://ada:secret@example.org/a.md", ""},
		{base, "x", "javascript:alert(1)", ""},
		{base, "x", "file:///etc/passwd", ""},
		{base, "bücher.example/a.md", "https://bücher.example/a.md", ""},
		{base, "x", "https://example.org\x7f/", ""},
	} {
		page := 0
		if path.Ext(test.name) == ".pdf" {
			page = 2
		}
		if got := parsed(t, test.setting).To(corpus.Document{Name: test.name, Address: test.address}, page, 3); got != test.want {
			t.Errorf("%q: %s, want %s", test.address, got, test.want)
		}
	}
}

// hostile are names that mean to lead somewhere else; those that cannot be a
// path below an address have none.
var hostile = map[string]bool{
	"../secret.txt": false, "a/../../secret.txt": false, "..": false, ".": false, "./a.txt": false, "/etc/passwd": false, "//evil.test/a": false,
	`..\secret.txt`: false, `a\..\..\b`: false, `\\evil.test\a`: false, "a//b": false, "a/": false, "": false, "a\nb": false, "a\r\nLocation: x": false, "\x00": false, "\u0085": false,
	"javascript:alert(1)": true, "https:evil.test": true, "@evil.test/a": true, "a@evil.test": true, "#page=9": true, "?a=b": true, "a?b#c": true,
	"%2e%2e/a": true, "..%2fa": true, "<!channel>": true, "<https://evil.test|x>": false, "<mailto:a@evil.test>": true, "\u202etxt.exe": true, "a\u2028b": true, "\xff\xfe": true, "...": true,
	"{document}{page}": true, "a,b=c": true, "a b\u3000c": true, strings.Repeat("长/x", 1000): true,
}

func TestAHostileNameLeadsNowhereElse(t *testing.T) {
	for name, linked := range hostile {
		got := parsed(t, base).To(corpus.Document{Name: name}, 0, 1)
		if (got != "") != linked {
			t.Errorf("%.40q: %.200s", name, got)
		}
		checkBelow(t, name, base, got)
	}
	if got := parsed(t, "a="+base).To(corpus.Document{Name: "a/"}, 0, 1); got != "" {
		t.Errorf("a/: %s", got)
	}
}

// checkBelow checks that a link of a name is below an address, and names no more
// than the document.
func checkBelow(t *testing.T, name, base, link string) {
	t.Helper()
	if link == "" {
		return
	}
	u, err := url.Parse(link)
	b, _ := url.Parse(base)
	switch {
	case err != nil:
		t.Fatalf("%q: %v", name, err)
	case u.Scheme != b.Scheme, u.Host != b.Host, u.User != nil, !strings.HasPrefix(link, base):
		t.Fatalf("%q leads to %q", name, link)
	case strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>\"{}|\\^`", r) }):
		t.Fatalf("%q: what is no sign of an address stands in %q", name, link)
	case path.Clean(u.Path) != u.Path || u.Path != b.Path+name:
		t.Fatalf("%q has the path %q", name, u.Path)
	case u.RawQuery != "":
		t.Fatalf("%q has the query %q", name, u.RawQuery)
	}
}

func FuzzTo(f *testing.F) {
	for name := range hostile {
		f.Add(name, 2)
	}
	viewer := parsed(f, "https://view.example.com/open?a=1&file={document}&page={page}")
	below := parsed(f, "d/="+base)
	plain := parsed(f, base)
	f.Fuzz(func(t *testing.T, name string, page int) {
		d := corpus.Document{Name: name}
		link, fragment, _ := strings.Cut(plain.To(d, page, 1), "#")
		if fragment != "" && (page < 1 || !strings.HasPrefix(fragment, "page=") || strings.ContainsAny(fragment, "#&")) {
			t.Errorf("%q has the fragment %q", name, fragment)
		}
		checkBelow(t, name, base, link)
		if link := viewer.To(d, page, 1); link != "" {
			u, err := url.Parse(link)
			if err != nil || u.Host != "view.example.com" || u.Path != "/open" || u.Fragment != "" {
				t.Fatalf("%q leads to %q: %v", name, link, err)
			}
			if q, err := url.ParseQuery(u.RawQuery); err != nil || len(q) != 3 || !slices.Equal(q["file"], []string{name}) {
				t.Errorf("%q is asked for as %q: %v", name, u.RawQuery, err)
			}
		}
		link, _, _ = strings.Cut(below.To(corpus.Document{Name: "d/" + name}, page, 1), "#")
		if name != "" {
			checkBelow(t, name, base, link)
		}
		if link := plain.To(corpus.Document{Name: "x", Address: name}, 0, 1); link != "" && !strings.HasPrefix(link, "http://") && !strings.HasPrefix(link, "https://") {
			t.Errorf("the address %q became %q", name, link)
		}
	})
}

func TestASettingThatLeadsNowhereIsAnError(t *testing.T) {
	for setting, problem := range map[string]string{
		"files.example.com":                      `"files.example.com" is no http or https address`,
		"ftp://files.example.com/":               "is no http or https address",
		"javascript:alert(1)":                    "is no http or https address",
		"minutes=/srv/minutes":                   "is no http or https address",
		"https://":                               `"https://" is no address`,
		"https:///reports":                       "is no address",
		"https://exa mple.com/":                  "is no address",
		"https://files.example.com/%zz":          "is no address",
		"https://files.example.com\\@evil.test/": "an address is no address",
		"https://ada:s3cret@files.example.com/":  "an address holds a name or a password",
		"https://ada@files.example.com/":         "an address holds a name or a password",
		"https://ada:s 3cret@files.example.com/": "an address is no address",
		"https://{document}.example.com/":        "the host of .* depends on the document",
		"https://files.example.com/{name}":       "something else stands in braces",
		"https://files.example.com/{page":        "something else stands in braces",
		"https://bücher.example/":                "xn--",
		"=https://files.example.com/":            "there is nothing before =",
		base + ",https://other.example.com/":     "there are two addresses for all documents",
		"a/=" + base + ",a=" + base:              `there are two addresses for "a"`,
		"https://files.example.com/a,b/":         `"b/" is no http or https address`,
	} {
		_, err := Parse(setting)
		if err == nil || !matches(problem, err.Error()) {
			t.Errorf("%q: %v, want %s", setting, err, problem)
		}
		if err != nil && strings.Contains(err.Error(), "3cret") {
			t.Errorf("a password is repeated: %v", err)
		}
	}
}

// matches reports whether the parts of a pattern around .* stand in a text.
func matches(pattern, text string) bool {
	for part := range strings.SplitSeq(pattern, ".*") {
		_, rest, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}

func TestHostsAreThoseOfTheSetting(t *testing.T) {
	got := parsed(t, base+",a="+base+"a,b=http://old.example.com:8080/{document}").Hosts()
	slices.Sort(got)
	if want := []string{"files.example.com", "old.example.com:8080"}; !slices.Equal(got, want) {
		t.Errorf("hosts %q", got)
	}
	if got := (Links{}).Hosts(); got != nil {
		t.Errorf("hosts of none: %q", got)
	}
}
