package slacksim

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// visible finds the channel of a call that reads it; kind is the scope's verb,
// history or read.
func (c *call) visible(name, verb string) (*Channel, *apiError) {
	ch := c.ws.channels[c.args[name]]
	if ch == nil || ch.Kind != Public && !ch.has(c.ws.Bot) {
		return nil, fail("channel_not_found")
	}
	return ch, c.token.need(ch.Kind.scope() + ":" + verb)
}

func history(c *call) (reply, *apiError) {
	if failure := c.require("channel"); failure != nil {
		return nil, failure
	}
	ch, failure := c.visible("channel", "history")
	switch {
	case failure != nil:
		return nil, failure
	case !ch.has(c.ws.Bot):
		return nil, fail("not_in_channel")
	}
	var found []*Message
	for _, m := range slices.Backward(ch.messages) {
		if (!m.Deleted || m.Tombstone) && (!m.IsReply() || m.Broadcast) {
			found = append(found, m)
		}
	}
	return c.page(ch, found, nil, 100)
}

func threadReplies(c *call) (reply, *apiError) {
	if failure := c.require("channel", "ts"); failure != nil {
		return nil, failure
	}
	ch, failure := c.visible("channel", "history")
	switch {
	case failure != nil:
		return nil, failure
	case !ch.has(c.ws.Bot):
		return nil, fail("not_in_channel")
	}
	root := ch.root(c.args["ts"])
	if root != nil && root.IsReply() {
		root = ch.root(root.ThreadTS)
	}
	if root == nil {
		return nil, fail("thread_not_found")
	}
	return c.page(ch, ch.replies(root.TS), root, 1000)
}

// page answers with one page of messages in the given order. A thread's parent
// stands first on every page, whatever the page and the range of time.
func (c *call) page(ch *Channel, all []*Message, root *Message, limit int) (reply, *apiError) {
	if v := c.args["limit"]; v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return nil, invalidArguments("must be a positive number [json-pointer:/limit]")
		}
		limit = min(n, maxPage)
	}
	all, failure := c.between(all)
	if failure != nil {
		return nil, failure
	}
	all, failure = c.resume(all)
	if failure != nil {
		return nil, failure
	}
	shown := []any{}
	if root != nil {
		shown = append(shown, ch.messageJSON(root, c.bool("include_all_metadata")))
		limit = max(limit-1, 1)
	}
	body := reply{"has_more": len(all) > limit, "response_metadata": map[string]any{"next_cursor": ""}}
	if len(all) > limit {
		next := base64.StdEncoding.EncodeToString([]byte("next_ts:" + all[limit].TS))
		body["response_metadata"] = map[string]any{"next_cursor": next}
		all = all[:limit]
	}
	for _, m := range all {
		shown = append(shown, ch.messageJSON(m, c.bool("include_all_metadata")))
	}
	body["messages"] = shown
	return body, nil
}

// between keeps the messages from oldest to latest.
func (c *call) between(all []*Message) ([]*Message, *apiError) {
	oldest, latest := c.args["oldest"], c.args["latest"]
	for name, v := range map[string]string{"oldest": oldest, "latest": latest} {
		if s, _ := splitTS(v); v != "" && s < 0 {
			return nil, fail("invalid_ts_" + name)
		}
	}
	edge := 1 // exclusive
	if c.bool("inclusive") {
		edge = 0
	}
	return slices.DeleteFunc(slices.Clone(all), func(m *Message) bool {
		return oldest != "" && compareTS(m.TS, oldest) < edge || latest != "" && compareTS(latest, m.TS) < edge
	}), nil
}

// resume keeps the messages from the cursor on.
func (c *call) resume(all []*Message) ([]*Message, *apiError) {
	cursor := c.args["cursor"]
	if cursor == "" {
		return all, nil
	}
	raw, err := base64.StdEncoding.DecodeString(cursor)
	ts, ok := strings.CutPrefix(string(raw), "next_ts:")
	if err != nil || !ok || !validTS(ts) {
		return nil, fail("invalid_cursor")
	}
	down := len(all) > 1 && compareTS(all[0].TS, all[1].TS) > 0
	i := slices.IndexFunc(all, func(m *Message) bool { // the message itself may be gone by now
		order := compareTS(m.TS, ts)
		return order == 0 || order < 0 == down
	})
	if i < 0 {
		return nil, nil
	}
	return all[i:], nil
}

func conversationInfo(c *call) (reply, *apiError) {
	if failure := c.require("channel"); failure != nil {
		return nil, failure
	}
	ch, failure := c.visible("channel", "read")
	if failure != nil {
		return nil, failure
	}
	j := ch.json()
	if c.bool("include_num_members") {
		j["num_members"] = len(ch.members)
	}
	return reply{"channel": j}, nil
}

func conversationOpen(c *call) (reply, *apiError) {
	if id := c.args["channel"]; id != "" {
		ch := c.ws.channels[id]
		switch {
		case ch == nil || !ch.has(c.ws.Bot):
			return nil, fail("channel_not_found")
		case ch.Kind != IM && ch.Kind != MPIM:
			return nil, fail("method_not_supported_for_channel_type")
		}
		return c.opened(ch, true)
	}
	if c.args["users"] == "" {
		return nil, fail("users_list_not_supplied")
	}
	ids := strings.Split(c.args["users"], ",")
	if len(ids) > 8 {
		return nil, fail("too_many_users")
	}
	var users []*User
	for _, id := range ids {
		u := c.ws.users[strings.TrimSpace(id)]
		switch {
		case u == nil:
			return nil, fail("user_not_found")
		case u.deactivated:
			return nil, fail("user_disabled")
		}
		users = append(users, u)
	}
	before := len(c.ws.channelOrder)
	ch := c.ws.group(users)
	return c.opened(ch, len(c.ws.channelOrder) == before)
}

// group returns the direct message with one or several users.
func (ws *Workspace) group(users []*User) *Channel {
	if len(users) == 1 {
		return ws.im(users[0])
	}
	for _, ch := range ws.channelOrder {
		if ch.Kind == MPIM && len(ch.members) == len(users)+1 && !slices.ContainsFunc(users, func(u *User) bool { return !ch.has(u) }) {
			return ch
		}
	}
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = u.Name
	}
	return ws.addChannel(ChannelSpec{Name: "mpdm-" + strings.Join(names, "--"), Kind: MPIM, Members: users})
}

func (c *call) opened(ch *Channel, already bool) (reply, *apiError) {
	if failure := c.token.need(ch.Kind.scope() + ":write"); failure != nil {
		return nil, failure
	}
	body := reply{"channel": map[string]any{"id": ch.ID}}
	if c.bool("return_im") {
		body["channel"] = ch.json()
	}
	if already {
		body["no_op"], body["already_open"] = true, true
	}
	return body, nil
}

func userInfo(c *call) (reply, *apiError) {
	u := c.ws.users[c.args["user"]]
	if u == nil {
		return nil, fail("user_not_found")
	}
	j := u.json()
	if c.bool("include_locale") {
		j["locale"] = u.Locale
	}
	return reply{"user": j}, nil
}

func teamInfo(c *call) (reply, *apiError) {
	t := c.ws.Team
	if id := c.args["team"]; id != "" && id != t.ID {
		return nil, fail("team_not_found")
	}
	return reply{"team": map[string]any{"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "", "icon": map[string]any{"image_default": true}}}, nil
}
