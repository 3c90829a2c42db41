package slacksim

import (
	"net/http"
	"net/url"
	"path"
	"slices"
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
	// Deleted files leave a tombstone where they were shared.
	Deleted bool

	created  int64
	channels []*Channel // where it was shared
}

// share gives a file its identity; the caller holds mu.
func (ws *Workspace) share(ch *Channel, u *User, f *File) {
	f.ID, f.User, f.created = ws.newID("F"), u.ID, ws.clock.Now().Unix()
	setDefault(&f.Mimetype, "text/plain")
	f.channels = append(f.channels, ch)
	ws.files[f.ID] = f
}

// emitShared tells of a file (docs.slack.dev, "file_shared event").
func (ws *Workspace) emitShared(ch *Channel, u *User, f *File, ts string) {
	if !ch.has(ws.Bot) {
		return
	}
	ws.emit("file_shared", []string{"files:read"}, ch, map[string]any{
		"type": "file_shared", "file_id": f.ID, "user_id": u.ID, "file": map[string]any{"id": f.ID},
		"channel_id": ch.ID, "event_ts": ts,
	})
}

// DeleteFile deletes a file, as the one who shared it may: the app hears
// file_deleted, which only names it (docs.slack.dev, "file_deleted event"), and
// the messages that held it change without being edited.
func (u *User) DeleteFile(id string) {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	f := ws.files[id]
	if f == nil || f.Deleted {
		return
	}
	var before []*Message
	for _, ch := range f.channels {
		for _, m := range ch.messages {
			if !m.Deleted && slices.Contains(m.Files, f) {
				before = append(before, m.clone())
			}
		}
	}
	visible, ids := ws.sees(f), f.channelIDs()
	f.Deleted, f.Content = true, nil
	if visible {
		ws.emit("file_deleted", []string{"files:read"}, f.channels[0], map[string]any{
			"type": "file_deleted", "file_id": id, "channel_ids": ids, "event_ts": f.channels[0].nextTS(),
		})
	}
	for _, was := range before {
		ch := ws.channels[was.Channel]
		ws.emitChanged(ch, ch.at(was.TS), was)
	}
	ws.touch()
}

// sees reports whether the bot is where the file was shared (docs.slack.dev,
// "files:read scope").
func (ws *Workspace) sees(f *File) bool {
	return slices.ContainsFunc(f.channels, func(ch *Channel) bool { return ch.has(ws.Bot) })
}

func (f *File) channelIDs() []string {
	ids := []string{}
	for _, ch := range f.channels {
		ids = append(ids, ch.ID)
	}
	return ids
}

// fileInfo answers files.info (docs.slack.dev, "files.info method").
func fileInfo(c *call) (reply, *apiError) {
	if failure := c.require("file"); failure != nil {
		return nil, failure
	}
	f := c.ws.files[c.args["file"]]
	switch {
	case f == nil || !c.ws.sees(f):
		return nil, fail("file_not_found")
	case f.Deleted:
		return nil, fail("file_deleted")
	}
	return reply{"file": c.ws.fileJSON(f)}, nil
}

func (ws *Workspace) fileJSON(f *File) map[string]any {
	if f.Deleted {
		return map[string]any{"id": f.ID, "mode": "tombstone"}
	}
	private := ws.base + "/files-pri/" + f.ID + "/" + f.Name
	return map[string]any{
		"id": f.ID, "created": f.created, "timestamp": f.created, "name": f.Name, "title": f.Name,
		"mimetype": f.Mimetype, "filetype": strings.TrimPrefix(path.Ext(f.Name), "."), "pretty_type": "File",
		"user": f.User, "mode": "hosted", "size": len(f.Content), "is_external": false, "is_public": false,
		"url_private": private, "url_private_download": private + "?download=1",
		"channels": f.sharedIn(Public), "groups": f.sharedIn(Private, MPIM), "ims": f.sharedIn(IM),
	}
}

// sharedIn lists where a file is, by kind, as a file object does.
func (f *File) sharedIn(kinds ...ChannelKind) []string {
	ids := []string{}
	for _, ch := range f.channels {
		if slices.Contains(kinds, ch.Kind) {
			ids = append(ids, ch.ID)
		}
	}
	return ids
}

// filesJSON shows a message's files. In Slack Connect channels an event only
// names them, and files.info must be asked (docs.slack.dev, "Slack Connect").
func (ch *Channel) filesJSON(files []*File) []any {
	var all []any
	for _, f := range files {
		if len(ch.SharedWith) > 0 && !f.Deleted {
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
	fault := ws.fault(Download)
	f := ws.files[r.PathValue("id")]
	t, failure := ws.authenticate(value, botToken)
	if failure == nil {
		failure = t.need("files:read")
	}
	var content []byte
	if f != nil && !f.Deleted && ws.sees(f) {
		content = f.Content
	} else {
		f = nil
	}
	ws.mu.Unlock()
	switch {
	case failure != nil:
		http.Redirect(w, r, "/?redir="+url.QueryEscape(r.URL.Path), http.StatusFound)
	case f == nil:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", f.Mimetype)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		ws.sendFile(w, r, content, fault)
	}
}

// sendFile writes a file, unless a fault strikes: Slow pauses halfway, and
// Malformed breaks off there.
func (ws *Workspace) sendFile(w http.ResponseWriter, r *http.Request, content []byte, f *Fault) {
	half := len(content) / 2
	switch {
	case f == nil:
		half = len(content)
	case f.Kind == Slow || f.Kind == Malformed:
	default:
		w.Header().Del("Content-Length")
		ws.strike(w, r, f, nil)
		return
	}
	_, _ = w.Write(content[:half]) // a client that went away is its own business
	if f == nil {
		return
	}
	_ = http.NewResponseController(w).Flush()
	if f.Kind == Malformed {
		panic(http.ErrAbortHandler)
	}
	ws.slow(r, f.Delay)
	_, _ = w.Write(content[half:])
}

func serveSignIn(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!DOCTYPE html><title>Sign in | Slack</title>"))
}
