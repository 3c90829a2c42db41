package remote_test

import (
	"errors"
	"strings"
	"testing"

	"footnote/retrieval/remote"
)

func TestAServerIsKnownByItsAddress(t *testing.T) {
	for _, test := range []struct {
		url, version  string
		openAI, azure bool
		host, base    string
	}{
		{"", "", true, false, "api.openai.com", "https://api.openai.com/v1"},
		{"", "2024-10-21", true, false, "api.openai.com", "https://api.openai.com/v1"},
		{"https://API.OpenAI.com/v1/", "", true, false, "API.OpenAI.com", "https://API.OpenAI.com/v1"},
		{"http://localhost:11434/v1", "", false, false, "localhost:11434", "http://localhost:11434/v1"},
		{"https://acme.openai.azure.com/", "", false, true, "acme.openai.azure.com", "https://acme.openai.azure.com"},
		{"https://acme.cognitiveservices.azure.com", "", false, true, "acme.cognitiveservices.azure.com", "https://acme.cognitiveservices.azure.com"},
		{"https://acme.openai.azure.com/openai/v1/", "", false, false, "acme.openai.azure.com", "https://acme.openai.azure.com/openai/v1"},
		{"https://acme.openai.azure.com/openai/v1", "preview", false, false, "acme.openai.azure.com", "https://acme.openai.azure.com/openai/v1"},
		{"http://127.0.0.1:8080", "2024-10-21", false, true, "127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"https://openai.azure.com.example.org/v1", "", false, false, "openai.azure.com.example.org", "https://openai.azure.com.example.org/v1"},
		{"https://user:canary@example.org/v1", "", false, false, "example.org", "https://user:canary@example.org/v1"},
	} {
		s := remote.Server{URL: test.url, APIVersion: test.version}
		if s.IsOpenAI() != test.openAI || s.IsAzure() != test.azure || s.Host() != test.host || s.BaseURL() != test.base {
			t.Errorf("%q %q: OpenAI %v, Azure %v, %q, %q", test.url, test.version, s.IsOpenAI(), s.IsAzure(), s.Host(), s.BaseURL())
		}
	}
}

func TestSettingsThatCannotWorkAreNamedWithARemedy(t *testing.T) {
	const key = "sk-canary-0123456789"
	for _, test := range []struct{ url, key, want, hint string }{
		{"", key, "", ""},
		{"http://localhost:11434/v1", "", "", ""},
		{"http://localhost:11434/v1/", "ollama", "", ""},
		{"https://acme.openai.azure.com", key, "", ""},
		{"", "", "OPENAI_API_KEY is not set", "OPENAI_BASE_URL"},
		{"https://acme.openai.azure.com", "", "OPENAI_API_KEY is not set", "OPENAI_API_KEY"},
		{"localhost:11434/v1", "", "does not begin with http", "http://localhost:11434/v1"},
		{"//localhost/v1", "", "does not begin with http", ""},
		{"ftp://localhost/v1", "", "does not begin with http", ""},
		{"http:///v1", "", "names no host", ""},
		{"http://%zz/", "", "not a URL", ""},
		{"http://local host/", "", "not a URL", ""},
		{"http://localhost/v1\n", "", "not a URL", ""},
		{"http://user:canary@localhost/v1", "", "user name or password", "OPENAI_API_KEY"},
		{"http://localhost/v1?key=canary", "", "has a query", "OPENAI_API_VERSION"},
		{"http://localhost/v1#canary", "", "has a query", ""},
		{"http://localhost/v1/chat/completions", "", "one call", "/chat/completions"},
		{"http://localhost/v1/embeddings/", "", "one call", "/embeddings"},
		{"", key + "\n", "OPENAI_API_KEY holds", "again"},
		{"", "canary two", "OPENAI_API_KEY holds", "again"},
		{"", "“canary”", "OPENAI_API_KEY holds", "again"},
	} {
		err := remote.Server{URL: test.url, Key: test.key}.Check()
		if test.want == "" {
			if err != nil {
				t.Errorf("%q: %v", test.url, err)
			}
			continue
		}
		setting, ok := errors.AsType[*remote.SettingError](err)
		if !ok || !strings.Contains(err.Error(), test.want) || setting.Hint() == "" || !strings.Contains(setting.Hint(), test.hint) {
			t.Errorf("%q %q: %v", test.url, test.key, err)
			continue
		}
		if strings.Contains(err.Error()+setting.Hint(), "canary") {
			t.Errorf("the message quotes a secret: %v, %s", err, setting.Hint())
		}
	}
}

func FuzzServer(f *testing.F) {
	for _, url := range []string{"", "https://acme.openai.azure.com/openai/v1", "http://u:p@[::1]:80/v1?x#y", "http://%zz", "://", "\x00"} {
		f.Add(url, "k")
	}
	f.Fuzz(func(t *testing.T, url, key string) {
		s := remote.Server{URL: url, Key: key}
		if s.Check() == nil && (s.Host() == "" || strings.ContainsAny(s.Host(), "@ \n") || s.IsOpenAI() && s.IsAzure()) {
			t.Errorf("%q is taken, its host is %q", url, s.Host())
		}
	})
}

func TestAzuresNewInterfaceIsKnown(t *testing.T) {
	for url, want := range map[string]bool{
		"https://acme.openai.azure.com/openai/v1/":           true,
		"https://acme.cognitiveservices.azure.com/openai/v1": true,
		"https://acme.openai.azure.com":                      false,
		"https://example.org/openai/v1":                      false,
		"":                                                   false,
	} {
		if got := (remote.Server{URL: url}).IsAzureV1(); got != want {
			t.Errorf("%q: %v", url, got)
		}
	}
}
