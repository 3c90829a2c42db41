package slackbot

import (
	"encoding/json"
	"fmt"
)

// A callback is what an envelope of kind events_api carries. Only what is used
// is read; Slack adds fields as it likes.
type callback struct {
	Team  string `json:"team_id"`
	ID    string `json:"event_id"`
	Event event  `json:"event"`
	Time  int64  `json:"event_time"` // in seconds

	// revision is that of the question which this makes; 0 where it is the first.
	revision int
	// found is set where it was no event that brought this, but the history.
	found *catching
}

// An event is a message event, app_mention, file_deleted, one of what is done
// with the app, or one that names nothing but its type.
type event struct {
	incoming
	Type        string    `json:"type"`
	Channel     string    `json:"channel"`
	ChannelType string    `json:"channel_type"`
	Changed     *incoming `json:"message"`
	Previous    *incoming `json:"previous_message"`
	DeletedTS   string    `json:"deleted_ts"`
	// Tokens names the users whose tokens were revoked.
	Tokens struct {
		Bot []string `json:"bot"`
	} `json:"tokens"`
	FileID string `json:"file_id"`
	// Tab is what of the app was opened.
	Tab       string           `json:"tab"`
	Assistant *assistantThread `json:"assistant_thread"`
}

// An incoming is a message as events show it.
type incoming struct {
	Subtype  string `json:"subtype"`
	User     string `json:"user"`
	Bot      string `json:"bot_id"`
	App      string `json:"app_id"`
	Text     string `json:"text"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
	Parent   string `json:"parent_user_id"`
	Files    files  `json:"files"`
	Edited   *struct {
		TS string `json:"ts"`
	} `json:"edited"`
}

// direct reports whether the message was written to the bot alone.
func (e *event) direct() bool {
	return e.ChannelType == "im" || e.ChannelType == "" && isDirect(e.Channel)
}

// isDirect knows the channel of a direct message by its id.
func isDirect(channel string) bool { return len(channel) > 0 && channel[0] == 'D' }

// inThread reports whether the message is a reply.
func (m *incoming) inThread() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// editTS is the timestamp of the last edit, empty when there was none.
func (m *incoming) editTS() string {
	if m.Edited == nil {
		return ""
	}
	return m.Edited.TS
}

// said reports whether a subtype is for what somebody wrote, rather than for
// what happened in the channel.
func said(subtype string) bool {
	switch subtype {
	case "", "file_share", "thread_broadcast", "me_message", "bot_message":
		return true
	}
	return false
}

// decodeCallback reads an event. Events of other types may have something else
// in the place of a field, such as an object for "channel"; of those only the
// type is read.
func decodeCallback(payload json.RawMessage) (callback, error) {
	var c callback
	if err := json.Unmarshal(payload, &c); err != nil {
		var bare struct {
			Event struct {
				Type string `json:"type"`
			} `json:"event"`
		}
		if json.Unmarshal(payload, &bare) != nil {
			return callback{}, fmt.Errorf("read the event: %T", err)
		}
		return callback{Event: event{Type: bare.Event.Type, incoming: incoming{Subtype: "unreadable"}}}, nil
	}
	return c, nil
}
