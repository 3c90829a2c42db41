package slacksim

import (
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// A File is something that a person shared.
type File struct {
	ID       string
	Name     string
	Mimetype string // empty is text/plain
	Content  []byte
	User     string

	created int64
}

// fileInfo answers files.info (docs.slack.dev, "files.info method").
func fileInfo(c *call) (reply, *apiError) {
	if failure := c.require("file"); failure != nil {
		return nil, failure
	}
	f := c.ws.files[c.args["file"]]
	if f == nil {
		return nil, fail("file_not_found")
	}
	return reply{"file": c.ws.fileJSON(f)}, nil
}

func (ws *Workspace) fileJSON(f *File) map[string]any {
	private := ws.base + "/files-pri/" + f.ID + "/" + f.Name
	return map[string]any{
		"id": f.ID, "created": f.created, "timestamp": f.created, "name": f.Name, "title": f.Name,
		"mimetype": f.Mimetype, "filetype": strings.TrimPrefix(path.Ext(f.Name), "."), "pretty_type": "File",
		"user": f.User, "mode": "hosted", "size": len(f.Content), "is_external": false, "is_public": false,
		"url_private": private, "url_private_download": private + "?download=1",
	}
}

// filesJSON shows a message's files. In Slack Connect channels an event only
// names them, and files.info must be asked (docs.slack.dev, "Slack Connect").
func (ch *Channel) filesJSON(files []*File) []any {
	var all []any
	for _, f := range files {
		if len(ch.SharedWith) > 0 {
			all = append(all, map[string]any{"id": f.ID, "mode": "file_access", "file_access": "check_file_info", "created": f.created, "timestamp": f.created})
			continue
		}
		all = append(all, ch.ws.fileJSON(f))
	}
	return all
}

// serveFile serves a private file to a token with files:read; others are sent
// to the sign-in page, with status 200 at the end, as Slack does.
func (ws *Workspace) serveFile(w http.ResponseWriter, r *http.Request) {
	value := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	ws.mu.Lock()
	f := ws.files[r.PathValue("id")]
	t, failure := ws.authenticate(value, botToken)
	if failure == nil {
		failure = t.need("files:read")
	}
	ws.mu.Unlock()
	switch {
	case failure != nil:
		http.Redirect(w, r, "/?redir="+url.QueryEscape(r.URL.Path), http.StatusFound)
	case f == nil:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", f.Mimetype)
		w.Header().Set("Content-Length", strconv.Itoa(len(f.Content)))
		_, _ = w.Write(f.Content)
	}
}

func serveSignIn(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!DOCTYPE html><title>Sign in | Slack</title>"))
}
