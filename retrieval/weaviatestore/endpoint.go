package weaviatestore

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// rest is how long an endpoint that failed is asked only where no other
// answers: a node that is started again is back after some seconds. For one
// that fails time and again it doubles, up to mostRest, since whoever asks one
// that hangs waits for it.
const (
	rest     = 10 * time.Second
	mostRest = 2 * time.Minute
)

// An endpoint is the address of a node.
type endpoint struct {
	base string // the URL, without a slash at its end
	host string // for people

	mu       sync.Mutex
	until    time.Time // before which others are asked first
	failures int       // so far
	inARow   int       // of the failures
}

// A SettingError is a setting that cannot be meant, with its remedy. It quotes
// nothing that may be secret.
type SettingError struct{ problem, remedy string }

func (e *SettingError) Error() string { return e.problem }

// Hint says what to do.
func (e *SettingError) Hint() string { return e.remedy }

const urlHint = "WEAVIATE_URL is like http://weaviate-0:8080,http://weaviate-1:8080,http://weaviate-2:8080"

func parseEndpoint(text string) (*endpoint, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, &SettingError{"WEAVIATE_URL has an address that is empty", urlHint}
	case err != nil:
		return nil, &SettingError{"WEAVIATE_URL has an address that is no URL", urlHint}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &SettingError{"WEAVIATE_URL has an address that does not begin with http:// or https://", urlHint}
	case u.Hostname() == "":
		return nil, &SettingError{"WEAVIATE_URL has an address that names no host", urlHint}
	case u.User != nil:
		return nil, &SettingError{"WEAVIATE_URL holds a user name or password", "leave out what stands before the @; the key belongs in WEAVIATE_API_KEY"}
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, &SettingError{"WEAVIATE_URL has a query", "leave out what follows the ? or #; the key belongs in WEAVIATE_API_KEY"}
	}
	return &endpoint{base: strings.TrimSuffix(strings.TrimRight(text, "/"), "/v1"), host: u.Host}, nil
}

func checkKey(key string) error {
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &SettingError{"WEAVIATE_API_KEY holds a space, a line break or another character that no key has", "copy the key again, without quotation marks or what stands around it"}
	}
	return nil
}

func (e *endpoint) succeeded() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.until, e.inARow = time.Time{}, 0
}

func (e *endpoint) failed(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.until = now.Add(min(rest<<min(e.inARow, 10), mostRest))
	e.failures++
	e.inARow++
}

// failureCount is how often it failed so far: what was found out about an
// endpoint holds until it fails again.
func (e *endpoint) failureCount() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failures
}

func (e *endpoint) resting(now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return now.Before(e.until)
}

// order is that in which endpoints are tried: each process begins with another
// one, which spreads the load; those that failed lately come last.
func (c *client) order() []*endpoint {
	now := c.now()
	var well, unwell []*endpoint
	for i := range c.endpoints {
		e := c.endpoints[(c.first+i)%len(c.endpoints)]
		if e.resting(now) {
			unwell = append(unwell, e)
		} else {
			well = append(well, e)
		}
	}
	return slices.Concat(well, unwell)
}

// hosts names the endpoints for people.
func (c *client) hosts() string {
	var hosts []string
	for _, e := range c.endpoints {
		hosts = append(hosts, e.host)
	}
	return strings.Join(hosts, ", ")
}
