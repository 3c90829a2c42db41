package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/slack-go/slack"
)

// A file is what a message says of a file that came with it. In Slack Connect
// it may be no more than its id (docs.slack.dev, "Slack Connect").
type file struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Size int64  `json:"size,omitempty"`
	// Mode is "hosted", "snippet", "external", … or "tombstone" once deleted.
	Mode   string `json:"mode,omitempty"`
	Access string `json:"file_access,omitempty"`
}

// files are those of a message. What cannot be read of them is no reason to
// lose the question beside them.
type files []file

// UnmarshalJSON never fails.
func (f *files) UnmarshalJSON(b []byte) error {
	var all []json.RawMessage
	_ = json.Unmarshal(b, &all)
	*f = nil
	for _, one := range all {
		var read file
		if json.Unmarshal(one, &read) == nil && read.ID != "" {
			*f = append(*f, read)
		}
	}
	return nil
}

const (
	tombstone = "tombstone"
	// mostFiles is how many of a message's files are looked at; people can
	// attach ten.
	mostFiles   = 20
	maxFileName = 200 // characters
)

// handedIn are the files that a message brings, as they are kept with it.
func (m *incoming) handedIn() files {
	var kept files
	for _, f := range m.Files {
		if f.Mode != tombstone && len(kept) < mostFiles {
			f.Name = shorten(oneLine(f.Name), maxFileName)
			kept = append(kept, f)
		}
	}
	return kept
}

// The troubles that come before a file's content is there.
const (
	troubleGone     Trouble = "gone"
	troubleRefused  Trouble = "refused"
	troubleExternal Trouble = "external"
	troubleBroken   Trouble = "broken"
	troubleCrowded  Trouble = "crowded" // its place has as many as it can have
)

// errSignIn is for a download that ends at a page rather than at the file, which
// is how Slack refuses it (docs.slack.dev, "files:read scope").
var errSignIn = errors.New("a sign-in page instead of the file")

// infoOf asks Slack about a file: an event may say too little of it, and its
// addresses change.
func (b *Bot) infoOf(ctx context.Context, id string) (info *slack.File, why Trouble, err error) {
	for try := 1; ; try++ {
		err = b.web.call(ctx, "files.info", "", func(ctx context.Context) (err error) {
			info, _, _, err = b.web.api.GetFileInfoContext(ctx, id, 0, 0)
			return err
		})
		if err == nil || !uncertain(err) || try == tries {
			break
		}
		if err := sleep(ctx, pause(try)); err != nil {
			return nil, "", err
		}
	}
	switch reason := code(err); {
	case err == nil && info == nil:
		return nil, troubleBroken, nil
	case err == nil:
		return info, troubleOf(info, b.options.MaxFile), nil
	case ctx.Err() != nil:
		return nil, "", err
	case reason == "missing_scope":
		b.log.ErrorContext(ctx, "a file that was handed in may not be read", "error", err, "hint", "footnote doctor says which scope is missing")
		return nil, troubleRefused, nil
	case reason == "file_not_found", reason == "file_deleted":
		return nil, troubleGone, nil
	case reason != "" && !uncertain(err):
		b.log.WarnContext(ctx, "Slack refuses a file that was handed in", "error", err)
		return nil, troubleRefused, nil
	}
	b.log.WarnContext(ctx, "nothing could be found out about a file that was handed in", "error", err)
	return nil, troubleBroken, nil
}

// troubleOf is why a file need not be downloaded.
func troubleOf(info *slack.File, most int) Trouble {
	kind, _, _ := strings.Cut(info.Mimetype, "/")
	switch {
	case info.Mode == tombstone, info.Mode == "hidden_by_limit":
		return troubleGone
	case info.IsExternal, info.Mode == "external":
		return troubleExternal
	case kind == "image", kind == "video", kind == "audio", info.Filetype == "quip", info.Filetype == "canvas":
		return TroubleFormat
	case info.Size > most:
		return TroubleTooLarge
	}
	return ""
}

// fileContent downloads a file. What goes wrong on the way is tried again.
func (b *Bot) fileContent(ctx context.Context, info *slack.File) (content []byte, why Trouble, err error) {
	address := orElse(info.URLPrivateDownload, info.URLPrivate)
	for try := 1; ; try++ {
		content, err = b.download(ctx, address)
		b.metrics.called("download", err)
		switch {
		case err == nil && len(content) > b.options.MaxFile:
			return nil, TroubleTooLarge, nil
		case err == nil && len(content) == 0:
			return nil, TroubleEmpty, nil
		case err == nil:
			return content, "", nil
		case ctx.Err() != nil:
			return nil, "", context.Cause(ctx)
		}
		status, refused := errors.AsType[statusError](err)
		switch {
		case errors.Is(err, errSignIn), refused && (status == http.StatusForbidden || status == http.StatusUnauthorized):
			b.log.ErrorContext(ctx, "a file that was handed in may not be read", "error", err, "hint", "footnote doctor says which scope is missing")
			return nil, troubleRefused, nil
		case refused && (status == http.StatusNotFound || status == http.StatusGone):
			return nil, troubleGone, nil
		case errors.Is(err, errElsewhere), refused && status < 500 && status != http.StatusTooManyRequests, try == tries:
			b.log.WarnContext(ctx, "a file that was handed in could not be downloaded", "error", err)
			return nil, troubleBroken, nil
		}
		if err := sleep(ctx, pause(try)); err != nil {
			return nil, "", err
		}
	}
}

// errElsewhere is for an address that is not Slack's: it gets no token.
var errElsewhere = errors.New("the file's address is not Slack's")

// A statusError is an HTTP status other than 200.
type statusError int

func (s statusError) Error() string {
	return fmt.Sprintf("the download answers with status %d", int(s))
}

// download fetches what is at an address of Slack's, up to one byte more than
// may be. Errors do not name the address.
func (b *Bot) download(ctx context.Context, address string) ([]byte, error) {
	at, err := url.Parse(address)
	if err != nil || !b.isSlacks(at) {
		return nil, errElsewhere
	}
	ctx, cancel := context.WithTimeout(ctx, b.options.DownloadTimeout)
	defer cancel()
	ctx, token, giveBack, err := b.web.lend(ctx)
	if err != nil {
		return nil, err
	}
	defer giveBack()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, errElsewhere
	}
	request.Header.Set("Authorization", "Bearer "+token)
	client := *b.options.HTTPClient
	client.Timeout = 0
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) > 3 || next.URL.Host != at.Host || next.URL.Scheme != at.Scheme {
			return errSignIn
		}
		return nil
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, withoutAddress(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, statusError(response.StatusCode)
	}
	// A file of HTML is sent as an attachment, the sign-in page is not; where
	// the download was redirected to a page, it is that.
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	redirected := response.Request.URL.Path != at.Path
	if kind == "text/html" && (redirected || response.Header.Get("Content-Disposition") == "") {
		return nil, errSignIn
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, int64(b.options.MaxFile)+1))
	if err != nil {
		return nil, fmt.Errorf("the download broke off: %w", withoutAddress(err))
	}
	return content, nil
}

// isSlacks reports whether the bot's token may be sent to an address: to Slack's
// hosts, or where its Web API is said to be.
func (b *Bot) isSlacks(at *url.URL) bool {
	if at.User != nil {
		return false
	}
	if api, err := url.Parse(b.options.APIURL); err == nil && api.Host != "" && at.Host == api.Host && at.Scheme == api.Scheme {
		return true
	}
	host := strings.ToLower(at.Host) // with a port it is none of Slack's
	return at.Scheme == "https" && (strings.HasSuffix(host, ".slack.com") || strings.HasSuffix(host, ".slack-gov.com"))
}

// withoutAddress is a client's error without the address, which may hold a name
// that people gave a file.
func withoutAddress(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
