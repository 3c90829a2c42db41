package load

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// site is a server of documents, and options that may read it by http.
func site(t *testing.T, pages http.HandlerFunc) (address string, o Options) {
	t.Helper()
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	return server.URL, Options{Hosts: []string{server.URL}, Private: true, Copies: filepath.Join(t.TempDir(), "pages"), Timeout: 5 * time.Second}
}

func TestADocumentIsFetched(t *testing.T) {
	address, o := site(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("as"))
		switch r.URL.Path {
		case "/latin":
			_, _ = w.Write([]byte("R\xe9sum\xe9 of the year."))
		case "/blob/README.md", "/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<!DOCTYPE html><html><head><title>The harbour</title></head><body><h1>The harbour</h1><p>It was dug in 1871, by order of the council.</p></body></html>"))
		case "/moved":
			http.Redirect(w, r, "/reports/2023.md", http.StatusFound)
		default:
			_, _ = w.Write([]byte("# The harbour\n\nIt was dug in 1871."))
		}
	})
	host := strings.TrimPrefix(address, "http://")
	for _, test := range []struct{ path, name, title string }{
		{"/reports/2023.md", "/reports/2023.md", "The harbour"},
		{"/reports/2023.md#part", "/reports/2023.md", "The harbour"},
		{"/reports/harbour?as=text/markdown%3B+charset=utf-8", "/reports/harbour?as=text/markdown%3B+charset=utf-8", "The harbour"},
		{"/reports/show.php?as=text/markdown", "/reports/show.php?as=text/markdown", "The harbour"},
		{"/moved", "/moved", "moved"},
		{"/page", "/page", "The harbour"},
		{"/blob/README.md", "/blob/README.md", "The harbour"},
		{"/?as=text/markdown", "?as=text/markdown", "The harbour"},
		{"/latin?as=text/plain%3Bcharset=iso-8859-1", "/latin?as=text/plain%3Bcharset=iso-8859-1", ""},
	} {
		docs, _, err := Read(t.Context(), []string{address + test.path}, o)
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		if docs[0].Name != host+test.name || test.title != "" && !strings.EqualFold(docs[0].Title, test.title) {
			t.Errorf("%s is named %q, with the title %q", test.path, docs[0].Name, docs[0].Title)
		}
		if before, _, _ := strings.Cut(test.path, "#"); docs[0].Address != address+before {
			t.Errorf("%s is where it was fetched from: %q", test.path, docs[0].Address)
		}
		if strings.Contains(docs[0].Text, "<p>") {
			t.Errorf("%s is not read as HTML: %q", test.path, docs[0].Text)
		}
		if test.title == "" && docs[0].Text != "Résumé of the year." {
			t.Errorf("%q", docs[0].Text)
		}
	}
}

func TestHostsThatAreNotAllowed(t *testing.T) {
	for _, test := range []struct {
		hosts   string
		address string
		problem string // "" where it may be fetched
		hint    string
	}{
		{"example.org", "https://example.org/a.md", "", ""},
		{"example.org", "https://EXAMPLE.org.:443/a.md", "", ""},
		{"http://example.org", "http://example.org/a.md", "", ""},
		{"http://example.org", "https://example.org/a.md", "", ""},
		{"example.org:8443", "https://example.org:8443/a.md", "", ""},
		{"[2600::1]", "https://[2600::1]/a.md", "", ""},
		{"", "https://example.org/a.md", "example.org is not among the hosts", "FOOTNOTE_URL_HOSTS=example.org"},
		{"", "http://example.org/a.md", "example.org is not among the hosts", "FOOTNOTE_URL_HOSTS=http://example.org"},
		{"example.org", "https://www.example.org/a.md", "www.example.org is not among", "FOOTNOTE_URL_HOSTS=www.example.org"},
		{"example.org", "https://example.org.evil.net/a.md", "not among", ""},
		{"example.org", "https://example.org:8443/a.md", "example.org:8443 is not among", ""},
		{"example.org", "http://example.org/a.md", "by https alone", "http://example.org"},
		{"example.org", "https://user:secret@example.org/a.md", "a name or a password", "leave that out"},
		{"example.org", "https://", "no address", ""},
		{"example.org", "https://example.org\x7f/", "no address", ""},
	} {
		o := Options{Hosts: strings.Fields(test.hosts)}
		u, err := url.Parse(test.address)
		if err == nil {
			err = o.allowed(u)
		}
		if test.problem == "" {
			if err != nil {
				t.Errorf("%s with %q: %v", test.address, test.hosts, err)
			}
			continue
		}
		_, _, err = Read(t.Context(), []string{test.address}, o)
		checkError(t, err, strings.Replace(test.address, "secret", "xxxxx", 1), test.problem, test.hint)
	}
}

func TestAddressesThatAreNotPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "::ffff:93.184.216.34": true, "64:ff9b::5db8:d822": true,
		"127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "0.0.0.0": false, "::": false, "10.1.2.3": false, "172.16.0.1": false,
		"192.168.1.1": false, "169.254.169.254": false, "fd00:ec2::254": false, "fe80::1": false, "fe80::1%eth0": false, "100.100.100.200": false,
		"168.63.129.16": false, "192.0.0.192": false, "224.0.0.1": false, "255.255.255.255": false, "ff02::1": false, "64:ff9b::7f00:1": false,
		"2002:7f00:1::": false, "2001:db8::1": false, "2001::1": false, "::127.0.0.1": false, "fec0::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

func TestAPrivateAddressIsNotFetchedFrom(t *testing.T) {
	asked := false
	address, o := site(t, func(http.ResponseWriter, *http.Request) { asked = true })
	o.Private = false
	_, _, err := Read(t.Context(), []string{address + "/a.md"}, o)
	checkError(t, err, address+"/a.md", "127.0.0.1, which is not public", "copy them into a folder")
	// A name is judged by what it resolves to when the connection is made.
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	named := "http://localhost:" + port
	o.Hosts = []string{named}
	_, _, err = Read(t.Context(), []string{named + "/a.md"}, o)
	checkError(t, err, named+"/a.md", "which is not public", "")
	if asked {
		t.Error("the server was asked")
	}
}

func TestRedirectsAreFollowedToAllowedHostsAlone(t *testing.T) {
	other, _ := site(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Text.")) })
	address, o := site(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{"/out.md": other + "/a.md", "/loop.md": "/loop.md", "/file.md": "file:///etc/passwd", "/secret.md": "http://a:b@" + r.Host}[r.URL.Path]
		http.Redirect(w, r, to, http.StatusFound)
	})
	for path, problem := range map[string]string{
		"/out.md": strings.TrimPrefix(other, "http://") + " is not among the hosts", "/loop.md": "points on more than 5 times", "/file.md": "no address of a page",
		"/secret.md": "a name or a password",
	} {
		_, _, err := Read(t.Context(), []string{address + path}, o)
		checkError(t, err, address+path, problem, "")
	}
	o.Hosts = append(o.Hosts, other)
	if docs, _, err := Read(t.Context(), []string{address + "/out.md"}, o); err != nil || docs[0].Text != "Text." {
		t.Errorf("%v, %v", docs, err)
	}
}

func TestWhatIsWrongWithAnAddress(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address, o := site(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large.txt":
			chunk := bytes.Repeat([]byte("text "), 1<<18)
			for range 60 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		case "/declared.txt":
			w.Header().Set("Content-Length", "99999999999")
		case "/slow.txt":
			select {
			case <-r.Context().Done():
			case <-ctx.Done():
			}
		case "/page":
			w.Header().Set("Content-Type", "video/mp4")
			_, _ = w.Write([]byte("\x00\x00"))
		case "/table":
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = w.Write([]byte("%PDF-1.7\x00 no more"))
		case "/empty.txt":
		case "/secret.txt":
			w.WriteHeader(http.StatusForbidden)
		default:
			http.NotFound(w, r)
		}
	})
	defer cancel()
	for path, want := range map[string]string{
		"/large.txt": "too large", "/declared.txt": "too large", "/slow.txt": "took too long", "/page": "", "/table": "", "/empty.txt": "it is empty",
		"/secret.txt": "403 Forbidden", "/absent.txt": "404 Not Found",
	} {
		o.Timeout = 10 * time.Second
		if path == "/slow.txt" {
			o.Timeout = 100 * time.Millisecond
		}
		_, _, err := Read(t.Context(), []string{address + path}, o)
		checkError(t, err, address+path, want, "")
	}
	cancel()
	if _, _, err := Read(ctx, []string{address + "/a.txt"}, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestTheLastCopyIsReadWithoutNetwork(t *testing.T) {
	var fetched, unchanged atomic.Int32
	var status atomic.Int32
	address, o := site(t, func(w http.ResponseWriter, r *http.Request) {
		if s := status.Load(); s != 0 {
			w.WriteHeader(int(s))
			return
		}
		if r.Header.Get("If-None-Match") == `"1"` {
			unchanged.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fetched.Add(1)
		w.Header().Set("ETag", `"1"`)
		_, _ = w.Write([]byte("The copy."))
	})
	var log bytes.Buffer
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	read := func() (string, error) {
		docs, _, err := Read(t.Context(), []string{address + "/a.txt"}, o)
		if err != nil {
			return "", err
		}
		return docs[0].Text, nil
	}
	for range 2 {
		if text, err := read(); err != nil || text != "The copy." {
			t.Fatal(text, err)
		}
	}
	if fetched.Load() != 1 || unchanged.Load() != 1 || log.Len() > 0 {
		t.Errorf("fetched %d times, told %d times that nothing changed: %s", fetched.Load(), unchanged.Load(), &log)
	}
	status.Store(http.StatusBadGateway)
	if text, err := read(); err != nil || text != "The copy." || !strings.Contains(log.String(), "its last copy is read") {
		t.Errorf("%q, %v, log: %s", text, err, &log)
	}
	status.Store(http.StatusNotFound)
	if _, err := read(); err == nil {
		t.Error("what is gone is read from its copy")
	}
	status.Store(0)
	o.Hosts = nil
	if _, err := read(); err == nil {
		t.Error("a host that is allowed no more is read from its copy")
	}
	o.Hosts = []string{address}
	copies, _ := filepath.Glob(filepath.Join(o.Copies, "*.page"))
	if len(copies) != 1 {
		t.Fatalf("copies: %q", copies)
	}
	if err := os.WriteFile(copies[0], []byte("{}\nbroken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := read(); err != nil || text != "The copy." || fetched.Load() != 2 {
		t.Errorf("a damaged copy: %q, %v", text, err)
	}
}

func TestAServerThatIsDown(t *testing.T) {
	address, o := site(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("The copy.")) })
	if _, _, err := Read(t.Context(), []string{address + "/a.txt"}, o); err != nil {
		t.Fatal(err)
	}
	down, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nowhere := "http://" + down.Addr().String()
	_ = down.Close()
	o.Hosts = append(o.Hosts, nowhere)
	_, _, err = Read(t.Context(), []string{nowhere + "/a.txt"}, o)
	checkError(t, err, nowhere+"/a.txt", "it cannot be fetched", "check the address and the network")
}

func TestACertificateThatNobodyKnows(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Text.")) }))
	defer server.Close()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	o := Options{Hosts: []string{strings.TrimPrefix(server.URL, "https://")}, Private: true}
	_, _, err := Read(t.Context(), []string{server.URL + "/a.txt"}, o)
	checkError(t, err, server.URL+"/a.txt", "certificate", "")
	o.TLS = server.Client().Transport.(*http.Transport).TLSClientConfig
	if docs, _, err := Read(t.Context(), []string{server.URL + "/a.txt"}, o); err != nil || docs[0].Text != "Text." {
		t.Errorf("%v, %v", docs, err)
	}
}
