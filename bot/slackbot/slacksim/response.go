package slacksim

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// A response URL can be used five times in half an hour (docs.slack.dev,
// "Handling user interaction").
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

type responseURL struct {
	channel *Channel
	user    *User
	source  *Message // the message that was clicked in, if any
	expires time.Time
	used    int
}

// newResponseURL gives out a response_url; the caller holds mu.
func (ws *Workspace) newResponseURL(ch *Channel, u *User, source *Message) string {
	id := ws.newID("response-")
	ws.responses[id] = &responseURL{channel: ch, user: u, source: source, expires: ws.clock.Now().Add(responseLife)}
	return ws.base + "/respond/" + id
}

func (ws *Workspace) serveResponse(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	u := ws.responses[r.PathValue("id")]
	code := ""
	switch fault := ws.fault("response_url"); {
	case fault != nil && fault.Kind == APIError:
		code = fault.Code
	case u == nil || ws.clock.Now().After(u.expires):
		code = "expired_url"
	case u.used >= responseUses:
		code = "used_url"
	}
	if code != "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(mustJSON(fail(code).body()))
		return
	}
	u.used++
	ws.record(&call{method: "response_url", args: map[string]string{"body": string(body)}})
	if err := ws.respond(u.channel, u.user, u.source, body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, _ = io.WriteString(w, "ok")
}

// respond does what the app says to a response URL or in its answer to a
// command (docs.slack.dev, "Handling user interaction"); the caller holds mu.
func (ws *Workspace) respond(ch *Channel, u *User, source *Message, body []byte) error {
	args := map[string]string{}
	if failure := addJSON(args, body); failure != nil {
		return fmt.Errorf("invalid_payload: %w", failure)
	}
	delete(args, "metadata") // clients send an empty one; it is not taken here
	c := &call{ws: ws, method: "response_url", args: args}
	if source != nil && source.Deleted {
		source = nil // there is nothing to replace: a new message
	}
	if c.bool("delete_original") && source != nil {
		ws.unsay(ch, source)
		return nil
	}
	say, failure := c.content(maxPost)
	switch {
	case failure != nil:
		return failure
	case say.empty():
		if len(args) == 0 {
			return nil
		}
		return fail("no_text")
	}
	switch {
	case c.bool("replace_original") && source != nil:
		before := source.clone()
		source.apply(say)
		ws.resaid(ch, source, before)
	case args["response_type"] == "in_channel":
		m := ws.botMessage(say)
		m.ThreadTS = args["thread_ts"]
		m.UnfurlLinks, m.UnfurlMedia = c.flag("unfurl_links"), c.flag("unfurl_media")
		ws.post(ch, m)
	default:
		ws.ephemeral(ch, u, say, args["thread_ts"])
	}
	return nil
}

// unsay deletes a message; of one that a single person saw nobody hears.
func (ws *Workspace) unsay(ch *Channel, m *Message) {
	if m.EphemeralTo == "" {
		ws.delete(ch, m)
		return
	}
	m.Deleted = true
	ws.touch()
}

// resaid notes that a message was replaced.
func (ws *Workspace) resaid(ch *Channel, m, before *Message) {
	if m.EphemeralTo == "" {
		ws.edited(ch, m, before, ws.Bot)
		return
	}
	m.Edits++
	ws.touch()
}
