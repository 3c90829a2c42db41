// Package original says where people can open the originals of documents: an
// address for a document, and for the page in it where that can be had.
package original

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"footnote/corpus"
)

// What stands in an address for something of a place.
const (
	document  = "{document}"
	page      = "{page}"
	paragraph = "{paragraph}"
)

// Links are where originals are. The zero value knows those alone that were
// fetched from an address.
type Links struct {
	entries []entry // those with the longest prefixes first
}

// An entry is an address for the documents whose names begin alike.
type entry struct {
	prefix string // without a slash at its end; "" for all documents that are files
	// whole is the address as it is set, and each the one for a document, which
	// has its name in it.
	whole, each string
}

// Parse reads a setting: an address such as https://files.example.com/reports/,
// to which the names of documents are appended, or one with {document}, {page}
// and {paragraph} where they belong; or several, separated by commas, each
// behind the beginning of the names that it is for, as in
// minutes/=https://example.com/minutes/. Its errors do not repeat passwords.
func Parse(setting string) (Links, error) {
	var l Links
	for text := range strings.SplitSeq(setting, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		e, err := parseEntry(text)
		if err != nil {
			return Links{}, err
		}
		if slices.ContainsFunc(l.entries, func(o entry) bool { return o.prefix == e.prefix }) {
			return Links{}, fmt.Errorf("there are two addresses for %s", e.documents())
		}
		l.entries = append(l.entries, e)
	}
	slices.SortStableFunc(l.entries, func(a, b entry) int { return len(b.prefix) - len(a.prefix) })
	return l, nil
}

func parseEntry(text string) (entry, error) {
	var e entry
	address := text
	if !isWeb(text) {
		at := slices.MaxFunc([]int{strings.Index(text, "=http://"), strings.Index(text, "=https://")}, func(a, b int) int { return a - b })
		if at < 0 {
			return e, fmt.Errorf("%s is no http or https address", quoted(text))
		}
		e.prefix, address = strings.Trim(strings.TrimSpace(text[:at]), "/"), text[at+1:]
		if e.prefix == "" {
			return e, fmt.Errorf("there is nothing before = in %s", quoted(text))
		}
	}
	if err := check(address); err != nil {
		return e, err
	}
	e.whole, e.each = escape(address, signs), escape(withDocument(address), signs)
	return e, nil
}

func isWeb(text string) bool {
	return strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
}

// check says what is wrong with an address.
func check(address string) error {
	filled := strings.NewReplacer(document, "x", page, "1", paragraph, "1").Replace(address)
	u, err := url.Parse(filled)
	switch {
	case err == nil && u.User != nil:
		return errors.New("an address holds a name or a password")
	case strings.ContainsAny(filled, "{}"):
		return fmt.Errorf("in %s something else stands in braces", quoted(address))
	case strings.Contains(hostIn(address), "{"):
		return fmt.Errorf("the host of %s depends on the document", quoted(address))
	case err != nil || u.Hostname() == "":
		return fmt.Errorf("%s is no address", quoted(address))
	case !ascii(u.Host):
		return fmt.Errorf("the host of %s has letters that have to be written as xn--", quoted(address))
	}
	return nil
}

// hostIn is what stands between the scheme of an address and its path.
func hostIn(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	if at := strings.IndexAny(rest, "/?#"); at >= 0 {
		return rest[:at]
	}
	return rest
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// quoted repeats what was set, unless it may hold a password.
func quoted(text string) string {
	if strings.Contains(text, "@") {
		return "an address"
	}
	return strconv.Quote(text)
}

// withDocument is an address with the document's name in it: at the end of its
// path, where it says no other place.
func withDocument(address string) string {
	if strings.Contains(address, document) {
		return address
	}
	rest := ""
	if at := strings.IndexAny(address, "?#"); at >= 0 {
		address, rest = address[:at], address[at:]
	}
	return strings.TrimSuffix(address, "/") + "/" + document + rest
}

// signs are those that mean something in an address (RFC 3986, section 2), and
// our braces.
const signs = "-._~:/?#[]@!$&'()*+,;=%{}"

// escape writes all bytes but ASCII letters, digits and some signs as %XX.
func escape(text, but string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte(but, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func (e entry) documents() string {
	if e.prefix == "" {
		return "all documents"
	}
	return strconv.Quote(e.prefix)
}

// Hosts are those that the setting names.
func (l Links) Hosts() []string {
	var hosts []string
	for _, e := range l.entries {
		u, err := url.Parse(e.whole)
		if err == nil && !slices.Contains(hosts, u.Host) {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// To is the address of a place in a document's original, "" where none is
// known. Whatever the document is called, it leads below the address that was
// set. One that was fetched is where it was fetched from, unless the setting
// names it; an address with a query is not repeated: what stands there may be
// somebody's key.
func (l Links) To(d corpus.Document, pageNumber, paragraphNumber int) string {
	for _, e := range l.entries {
		if e.prefix == "" && d.Address != "" {
			continue
		}
		if below, ok := e.below(d.Name); ok {
			return e.to(d.Name, below, pageNumber, paragraphNumber)
		}
	}
	u, err := url.Parse(d.Address)
	if err != nil || !isWeb(d.Address) || u.Host == "" || !ascii(u.Host) || u.User != nil || u.RawQuery != "" {
		return ""
	}
	return atPage(u.String(), d.Name, pageNumber)
}

// below is what follows the entry's prefix in a name, "" where that is all of it.
func (e entry) below(name string) (rest string, ok bool) {
	if e.prefix == "" {
		return name, true
	}
	rest, ok = strings.CutPrefix(name, e.prefix)
	if !ok || rest == "" {
		return "", ok
	}
	return strings.CutPrefix(rest, "/")
}

func (e entry) to(name, below string, pageNumber, paragraphNumber int) string {
	if !plain(name) {
		return ""
	}
	template := e.each
	if below == "" { // the address is that of this one document
		template, below = e.whole, path.Base(name)
	}
	link := strings.NewReplacer(
		document, escape(below, "-._~/"),
		page, strconv.Itoa(max(pageNumber, 1)), // what has no pages begins on the first
		paragraph, strconv.Itoa(max(paragraphNumber, 1)),
	).Replace(template)
	if strings.Contains(template, page) {
		return link
	}
	return atPage(link, name, pageNumber)
}

// plain reports whether a name is a path that goes down alone. A server may
// take a backslash for a slash.
func plain(name string) bool {
	for part := range strings.SplitSeq(strings.ReplaceAll(name, `\`, "/"), "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return !strings.ContainsFunc(name, unicode.IsControl)
}

// atPage adds the page, as browsers know it of PDF files: #page=2, from 1
// (RFC 8118, section 3, and ISO 32000-2, annex O). Of what has pages only Word
// files are no PDF, whatever they are called.
func atPage(link, name string, pageNumber int) string {
	if pageNumber < 1 || strings.Contains(link, "#") || strings.EqualFold(path.Ext(name), ".docx") {
		return link
	}
	return link + "#page=" + strconv.Itoa(pageNumber)
}
