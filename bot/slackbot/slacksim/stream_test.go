package slacksim

import (
	"testing"

	"github.com/slack-go/slack"
)

func TestAnAnswerIsStreamed(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	api := client(ws)
	q := alice.Say(general, "who won?")
	_, ts, err := api.StartStream(general.ID, slack.MsgOptionTS(q.TS), slack.MsgOptionRecipientTeamID(ws.Team.ID),
		slack.MsgOptionRecipientUserID(alice.ID), slack.MsgOptionMarkdownText("The "))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"north ", "won. [1]"} {
		if _, _, err := api.AppendStream(general.ID, ts, slack.MsgOptionMarkdownText(s)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := api.UpdateMessage(general.ID, ts, slack.MsgOptionText("x", false)); err == nil || err.Error() != "streaming_state_conflict" {
		t.Errorf("updating a stream: %v", err)
	}
	_, _, err = api.StopStream(general.ID, ts, slack.MsgOptionBlocks(slack.NewDividerBlock()),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"question": "q1"}}))
	if err != nil {
		t.Fatal(err)
	}
	m := general.Message(ts)
	if m.Text != "The north won. [1]" || m.Stream.Appends != 2 || m.Stream.State != Stopped || m.ThreadTS != q.TS || len(m.Blocks) != 1 || m.Metadata == nil {
		t.Errorf("message = %+v, stream %+v", m, m.Stream)
	}
	if _, _, err := api.AppendStream(general.ID, ts, slack.MsgOptionMarkdownText("x")); err == nil || err.Error() != "message_not_in_streaming_state" {
		t.Errorf("after the stop: %v", err)
	}
	if _, _, _, err := api.UpdateMessage(general.ID, ts, slack.MsgOptionText("better", false)); err != nil {
		t.Errorf("updating a finished stream: %v", err)
	}
}

func TestStartingAStreamIsChecked(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	q := alice.Post(general, "q")
	im := ws.DM(alice)
	dm := alice.Post(im, "q")
	to := []string{"recipient_team_id", ws.Team.ID, "recipient_user_id", alice.ID}
	in := func(args ...string) []string {
		return append([]string{"channel", general.ID, "thread_ts", q.TS}, args...)
	}
	cases := []struct {
		name string
		args []string
		want string
	}{
		{"for somebody in a channel", in(to...), ""},
		{"in a direct message", []string{"channel", im.ID, "thread_ts", dm.TS}, ""},
		{"no thread", append([]string{"channel", general.ID}, to...), "invalid_arguments"},
		{"an unknown thread", append([]string{"channel", general.ID, "thread_ts", "1.000001"}, to...), "invalid_thread_ts"},
		{"no team", in("recipient_user_id", alice.ID), "missing_recipient_team_id"},
		{"no person", in("recipient_team_id", ws.Team.ID), "missing_recipient_user_id"},
		{"an unknown person", in("recipient_team_id", ws.Team.ID, "recipient_user_id", "U404"), "user_not_found"},
		{"of another team", in("recipient_team_id", "T404", "recipient_user_id", alice.ID), "user_not_found"},
		{"12000 characters", in(append(to, "markdown_text", text(12000))...), ""},
		{"12001 characters", in(append(to, "markdown_text", text(12001))...), "msg_too_long"},
		{"both kinds", in(append(to, "markdown_text", "x", "chunks", "[]")...), "cannot_provide_both_markdown_text_and_chunks"},
		{"chunks", in(append(to, "chunks", `[{"type":"markdown_text","text":"x"},{"type":"task_update","id":"1","title":"Read","status":"in_progress"},{"type":"plan_update","title":"p"},{"type":"blocks","blocks":[{"type":"divider"}]}]`)...), ""},
		{"a strange chunk", in(append(to, "chunks", `[{"type":"song"}]`)...), "invalid_chunks"},
		{"a chunk without text", in(append(to, "chunks", `[{"type":"markdown_text"}]`)...), "invalid_chunks"},
		{"a task without title", in(append(to, "chunks", `[{"type":"task_update","id":"1"}]`)...), "invalid_chunks"},
		{"chunks that are no list", in(append(to, "chunks", `{}`)...), "invalid_chunks"},
		{"51 blocks in chunks", in(append(to, "chunks", `[`+repeat(2, `{"type":"blocks","blocks":[`+repeat(26, `{"type":"divider"}`)+`]}`)+`]`)...), "msg_blocks_too_many"},
		{"a bad block in a chunk", in(append(to, "chunks", `[{"type":"blocks","blocks":[{"type":"x"}]}]`)...), "invalid_blocks"},
		{"not in the channel", []string{"channel", ws.AddChannel(ChannelSpec{WithoutBot: true}).ID, "thread_ts", "1.1"}, "not_in_channel"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantError(t, form(t, ws, "chat.startStream", c.args...), c.want) })
	}
}

func TestGoingOnWithAStreamIsChecked(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	q := alice.Post(general, "q")
	start := func(args ...string) string {
		args = append(args, "channel", general.ID, "thread_ts", q.TS, "recipient_team_id", ws.Team.ID, "recipient_user_id", alice.ID)
		return form(t, ws, "chat.startStream", args...)["ts"].(string)
	}
	posted := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "x")["ts"].(string)
	inText, inChunks := start("markdown_text", "x"), start("chunks", `[{"type":"markdown_text","text":"x"}]`)
	cases := []struct {
		name, method, ts, key, value, want string
	}{
		{"append", "chat.appendStream", inText, "markdown_text", "y", ""},
		{"append nothing", "chat.appendStream", inText, "markdown_text", "", "markdown_text_or_chunks_required"},
		{"append 12001", "chat.appendStream", inText, "markdown_text", text(12001), "msg_too_long"},
		{"chunks to text", "chat.appendStream", inText, "chunks", `[{"type":"markdown_text","text":"y"}]`, "streaming_mode_mismatch"},
		{"text to chunks", "chat.stopStream", inChunks, "markdown_text", "y", "streaming_mode_mismatch"},
		{"a posted message", "chat.appendStream", posted, "markdown_text", "y", "message_not_in_streaming_state"},
		{"somebody else's", "chat.appendStream", q.TS, "markdown_text", "y", "message_not_owned_by_app"},
		{"no message", "chat.appendStream", "1.000001", "markdown_text", "y", "message_not_found"},
		{"51 final blocks", "chat.stopStream", inText, "blocks", "[" + repeat(51, `{"type":"divider"}`) + "]", "msg_blocks_too_many"},
		{"a bad final block", "chat.stopStream", inText, "blocks", `[{"type":"x"}]`, "invalid_blocks"},
		{"bad metadata", "chat.stopStream", inText, "metadata", `[]`, "invalid_metadata_format"},
		{"stop", "chat.stopStream", inText, "blocks", "[" + repeat(50, `{"type":"divider"}`) + "]", ""},
		{"stop again", "chat.stopStream", inText, "markdown_text", "y", "message_not_in_streaming_state"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, form(t, ws, c.method, "channel", general.ID, "ts", c.ts, c.key, c.value), c.want)
		})
	}
}

func TestAStreamEndsByItself(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock})
	q := alice.Post(general, "q")
	ts := form(t, ws, "chat.startStream", "channel", general.ID, "thread_ts", q.TS, "recipient_team_id", ws.Team.ID, "recipient_user_id", alice.ID)["ts"].(string)
	clock.Advance(5*60e9 - 1)
	wantError(t, form(t, ws, "chat.appendStream", "channel", general.ID, "ts", ts, "markdown_text", "x"), "")
	clock.Advance(1)
	wantError(t, form(t, ws, "chat.appendStream", "channel", general.ID, "ts", ts, "markdown_text", "x"), "message_not_in_streaming_state")
	wantError(t, form(t, ws, "chat.stopStream", "channel", general.ID, "ts", ts), "message_not_in_streaming_state")
	wantError(t, form(t, ws, "chat.update", "channel", general.ID, "ts", ts, "text", "x"), "")
}

func TestTheReaderStopsAStream(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	q := alice.Post(general, "q")
	ts := form(t, ws, "chat.startStream", "channel", general.ID, "thread_ts", q.TS, "recipient_team_id", ws.Team.ID, "recipient_user_id", alice.ID)["ts"].(string)
	alice.StopStream(general.Message(ts))
	wantError(t, form(t, ws, "chat.appendStream", "channel", general.ID, "ts", ts, "markdown_text", "x"), "stopped_by_user")
	wantError(t, form(t, ws, "chat.stopStream", "channel", general.ID, "ts", ts), "message_not_in_streaming_state")
}

func TestAStreamTakesNoMetadataAtItsStart(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	q := alice.Post(general, "q")
	ts := form(t, ws, "chat.startStream", "channel", general.ID, "thread_ts", q.TS, "recipient_team_id", ws.Team.ID, "recipient_user_id", alice.ID,
		"metadata", `{"event_type":"a","event_payload":{}}`)["ts"].(string)
	if general.Message(ts).Metadata != nil || ws.Stats().IgnoredMetadata != 1 {
		t.Errorf("metadata %v, counted %d", general.Message(ts).Metadata, ws.Stats().IgnoredMetadata)
	}
}
