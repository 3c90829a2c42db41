package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/corpus/original"
)

// documents reads the documents of some sources, or the bundled report for none.
func documents(ctx context.Context, sources []string, log *slog.Logger) ([]corpus.Document, load.Skipped, error) {
	if len(sources) == 0 {
		return []corpus.Document{corpus.Report()}, nil, nil
	}
	return load.Read(ctx, sources, loadOptions(log))
}

// absoluteSources are sources as they are the same from every folder.
func absoluteSources(sources []string) []string {
	all := make([]string, len(sources))
	for i, source := range sources {
		all[i] = source
		if load.IsAddress(source) {
			continue
		}
		if whole, err := filepath.Abs(source); err == nil {
			all[i] = whole
		}
	}
	return all
}

// loadOptions are the settings of how documents are fetched. Copies are in the
// data folder even where the index is not: they save nothing but the network.
func loadOptions(log *slog.Logger) load.Options {
	o := load.Options{Logger: log}
	for host := range strings.SplitSeq(os.Getenv("FOOTNOTE_URL_HOSTS"), ",") {
		if host = strings.TrimSpace(host); host != "" {
			o.Hosts = append(o.Hosts, host)
		}
	}
	if data := findData(); data.path != "" {
		o.Copies = filepath.Join(data.path, "pages")
	}
	return o
}

// links reads FOOTNOTE_LINKS: where people can open the originals.
func links() (original.Links, error) {
	l, err := original.Parse(os.Getenv("FOOTNOTE_LINKS"))
	if err != nil {
		return l, &hintedError{fmt.Errorf("FOOTNOTE_LINKS: %w", err), "it is an address such as https://files.example.com/reports/, in which {document}, {page} and {paragraph} may stand, or several as PREFIX=ADDRESS with commas between them (docs/loaders.md)"}
	}
	return l, nil
}

// splitSources cuts a setting at the separator that the system's PATH has,
// unless it names a file or a folder whole. The colons of addresses do not count.
func splitSources(setting string) []string {
	if _, err := os.Lstat(setting); err == nil || setting == "" {
		return nonEmpty([]string{setting})
	}
	var sources []string
	for part := range strings.SplitSeq(setting, string(filepath.ListSeparator)) {
		if n := len(sources); n > 0 && continuesAddress(sources[n-1], part) {
			sources[n-1] += string(filepath.ListSeparator) + part
			continue
		}
		sources = append(sources, part)
	}
	return nonEmpty(sources)
}

// continuesAddress reports whether a colon between two parts is one of an
// address: https://HOST or https://HOST:PORT/PATH.
func continuesAddress(before, after string) bool {
	if filepath.ListSeparator != ':' {
		return false
	}
	if strings.EqualFold(before, "http") || strings.EqualFold(before, "https") {
		return strings.HasPrefix(after, "//")
	}
	_, host, _ := strings.Cut(before, "://")
	switch {
	case !load.IsAddress(before) || strings.Contains(host, "/"):
		return false
	case strings.HasPrefix(host, "[") && !strings.Contains(host, "]"):
		return true // within the brackets of IPv6
	case strings.Contains(host[strings.Index(host, "]")+1:], ":"):
		return false // it has its port
	}
	port, _, _ := strings.Cut(after, "/")
	return port != "" && strings.Trim(port, "0123456789") == ""
}

func nonEmpty(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
