package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// A refusal is an address that is not fetched from, whatever copy there is.
type refusal struct{ problem, hint string }

func (e *refusal) Error() string { return e.problem }

// maxRedirects is how often an address may point to another.
const maxRedirects = 5

// client fetches from allowed hosts at public addresses. The address is judged
// when the connection is made, after the name was resolved, so that a name that
// points to another address the second time gains nothing. There is no proxy,
// which would resolve the name itself.
func (o Options) client() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if !o.Private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return judge(address) }
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig:        o.TLS,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  o.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		DisableKeepAlives:      true,
	}
	return &http.Client{Transport: transport, Timeout: o.Timeout, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return &refusal{fmt.Sprintf("it points on more than %d times", maxRedirects), "name the address where it ends"}
		}
		return o.allowed(req.URL)
	}}
}

// allowed says why an address may not be fetched; nil if it may.
func (o Options) allowed(u *url.URL) error {
	host := hostOf(u)
	plain := u.Scheme == "http"
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return &refusal{"it is no address of a page", "an address is https://HOST/PATH"}
	case u.User != nil:
		return &refusal{"it holds a name or a password", "leave that out: documents are fetched without signing in"}
	}
	secure := false
	for _, entry := range o.Hosts {
		e, err := url.Parse(strings.TrimSpace(entry))
		if err != nil || e.Host == "" {
			e = &url.URL{Scheme: "https", Host: strings.TrimSpace(entry)}
		}
		if hostOf(e) != host && !(plain && e.Scheme == "https" && e.Hostname() == u.Hostname()) {
			continue
		}
		if !plain || e.Scheme == "http" {
			return nil
		}
		secure = true
	}
	if secure {
		return &refusal{fmt.Sprintf("%s is allowed by https alone", host), "name it with https, or allow http too: FOOTNOTE_URL_HOSTS=http://" + host}
	}
	setting := host
	if plain {
		setting = "http://" + host
	}
	return &refusal{fmt.Sprintf("%s is not among the hosts that documents may be fetched from", host), "if you trust it, allow it: FOOTNOTE_URL_HOSTS=" + setting}
}

// hostOf is the host of an address, with the port where it is not the usual one.
func hostOf(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	usual := map[string]string{"http": "80", "https": "443"}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != usual[u.Scheme] {
		return host + ":" + port
	}
	return host
}

// judge refuses to connect to an address that is not public.
func judge(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	if public(at.Addr()) {
		return nil
	}
	return &refusal{fmt.Sprintf("its host has the address %s, which is not public", at.Addr()), "documents of this machine and its network are read as files; copy them into a folder and name that"}
}

// public reports whether an address is one of the Internet's: none of this
// machine, of a private network, of a cloud's metadata, or set apart for other
// uses (IANA's registries of special-purpose addresses).
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	if a.Is6() && !global6.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsValid()
}

var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	global6 = netip.MustParsePrefix("2000::/3")
	special = prefixes("0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 " +
		"192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20 " +
		"168.63.129.16/32") // the last one is Azure's own
)

func prefixes(list string) []netip.Prefix {
	var all []netip.Prefix
	for p := range strings.FieldsSeq(list) {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}

// refused is the refusal among the reasons of an error.
func refused(err error) (*refusal, bool) { return errors.AsType[*refusal](err) }
