// Package remote is how model servers are reached: where they are, a client
// that rides out their bad moments, and words for what goes wrong. It knows no
// protocol: the adapters that use it do.
package remote

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode"
)

// OpenAI is where a server without a URL is.
const OpenAI = "https://api.openai.com/v1"

// A Server is a model server, with what it takes to be let in.
type Server struct {
	// URL is the address that paths such as /embeddings are added to; ""
	// means [OpenAI].
	URL string
	// Key may be empty for a server that asks for none.
	Key string
	// APIVersion is for classic Azure OpenAI, and marks a server as that.
	APIVersion string
}

// BaseURL is the server's URL without a slash at its end.
func (s Server) BaseURL() string {
	if s.URL == "" {
		return OpenAI
	}
	return strings.TrimRight(s.URL, "/")
}

// IsOpenAI reports whether the server is OpenAI's own.
func (s Server) IsOpenAI() bool { return s.hostname() == "api.openai.com" }

// IsAzure reports whether the server speaks the classic form of Azure OpenAI,
// where the path names a deployment and a key has a header of its own. Below
// /openai/v1 Azure speaks as OpenAI does.
func (s Server) IsAzure() bool {
	return !s.IsOpenAI() && !s.isV1() && (s.APIVersion != "" || s.atAzure())
}

// IsAzureV1 reports whether the server is Azure OpenAI, speaking as OpenAI does.
func (s Server) IsAzureV1() bool { return s.isV1() && s.atAzure() }

func (s Server) isV1() bool {
	u, err := url.Parse(s.BaseURL())
	return err == nil && (u.Path == "/openai/v1" || strings.HasPrefix(u.Path, "/openai/v1/"))
}

func (s Server) atAzure() bool {
	host := s.hostname()
	return strings.HasSuffix(host, ".openai.azure.com") || strings.HasSuffix(host, ".cognitiveservices.azure.com")
}

// Host is the server's host, with the port where it names one, for messages.
func (s Server) Host() string {
	if u, err := url.Parse(s.BaseURL()); err == nil && u.Host != "" {
		return u.Host // never the user information
	}
	return "an address that is no URL"
}

func (s Server) hostname() string {
	u, err := url.Parse(s.BaseURL())
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// isLocal reports whether the server is on this machine.
func (s Server) isLocal() bool {
	host := s.hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// A SettingError is a setting that cannot be meant, with its remedy. It never
// quotes a value that could be secret.
type SettingError struct{ Problem, Remedy string }

func (e *SettingError) Error() string { return e.Problem }

// Hint says what to do.
func (e *SettingError) Hint() string { return e.Remedy }

// Check fails, with a [SettingError], for settings that cannot work.
func (s Server) Check() error {
	if err := s.checkURL(); err != nil {
		return err
	}
	return s.checkKey()
}

func (s Server) checkURL() error {
	const example = "OPENAI_BASE_URL is like https://api.openai.com/v1 or http://localhost:11434/v1"
	wrong := func(format string, args ...any) error {
		return &SettingError{"OPENAI_BASE_URL " + fmt.Sprintf(format, args...), example}
	}
	u, err := url.Parse(s.BaseURL())
	switch {
	case err != nil || strings.ContainsFunc(s.URL, unicode.IsSpace):
		return wrong("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return wrong("does not begin with http:// or https://")
	case u.Hostname() == "":
		return wrong("names no host")
	case u.User != nil:
		return &SettingError{"OPENAI_BASE_URL holds a user name or password", "leave out what stands before the @; the key belongs in OPENAI_API_KEY"}
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return &SettingError{"OPENAI_BASE_URL has a query", "leave out what follows the ? or #; a key belongs in OPENAI_API_KEY, a version in OPENAI_API_VERSION"}
	}
	for _, call := range []string{"/chat/completions", "/embeddings"} {
		if strings.HasSuffix(u.Path, call) {
			return &SettingError{"OPENAI_BASE_URL is the address of one call", "leave out " + call + " at its end"}
		}
	}
	return nil
}

func (s Server) checkKey() error {
	for _, r := range s.Key {
		if r <= ' ' || r > '~' {
			return &SettingError{"OPENAI_API_KEY holds a space, a line break or another character that no key has", "copy the key again, without quotation marks or what stands around it"}
		}
	}
	if s.Key == "" && (s.IsOpenAI() || s.IsAzure()) {
		return &SettingError{fmt.Sprintf("OPENAI_API_KEY is not set, and %s asks for a key", s.Host()), "set OPENAI_API_KEY, or let OPENAI_BASE_URL name a server that needs none"}
	}
	return nil
}
