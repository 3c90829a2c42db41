package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"golang.org/x/text/encoding/htmlindex"

	"footnote/corpus"
)

// IsAddress reports whether a source is the address of a page.
func IsAddress(source string) bool {
	scheme, _, ok := strings.Cut(source, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// A page is what an address gave.
type page struct {
	Address      string    `json:"address"`
	ContentType  string    `json:"content_type"`
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	Fetched      time.Time `json:"fetched"`
	data         []byte
}

// fetch reads the document at an address. Its last copy is read instead where
// the host says that nothing has changed, and where it cannot be reached.
func (o Options) fetch(ctx context.Context, address string) (corpus.Document, error) {
	u, err := url.Parse(address)
	if err != nil {
		return corpus.Document{}, &Error{Path: address, Problem: "it is no address of a page", Hint: "an address is https://HOST/PATH", Err: err}
	}
	if err := o.allowed(u); err != nil {
		if u.User != nil {
			address = u.Redacted() // a password is not repeated
		}
		return corpus.Document{}, addressError(address, err)
	}
	u.Fragment = ""
	kept, _ := o.copyOf(u.String())
	p, err := o.get(ctx, u, kept)
	switch {
	case ctx.Err() != nil:
		return corpus.Document{}, ctx.Err()
	case err != nil && kept != nil && passing(err):
		o.Logger.WarnContext(ctx, "an address cannot be fetched now; its last copy is read", "address", address, "copy", kept.Fetched.Format(time.RFC3339), "error", addressError(address, err).Problem)
		p = kept
	case err != nil:
		return corpus.Document{}, addressError(address, err)
	case p != kept:
		if err := o.keep(p); err != nil {
			o.Logger.WarnContext(ctx, "the copy of an address could not be kept", "address", address, "error", err)
		}
	}
	return p.document(u, address)
}

// A statusError is a host's reply that is no document.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("its host replied %d %s", int(e), http.StatusText(int(e)))
}

var errTooLarge = errors.New("too large")

// passing reports whether an error says nothing about the document, which may be
// there again later.
func passing(err error) bool {
	if status, ok := errors.AsType[statusError](err); ok {
		return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
	}
	_, no := refused(err)
	return !no && !errors.Is(err, errTooLarge)
}

// get asks for a page; what is kept of it is returned where it is still right.
func (o Options) get(ctx context.Context, u *url.URL, kept *page) (*page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "footnote")
	req.Header.Set("Accept", "text/markdown, text/plain, text/html;q=0.9, */*;q=0.5")
	if kept != nil && kept.ETag != "" {
		req.Header.Set("If-None-Match", kept.ETag)
	}
	if kept != nil && kept.LastModified != "" {
		req.Header.Set("If-Modified-Since", kept.LastModified)
	}
	resp, err := o.client().Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotModified && kept != nil:
		return kept, nil
	case resp.StatusCode != http.StatusOK:
		return nil, statusError(resp.StatusCode)
	case resp.ContentLength > maxSize:
		return nil, errTooLarge
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxSize {
		return nil, errTooLarge
	}
	h := resp.Header
	return &page{
		Address: u.String(), ContentType: h.Get("Content-Type"), ETag: h.Get("ETag"), LastModified: h.Get("Last-Modified"),
		Fetched: time.Now().UTC().Truncate(time.Second), data: data,
	}, nil
}

// addressError says what is wrong with an address.
func addressError(address string, err error) *Error {
	e := &Error{Path: address, Err: err}
	status, replied := errors.AsType[statusError](err)
	no, isRefused := refused(err)
	timeout, isTimeout := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	switch {
	case isRefused:
		e.Problem, e.Hint = no.problem, no.hint
	case errors.Is(err, errTooLarge):
		return tooLarge(address)
	case replied && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		e.Problem, e.Hint = status.Error(), "documents are fetched without signing in; download it and name the file"
	case replied:
		e.Problem, e.Hint = status.Error(), "check the address in a browser, or leave it out"
	case isTimeout && timeout.Timeout():
		e.Problem, e.Hint = "its host took too long", "try again later, or download it and name the file"
	default:
		reason := err
		if at, ok := errors.AsType[*url.Error](err); ok {
			reason = at.Err
		}
		e.Problem, e.Hint = "it cannot be fetched ("+reason.Error()+")", "check the address and the network, or download it and name the file"
	}
	return e
}

// extensions of documents by their media type, for addresses without one.
var extensionOf = map[string]string{
	"text/plain": ".txt", "text/markdown": ".md", "text/x-markdown": ".md", "text/html": ".html", "application/xhtml+xml": ".html",
	"text/csv": ".csv", "text/tab-separated-values": ".tsv", "application/pdf": ".pdf",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}

// document reads a page. The extension of the address says in what format it
// is, unless it has none that is known, or what came is an HTML page.
func (p *page) document(u *url.URL, address string) (corpus.Document, error) {
	media, parameters, _ := mime.ParseMediaType(p.ContentType)
	name, extension := addressName(u), extensionOf[media]
	file := path.Base("/" + u.Path)
	if known := formatOf(file); known == nil || extension == ".html" && looksLikeHTML(p.data) {
		if extension != "" && formatOf(extension) == nil {
			return corpus.Document{}, &Error{Path: address, Kind: Format, Problem: "it is " + media + ", which is not read", Hint: readable()}
		}
		if extension != "" && (known == nil || known != nil && formatOf(extension).name != known.name) {
			file += extension
		}
	}
	d, err := parse(address, file, inUTF8(p.data, media, parameters["charset"]))
	if err != nil {
		return corpus.Document{}, err
	}
	d.Name, d.Address = name, u.String()
	return d, nil
}

// addressName is what the document at an address is called: its host and path.
func addressName(u *url.URL) string {
	name := hostOf(u) + strings.TrimSuffix(u.Path, "/")
	if u.RawQuery != "" {
		name += "?" + u.RawQuery
	}
	return name
}

func looksLikeHTML(data []byte) bool {
	head := strings.ToLower(string(bytes.TrimSpace(data[:min(len(data), 512)])))
	return strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html")
}

// inUTF8 is text in UTF-8, where a host says that it is in another encoding;
// HTML says so itself.
func inUTF8(data []byte, media, charset string) []byte {
	if !strings.HasPrefix(media, "text/") || media == "text/html" || charset == "" || strings.EqualFold(charset, "utf-8") {
		return data
	}
	encoding, err := htmlindex.Get(charset)
	if err != nil {
		return data
	}
	text, err := encoding.NewDecoder().Bytes(data)
	if err != nil || len(text) > maxSize {
		return data
	}
	return text
}
