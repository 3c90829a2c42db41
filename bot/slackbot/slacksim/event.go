package slacksim

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// emit sends an event to the app if it subscribed to it and its token has one
// of the scopes; the caller holds mu. name is as in a manifest.
func (ws *Workspace) emit(name string, scopes []string, ch *Channel, event map[string]any) {
	t := ws.tokens[ws.opts.BotToken]
	if !ws.subscribed(name) || ws.uninstalled || t.need(scopes...) != nil {
		return
	}
	ws.dispatch(ch, event)
}

func (ws *Workspace) subscribed(name string) bool {
	return ws.opts.Events == nil || slices.Contains(ws.opts.Events, name)
}

// dispatch wraps an event as Slack does and sends it; the caller holds mu.
func (ws *Workspace) dispatch(ch *Channel, event map[string]any) {
	d := &Delivery{Kind: "events_api", EventID: ws.newID("Ev"), retry: true}
	d.EventType, _ = event["type"].(string)
	d.TS, _ = event["ts"].(string)
	outer := map[string]any{
		"token": "verification-token-unused", "team_id": ws.Team.ID, "api_app_id": ws.AppID, "event": event,
		"type": "event_callback", "event_id": d.EventID, "event_time": ws.clock.Now().Unix(),
		"authorizations": []any{map[string]any{
			"enterprise_id": nil, "team_id": ws.Team.ID, "user_id": ws.Bot.ID, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": ch != nil && len(ch.SharedWith) > 0,
		"context_team_id":       ws.Team.ID, "context_enterprise_id": nil,
	}
	channel := ""
	if ch != nil {
		d.Channel, channel = ch.ID, ch.ID
	}
	outer["event_context"] = "4-" + base64.RawStdEncoding.EncodeToString(
		fmt.Appendf(nil, `{"et":%q,"tid":%q,"aid":%q,"cid":%q}`, d.EventType, ws.Team.ID, ws.AppID, channel))
	d.Payload = mustJSON(outer)
	ws.deliver(d)
}

// emitMessage tells of a new message, and of a mention with the same
// timestamp; in direct messages there is no app_mention (docs.slack.dev,
// "app_mention event").
func (ws *Workspace) emitMessage(ch *Channel, m *Message) {
	if !ch.has(ws.Bot) {
		return
	}
	event := ch.messageJSON(m, true)
	event["channel"], event["channel_type"], event["event_ts"] = ch.ID, ch.Kind.channelType(), m.TS
	if u := ws.users[m.User]; u != nil && u.Kind == Stranger {
		event["user_team"], event["source_team"] = u.TeamID, u.TeamID
	}
	ws.emit("message."+ch.Kind.manifest(), []string{ch.Kind.scope() + ":history"}, ch, event)
	if ws.mentions(m.Text) && ch.Kind != IM && m.BotID != ws.BotID {
		ws.emitMention(ch, event)
	}
}

// emitMention tells of a mention, in the words of the message's own event.
func (ws *Workspace) emitMention(ch *Channel, message map[string]any) {
	event := maps.Clone(message)
	event["type"] = "app_mention"
	for _, k := range []string{"channel_type", "subtype", "parent_user_id"} {
		delete(event, k)
	}
	ws.emit("app_mention", []string{"app_mentions:read"}, ch, event)
}

func (ws *Workspace) mentions(text string) bool {
	return strings.Contains(text, "<@"+ws.Bot.ID+">") || strings.Contains(text, "<@"+ws.Bot.ID+"|")
}

// manifest is the kind's name in event subscriptions: message.channels.
func (k ChannelKind) manifest() string {
	return [...]string{"channels", "groups", "im", "mpim"}[k]
}

// emitChanged tells of an edit. An edit that adds a mention also arrives as
// app_mention.
func (ws *Workspace) emitChanged(ch *Channel, m, before *Message) {
	if !ch.has(ws.Bot) {
		return
	}
	ts := ch.nextTS()
	after := ch.messageJSON(m, true)
	ws.emit("message."+ch.Kind.manifest(), []string{ch.Kind.scope() + ":history"}, ch, map[string]any{
		"type": "message", "subtype": "message_changed", "hidden": true, "channel": ch.ID, "channel_type": ch.Kind.channelType(),
		"ts": ts, "event_ts": ts, "message": after, "previous_message": ch.messageJSON(before, true),
	})
	if ws.mentions(m.Text) && !ws.mentions(before.Text) && ch.Kind != IM && m.BotID != ws.BotID {
		after["channel"], after["event_ts"] = ch.ID, ts
		ws.emitMention(ch, after)
	}
}

func (ws *Workspace) emitDeleted(ch *Channel, before *Message) {
	if !ch.has(ws.Bot) {
		return
	}
	ts := ch.nextTS()
	ws.emit("message."+ch.Kind.manifest(), []string{ch.Kind.scope() + ":history"}, ch, map[string]any{
		"type": "message", "subtype": "message_deleted", "hidden": true, "channel": ch.ID, "channel_type": ch.Kind.channelType(),
		"ts": ts, "event_ts": ts, "deleted_ts": before.TS, "previous_message": ch.messageJSON(before, true),
	})
}

func (ws *Workspace) emitReaction(kind string, ch *Channel, m *Message, u *User, name string) {
	if !ch.has(ws.Bot) {
		return
	}
	ws.emit(kind, []string{"reactions:read"}, ch, map[string]any{
		"type": kind, "user": u.ID, "reaction": name, "item_user": m.User, "event_ts": ch.nextTS(),
		"item": map[string]any{"type": "message", "channel": ch.ID, "ts": m.TS},
	})
}

func (ws *Workspace) emitJoin(ch *Channel, u *User) {
	if !ch.has(ws.Bot) {
		return
	}
	ws.emit("member_joined_channel", []string{"channels:read", "groups:read"}, ch, map[string]any{
		"type": "member_joined_channel", "user": u.ID, "channel": ch.ID, "channel_type": "C", "team": u.TeamID, "event_ts": ch.nextTS(),
	})
}

// Emit sends any event to the app, subscribed or not.
func (ws *Workspace) Emit(event map[string]any) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.dispatch(nil, event)
}

// Uninstall removes the app: it hears app_uninstalled and tokens_revoked, and
// its tokens stop working (docs.slack.dev, "app_uninstalled event").
func (ws *Workspace) Uninstall() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.emitRevoked()
	ws.emit("app_uninstalled", nil, nil, map[string]any{"type": "app_uninstalled"})
	ws.uninstalled = true
	ws.tokens[ws.opts.BotToken].failure = "account_inactive"
}

// Reinstall installs the app again. What it was granted, and its token, are as
// they were.
func (ws *Workspace) Reinstall() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.uninstalled = false
	ws.tokens[ws.opts.BotToken].failure = ""
}

// RevokeTokens revokes the bot token alone.
func (ws *Workspace) RevokeTokens() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.emitRevoked()
	ws.tokens[ws.opts.BotToken].failure = "token_revoked"
}

func (ws *Workspace) emitRevoked() {
	ws.emit("tokens_revoked", nil, nil, map[string]any{
		"type": "tokens_revoked", "tokens": map[string]any{"oauth": []string{}, "bot": []string{ws.Bot.ID}},
	})
}
