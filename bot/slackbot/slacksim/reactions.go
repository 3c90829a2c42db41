package slacksim

import (
	"slices"
	"strings"
)

// reacted finds the message and the emoji of a reaction call.
func (c *call) reacted() (*Channel, *Message, string, *apiError) {
	name := strings.Trim(c.args["name"], ":")
	ts := c.args["timestamp"]
	ch := c.ws.channels[c.args["channel"]]
	switch {
	case c.args["channel"] == "" || ts == "":
		return nil, nil, "", fail("no_item_specified")
	case ch == nil || !ch.has(c.ws.Bot):
		return nil, nil, "", fail("channel_not_found")
	case !validTS(ts):
		return nil, nil, "", fail("bad_timestamp")
	case name == "" || strings.ContainsAny(name, " :"):
		return nil, nil, "", fail("invalid_name")
	case ch.archived:
		return nil, nil, "", fail("is_archived")
	}
	m := ch.find(ts)
	if m == nil {
		return nil, nil, "", fail("message_not_found")
	}
	return ch, m, name, nil
}

func addReaction(c *call) (reply, *apiError) {
	ch, m, name, failure := c.reacted()
	if failure != nil {
		return nil, failure
	}
	if !c.ws.react(ch, m, c.ws.Bot, name) {
		return nil, fail("already_reacted")
	}
	return nil, nil
}

func removeReaction(c *call) (reply, *apiError) {
	ch, m, name, failure := c.reacted()
	if failure != nil {
		return nil, failure
	}
	if !c.ws.unreact(ch, m, c.ws.Bot, name) {
		return nil, fail("no_reaction")
	}
	return nil, nil
}

// react reports whether the reaction is new.
func (ws *Workspace) react(ch *Channel, m *Message, u *User, name string) bool {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 {
		i = len(m.Reactions)
		m.Reactions = append(m.Reactions, Reaction{Name: name})
	}
	if slices.Contains(m.Reactions[i].Users, u.ID) {
		return false
	}
	m.Reactions[i].Users = append(m.Reactions[i].Users, u.ID)
	ws.emitReaction("reaction_added", ch, m, u, name)
	ws.touch()
	return true
}

// unreact reports whether there was such a reaction.
func (ws *Workspace) unreact(ch *Channel, m *Message, u *User, name string) bool {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name && slices.Contains(r.Users, u.ID) })
	if i < 0 {
		return false
	}
	r := &m.Reactions[i]
	r.Users = slices.DeleteFunc(slices.Clone(r.Users), func(id string) bool { return id == u.ID })
	if len(r.Users) == 0 {
		m.Reactions = slices.Delete(m.Reactions, i, i+1)
	}
	ws.emitReaction("reaction_removed", ch, m, u, name)
	ws.touch()
	return true
}
