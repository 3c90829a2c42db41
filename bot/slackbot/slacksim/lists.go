package slacksim

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// maxPage is the most that a page of a list may hold (docs.slack.dev,
// "users.conversations method", "conversations.members method").
const maxPage = 999

// listTypes are the kinds of conversations by their names in lists.
var listTypes = map[string]ChannelKind{"public_channel": Public, "private_channel": Private, "im": IM, "mpim": MPIM}

// userConversations lists the conversations that a user is in: the bot's own,
// or those of another user that the bot can see (docs.slack.dev,
// "users.conversations method").
func userConversations(c *call) (reply, *apiError) {
	kinds, failure := c.kinds()
	if failure != nil {
		return nil, failure
	}
	u := c.ws.Bot
	if id := c.args["user"]; id != "" {
		if u = c.ws.users[id]; u == nil {
			return nil, fail("user_not_found")
		}
	}
	var found []string
	for _, ch := range c.ws.channelOrder {
		seen := ch.Kind == Public || ch.has(c.ws.Bot)
		if kinds[ch.Kind] && ch.has(u) && seen && !(ch.archived && c.bool("exclude_archived")) {
			found = append(found, ch.ID)
		}
	}
	found, next, failure := c.slice(found)
	if failure != nil {
		return nil, failure
	}
	all := []any{}
	for _, id := range found {
		j := c.ws.channels[id].json()
		delete(j, "is_member") // a list of one's own conversations does not say
		all = append(all, j)
	}
	return reply{"channels": all, "response_metadata": map[string]any{"next_cursor": next}}, nil
}

// kinds reads types, each of which needs a scope of its own.
func (c *call) kinds() (map[ChannelKind]bool, *apiError) {
	names := c.args["types"]
	setDefault(&names, "public_channel")
	kinds := map[ChannelKind]bool{}
	for name := range strings.SplitSeq(names, ",") {
		kind, ok := listTypes[strings.TrimSpace(name)]
		if !ok {
			return nil, fail("invalid_types")
		}
		if failure := c.token.need(kind.scope() + ":read"); failure != nil {
			return nil, failure
		}
		kinds[kind] = true
	}
	return kinds, nil
}

// conversationMembers lists who is in a conversation (docs.slack.dev,
// "conversations.members method").
func conversationMembers(c *call) (reply, *apiError) {
	if failure := c.require("channel"); failure != nil {
		return nil, failure
	}
	ch, failure := c.visible("channel", "read")
	if failure != nil {
		return nil, failure
	}
	members, next, failure := c.slice(slices.Clone(ch.members))
	if failure != nil {
		return nil, failure
	}
	return reply{"members": members, "response_metadata": map[string]any{"next_cursor": next}}, nil
}

// slice is the page of a list that the call asks for, and the cursor of the
// next one. The cursor names an entry: what came or went before it moves
// nothing.
func (c *call) slice(all []string) (page []string, next string, failure *apiError) {
	limit := 100
	if v := c.args["limit"]; v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxPage {
			return nil, "", fail("invalid_limit")
		}
		limit = n
	}
	if cursor := c.args["cursor"]; cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		i := slices.Index(all, strings.TrimPrefix(string(raw), "next:"))
		if err != nil || i < 0 {
			return nil, "", fail("invalid_cursor")
		}
		all = all[i:]
	}
	if len(all) <= limit {
		return all, "", nil
	}
	return all[:limit], base64.StdEncoding.EncodeToString([]byte("next:" + all[limit])), nil
}
