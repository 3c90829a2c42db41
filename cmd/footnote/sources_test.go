package main

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestASettingNamesSources(t *testing.T) {
	if filepath.ListSeparator != ':' {
		t.Skip("the separator is no colon here")
	}
	for setting, want := range map[string][]string{
		"":                             nil,
		":":                            nil,
		"a.md":                         {"a.md"},
		"a.md:reports/**/*.md":         {"a.md", "reports/**/*.md"},
		"https://example.org/a.md":     {"https://example.org/a.md"},
		"HTTP://example.org":           {"HTTP://example.org"},
		"b:https://h:8443/a.md:c:d":    {"b", "https://h:8443/a.md", "c", "d"},
		"https://h:8443:2023":          {"https://h:8443", "2023"},
		"https://h/a:b:http://i/c:/d:": {"https://h/a", "b", "http://i/c", "/d"},
		"https://[2600::1]:8443/a:b":   {"https://[2600::1]:8443/a", "b"},
		"https:a":                      {"https", "a"},
	} {
		if got := splitSources(setting); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", setting, got, want)
		}
	}
}
