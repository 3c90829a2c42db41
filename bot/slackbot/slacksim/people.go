package slacksim

import (
	"fmt"
	"slices"
	"time"
)

// A UserKind says what somebody is to the workspace.
type UserKind int

// The kinds of users.
const (
	Member      UserKind = iota
	Guest                // multi-channel guest: is_restricted
	SingleGuest          // single-channel guest: is_ultra_restricted
	Bot                  // another app's bot user
	Stranger             // somebody of another workspace, met through Slack Connect
)

// A UserSpec describes a user to add.
type UserSpec struct {
	Name     string // as in a mention; unique
	RealName string // empty is Name
	Kind     UserKind
	// TeamID is the workspace of a Stranger; empty is T999999999.
	TeamID string
	Locale string // empty is en-US
}

// A User is somebody in the workspace. Its fields do not change; its methods
// act as that person would.
type User struct {
	ID, Name, RealName string
	Kind               UserKind
	TeamID             string
	// BotID is set for bots.
	BotID  string
	Locale string

	ws          *Workspace
	deactivated bool
	home        *View
	modals      []*View // the open stack, root first
}

// AddUser adds a person or a bot.
func (ws *Workspace) AddUser(spec UserSpec) *User {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	u := &User{ID: ws.newID("U"), Name: spec.Name, RealName: spec.RealName, Kind: spec.Kind, TeamID: ws.Team.ID, Locale: spec.Locale, ws: ws}
	setDefault(&u.RealName, u.Name)
	setDefault(&u.Locale, "en-US")
	if u.Kind == Stranger {
		u.TeamID = spec.TeamID
		setDefault(&u.TeamID, "T999999999")
	}
	if u.Kind == Bot && ws.Bot != nil {
		ws.ids["B"] = max(ws.ids["B"], 1) // B000000001 is the app's own
		u.BotID = ws.newID("B")
	}
	ws.users[u.ID] = u
	return u
}

// Deactivate ends the user's account.
func (u *User) Deactivate() {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	u.deactivated = true
}

// Mention is the user's mention as it stands in a message's text.
func (u *User) Mention() string { return "<@" + u.ID + ">" }

// json is a user as users.info shows it.
func (u *User) json() map[string]any {
	return map[string]any{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "real_name": u.RealName,
		"deleted": u.deactivated, "is_bot": u.Kind == Bot, "is_app_user": false,
		"is_restricted":       u.Kind == Guest || u.Kind == SingleGuest,
		"is_ultra_restricted": u.Kind == SingleGuest,
		"is_stranger":         u.Kind == Stranger,
		"tz":                  "Etc/UTC", "tz_label": "UTC", "tz_offset": 0,
		"profile": map[string]any{"real_name": u.RealName, "display_name": u.Name, "team": u.TeamID},
	}
}

// A ChannelKind says what a conversation is.
type ChannelKind int

// The kinds of conversations.
const (
	Public ChannelKind = iota
	Private
	IM
	MPIM
)

// channelType is the name that message events use.
func (k ChannelKind) channelType() string {
	return [...]string{"channel", "group", "im", "mpim"}[k]
}

// scope is the name of the kind in OAuth scopes: channels:history.
func (k ChannelKind) scope() string {
	return [...]string{"channels", "groups", "im", "mpim"}[k]
}

// A ChannelSpec describes a conversation to add.
type ChannelSpec struct {
	Name    string
	Kind    ChannelKind
	Members []*User
	// WithoutBot leaves the app's bot out.
	WithoutBot bool
	Archived   bool
	// SharedWith are the other workspaces of a Slack Connect channel.
	SharedWith []string
}

// A Channel is a conversation: a channel, a direct message or a group of them.
// Its fields do not change.
type Channel struct {
	ID, Name   string
	Kind       ChannelKind
	SharedWith []string

	ws         *Workspace
	archived   bool
	members    []string
	last       int64 // microseconds of the last timestamp given out
	messages   []*Message
	ephemerals []*Message
	notes      []note // status changes and the like, for the transcript
	created    time.Time
}

// AddChannel adds a conversation; the bot is in it unless the spec says not.
func (ws *Workspace) AddChannel(spec ChannelSpec) *Channel {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.addChannel(spec)
}

func (ws *Workspace) addChannel(spec ChannelSpec) *Channel {
	prefix := [...]string{"C", "C", "D", "C"}[spec.Kind]
	ch := &Channel{ID: ws.newID(prefix), Name: spec.Name, Kind: spec.Kind, SharedWith: spec.SharedWith,
		ws: ws, archived: spec.Archived, created: ws.clock.Now()}
	if !spec.WithoutBot {
		ch.join(ws.Bot)
	}
	for _, u := range spec.Members {
		ch.join(u)
	}
	ws.channels[ch.ID] = ch
	ws.channelOrder = append(ws.channelOrder, ch)
	return ch
}

// Channel returns the conversation of that name or ID, or nil.
func (ws *Workspace) Channel(name string) *Channel {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, ch := range ws.channelOrder {
		if ch.Name == name || ch.ID == name {
			return ch
		}
	}
	return nil
}

// DM returns the direct-message conversation of u and the app's bot.
func (ws *Workspace) DM(u *User) *Channel {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.im(u)
}

func (ws *Workspace) im(u *User) *Channel {
	for _, ch := range ws.channelOrder {
		if ch.Kind == IM && ch.has(u) && ch.has(ws.Bot) {
			return ch
		}
	}
	return ws.addChannel(ChannelSpec{Name: u.Name, Kind: IM, Members: []*User{u}})
}

// Invite adds u, which the app hears as member_joined_channel.
func (ch *Channel) Invite(u *User) {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	if ch.has(u) {
		return
	}
	ch.join(u)
	ch.ws.emitJoin(ch, u)
}

// Remove takes u out of the conversation.
func (ch *Channel) Remove(u *User) {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	ch.members = slices.DeleteFunc(ch.members, func(id string) bool { return id == u.ID })
}

// Archive closes the channel for new messages.
func (ch *Channel) Archive() {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	ch.archived = true
}

func (ch *Channel) join(u *User) {
	if !ch.has(u) {
		ch.members = append(ch.members, u.ID)
	}
}

func (ch *Channel) has(u *User) bool { return slices.Contains(ch.members, u.ID) }

// nextTS gives out a message timestamp: seconds and microseconds, unique and
// rising in the channel, equal in two channels when they fall together.
func (ch *Channel) nextTS() string {
	ch.last = max(ch.ws.clock.Now().UnixMicro(), ch.last+1)
	return fmt.Sprintf("%d.%06d", ch.last/1e6, ch.last%1e6)
}

// json is a conversation as conversations.info shows it.
func (ch *Channel) json() map[string]any {
	c := map[string]any{
		"id": ch.ID, "created": ch.created.Unix(), "is_archived": ch.archived,
		"is_channel": ch.Kind == Public || ch.Kind == Private, "is_group": ch.Kind == Private,
		"is_im": ch.Kind == IM, "is_mpim": ch.Kind == MPIM, "is_private": ch.Kind != Public,
		"is_member": ch.has(ch.ws.Bot), "is_shared": len(ch.SharedWith) > 0,
		"is_ext_shared": len(ch.SharedWith) > 0, "is_org_shared": false, "context_team_id": ch.ws.Team.ID,
	}
	if ch.Kind == IM { // it says little else
		c["user"] = ch.partner()
		for _, k := range []string{"is_channel", "is_group", "is_mpim", "is_private", "is_member", "is_shared", "is_ext_shared"} {
			delete(c, k)
		}
		return c
	}
	c["name"], c["name_normalized"] = ch.Name, ch.Name
	if len(ch.SharedWith) > 0 {
		c["shared_team_ids"] = append([]string{ch.ws.Team.ID}, ch.SharedWith...)
		c["connected_team_ids"] = ch.SharedWith
	}
	return c
}

// partner is the other person of a direct message.
func (ch *Channel) partner() string {
	for _, id := range ch.members {
		if id != ch.ws.Bot.ID {
			return id
		}
	}
	return ch.ws.Bot.ID
}
