package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

type healthCommand struct {
	Ready  bool   `help:"Ask whether it can take questions, not only whether it lives."`
	Listen string `placeholder:"ADDR" help:"Where footnote serve listens. Default: FOOTNOTE_LISTEN, or 127.0.0.1:8787."`
}

func (healthCommand) Help() string {
	return `Asks the footnote serve on this machine how it is, for containers that have no
other program to ask with. The exit status is 0 if it is well.

Example:

    footnote health --ready`
}

func (c *healthCommand) Run(ctx context.Context, a *app) error {
	if err := readDotEnv(); err != nil {
		return err
	}
	address, err := nearby(firstOf(c.Listen, os.Getenv("FOOTNOTE_LISTEN"), defaultListen))
	if err != nil {
		return err
	}
	path := "/healthz"
	if c.Ready {
		path = "/readyz"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return err
	}
	direct := &http.Client{Transport: &http.Transport{}} // without a proxy
	response, err := direct.Do(request)
	if err != nil {
		return &hintedError{fmt.Errorf("footnote serve does not answer at %s", address), "start it, or name its address with --listen or FOOTNOTE_LISTEN"}
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, 1000))
	if err != nil {
		return fmt.Errorf("ask footnote serve at %s: %w", address, err)
	}
	if response.StatusCode != http.StatusOK {
		return errors.New("footnote serve: " + clean(strings.TrimSpace(string(said))))
	}
	_, err = fmt.Fprintln(a.out, clean(strings.TrimSpace(string(said))))
	return err
}

// nearby is where something that listens can be asked from the same machine.
func nearby(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", &hintedError{fmt.Errorf("%q is no address to listen on", listen), "write it as HOST:PORT, such as 127.0.0.1:8787"}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}
