package eval_test

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var browser = flag.String("browser", "", "open the page in this Chromium")

// TestThePageInABrowser opens the page of the hostile suite: whatever the
// browser makes of it, nothing runs, nothing is fetched and nothing is amiss.
func TestThePageInABrowser(t *testing.T) {
	if *browser == "" {
		t.Skip("no browser was named: -browser $(command -v chromium)")
	}
	// All that the browser wants from a network, it asks of this. It asks for
	// hosts of its maker's too, which the page does not name.
	const named = "hostile.example"
	var asked atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Host, named) {
			asked.Add(1)
		}
		http.Error(w, "there is no network", http.StatusBadGateway)
	}))
	defer proxy.Close()

	page := pageOf(t)
	t.Run("a page that does what it should not is noticed", func(t *testing.T) {
		bad := strings.Replace(page, "http-equiv=", "data-off=", 1)
		bad = strings.Replace(bad, "<main>", `<main><img src="http://`+named+`/a.png"><script>console.error("it runs")</script>`, 1)
		_, console := open(t, proxy.URL, bad)
		if len(console) == 0 || asked.Swap(0) == 0 {
			t.Fatalf("the console says %q", console)
		}
	})
	dom, console := open(t, proxy.URL, page)
	if len(console) > 0 {
		t.Errorf("the console says %q", console)
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests to %s", n, named)
	}
	// What the browser read, as it would write it.
	var headings []string
	for _, m := range regexp.MustCompile(`(?s)<h[1-3][^>]*>(.*?)</h[1-3]>`).FindAllStringSubmatch(dom, -1) {
		headings = append(headings, m[1])
	}
	want := "How well Footnote answers|testdata/page|Compared with the run before|Figures|By kind of question|Is confidence to be believed?|What went wrong|" +
		"empty &amp; &lt;bare&gt;|Figures|By kind of question|Is confidence to be believed?|What went wrong"
	if got := strings.Join(headings, "|"); got != want {
		t.Errorf("headings %s, want %s", got, want)
	}
	for element, n := range map[string]int{"<article": 6, "<svg": 2, "<script": 0, "<img": 0, "<iframe": 0, "<style": 1} {
		if got := strings.Count(dom, element); got != n {
			t.Errorf("%d of %s, want %d", got, element, n)
		}
	}
}

// open gives what a browser made of a page, and the lines of its console.
func open(t *testing.T, proxy, page string) (dom string, console []string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var out, log strings.Builder
	c := exec.CommandContext(ctx, *browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--proxy-server="+proxy, "--proxy-bypass-list=<-loopback>",
		"--enable-logging=stderr", "--dump-dom", (&url.URL{Scheme: "file", Path: file}).String())
	c.Stdout, c.Stderr = &out, &log
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "CONSOLE") {
			console = append(console, strings.TrimSpace(line))
		}
	}
	return out.String(), console
}
