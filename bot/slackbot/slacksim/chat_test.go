package slacksim

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestPostsAreCheckedAsSlackDoes(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	foreign := ws.AddChannel(ChannelSpec{Name: "foreign", WithoutBot: true})
	private := ws.AddChannel(ChannelSpec{Name: "secret", Kind: Private, WithoutBot: true})
	old := ws.AddChannel(ChannelSpec{Name: "old", Archived: true})
	cases := []struct {
		name string
		args []string
		want string
	}{
		{"text", []string{"channel", general.ID, "text", "x"}, ""},
		{"text of 40000", []string{"channel", general.ID, "text", text(40000)}, ""},
		{"text of 40001", []string{"channel", general.ID, "text", text(40001)}, "msg_too_long"},
		{"nothing", []string{"channel", general.ID}, "no_text"},
		{"blanks", []string{"channel", general.ID, "text", " \n"}, "no_text"},
		{"blocks alone", []string{"channel", general.ID, "blocks", `[{"type":"divider"}]`}, ""},
		{"no channel", []string{"text", "x"}, "channel_not_found"},
		{"unknown channel", []string{"channel", "C404", "text", "x"}, "channel_not_found"},
		{"a channel without the bot", []string{"channel", foreign.ID, "text", "x"}, "not_in_channel"},
		{"a private channel without the bot", []string{"channel", private.ID, "text", "x"}, "channel_not_found"},
		{"an archived channel", []string{"channel", old.ID, "text", "x"}, "is_archived"},
		{"a person, by direct message", []string{"channel", alice.ID, "text", "x"}, ""},
		{"broken thread_ts", []string{"channel", general.ID, "text", "x", "thread_ts", "yesterday"}, "invalid_thread_ts"},
		{"markdown_text", []string{"channel", general.ID, "markdown_text", "**x**"}, ""},
		{"markdown_text with text", []string{"channel", general.ID, "markdown_text", "**x**", "text", "x"}, "markdown_text_conflict"},
		{"markdown_text of 12001", []string{"channel", general.ID, "markdown_text", text(12001)}, "msg_too_long"},
		{"metadata", []string{"channel", general.ID, "text", "x", "metadata", `{"event_type":"a_b","event_payload":{}}`}, ""},
		{"metadata that is no JSON", []string{"channel", general.ID, "text", "x", "metadata", `{`}, "invalid_metadata_format"},
		{"metadata without payload", []string{"channel", general.ID, "text", "x", "metadata", `{"event_type":"a"}`}, "invalid_metadata_format"},
		{"metadata without type", []string{"channel", general.ID, "text", "x", "metadata", `{"event_payload":{}}`}, "invalid_metadata_format"},
		{"metadata with a strange type", []string{"channel", general.ID, "text", "x", "metadata", `{"event_type":"a b","event_payload":{}}`}, "invalid_metadata_format"},
		{"metadata with a list", []string{"channel", general.ID, "text", "x", "metadata", `{"event_type":"a","event_payload":[1]}`}, "invalid_metadata_format"},
		{"metadata that is huge", []string{"channel", general.ID, "text", "x", "metadata", `{"event_type":"a","event_payload":{"k":"` + text(16000) + `"}}`}, "metadata_too_large"},
		{"attachments that are no list", []string{"channel", general.ID, "attachments", `{}`}, "invalid_attachments"},
		{"101 attachments", []string{"channel", general.ID, "attachments", "[" + repeat(101, "{}") + "]"}, "too_many_attachments"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantError(t, form(t, ws, "chat.postMessage", c.args...), c.want) })
	}
	ws.Grant("chat:write.public")
	wantError(t, form(t, ws, "chat.postMessage", "channel", foreign.ID, "text", "x"), "")
}

func TestAMessageIsUpdatedAndDeleted(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	api := client(ws)
	q := alice.Post(general, "hello")
	_, ts, err := api.PostMessage(general.ID, slack.MsgOptionText("one", false), slack.MsgOptionTS(q.TS),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"question": "q1"}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := api.UpdateMessage(general.ID, ts, slack.MsgOptionText("two", false)); err != nil {
		t.Fatal(err)
	}
	m := general.Message(ts)
	if m.Text != "two" || m.Edits != 1 || m.ThreadTS != q.TS || m.Metadata.EventPayload["question"] != "q1" {
		t.Errorf("after the update: %+v, metadata %+v", m, m.Metadata)
	}
	for want, args := range map[string][]string{
		"message_not_found":   {"ts", "1.000001", "text", "x"},
		"cant_update_message": {"ts", q.TS, "text", "x"},
		"no_text":             {"ts", ts, "text", ""},
		"msg_too_long":        {"ts", ts, "text", text(4001)},
	} {
		wantError(t, form(t, ws, "chat.update", append(args, "channel", general.ID)...), want)
	}
	wantError(t, form(t, ws, "chat.update", "channel", general.ID, "ts", ts, "metadata", "{}"), "")
	if m := general.Message(ts); m.Metadata != nil || m.Text != "two" {
		t.Errorf("an empty object removes the metadata alone: %+v", m)
	}
	wantError(t, form(t, ws, "chat.delete", "channel", general.ID, "ts", q.TS), "cant_delete_message")
	if _, _, err := api.DeleteMessage(general.ID, ts); err != nil {
		t.Fatal(err)
	}
	wantError(t, form(t, ws, "chat.delete", "channel", general.ID, "ts", ts), "message_not_found")
	if len(general.Thread(q.TS)) != 0 {
		t.Error("the reply still stands")
	}
}

func TestTextWithoutBlocksRemovesTheBlocks(t *testing.T) {
	ws, _, general := sim(t, Options{})
	answer := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "x", "blocks", `[{"type":"divider"}]`)
	ts := answer["ts"].(string)
	form(t, ws, "chat.update", "channel", general.ID, "ts", ts, "text", "y")
	if m := general.Message(ts); m.Blocks != nil || m.Text != "y" {
		t.Errorf("message = %+v", m)
	}
}

func TestTheEditWindowCloses(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, _, general := sim(t, Options{Clock: clock, EditWindow: 60e9})
	ts := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "x")["ts"].(string)
	clock.Advance(59e9)
	wantError(t, form(t, ws, "chat.update", "channel", general.ID, "ts", ts, "text", "y"), "")
	clock.Advance(2e9)
	wantError(t, form(t, ws, "chat.update", "channel", general.ID, "ts", ts, "text", "z"), "edit_window_closed")
}

func TestEphemeralMessagesAreSeenByOne(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	bob := ws.AddUser(UserSpec{Name: "bob"})
	ts, err := client(ws).PostEphemeral(general.ID, alice.ID, slack.MsgOptionText("psst", false))
	if err != nil || ts == "" {
		t.Fatal(ts, err)
	}
	if e := general.Ephemerals(); len(e) != 1 || e[0].EphemeralTo != alice.ID || e[0].TS != ts {
		t.Errorf("ephemerals = %+v", e)
	}
	if len(general.Messages()) != 0 {
		t.Error("it is in the history")
	}
	for want, args := range map[string][]string{
		"user_not_in_channel": {"user", bob.ID, "text", "x"},
		"invalid_arguments":   {"text", "x"},
		"no_text":             {"user", alice.ID},
	} {
		wantError(t, form(t, ws, "chat.postEphemeral", append(args, "channel", general.ID)...), want)
	}
}

func TestAPermalinkNamesChannelAndThread(t *testing.T) {
	ws, alice, general := sim(t, Options{Clock: NewManualClock(epoch)})
	q := alice.Post(general, "hello")
	r := alice.Post(general, "more", InThread(q.TS))
	link, err := client(ws).GetPermalink(&slack.PermalinkParameters{Channel: general.ID, Ts: r.TS})
	want := "https://acme.slack.com/archives/C000000001/p1772442000000001?thread_ts=1772442000.000000&cid=C000000001"
	if err != nil || link != want {
		t.Errorf("permalink = %s, %v, want %s", link, err, want)
	}
	wantError(t, form(t, ws, "chat.getPermalink", "channel", general.ID, "message_ts", "1.1"), "message_not_found")
	wantError(t, form(t, ws, "chat.getPermalink", "channel", "C404", "message_ts", "1.1"), "channel_not_found")
}

func TestTimestampsRiseInAChannelOnly(t *testing.T) {
	ws, alice, _ := sim(t, Options{Clock: NewManualClock(epoch)})
	one, other := ws.AddChannel(ChannelSpec{Name: "one"}), ws.AddChannel(ChannelSpec{Name: "other"})
	a, b, c := alice.Post(one, "1"), alice.Post(one, "2"), alice.Post(other, "3")
	if a.TS != "1772442000.000000" || b.TS != "1772442000.000001" || c.TS != a.TS {
		t.Errorf("timestamps %s %s %s", a.TS, b.TS, c.TS)
	}
}

func TestAReplyToADeletedQuestionLandsInTheChannel(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	q := alice.Post(general, "never mind")
	alice.Delete(q)
	_, ts, m, err := client(ws).PostMessageWithResponse(general.ID, slack.MsgOptionText("here", false), slack.MsgOptionTS(q.TS))
	if err != nil || m.ThreadTimestamp != "" {
		t.Fatalf("thread_ts = %q, %v", m.ThreadTimestamp, err)
	}
	if got := general.Message(ts); got.IsReply() || ws.Stats().Orphans != 1 {
		t.Errorf("message = %+v, orphans %d", got, ws.Stats().Orphans)
	}
}

func TestAReplyToAReplyJoinsTheThreadAndIsCounted(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	q := alice.Post(general, "q")
	r := alice.Post(general, "r", InThread(q.TS))
	alice.Post(general, "s", InThread(r.TS))
	if len(general.Thread(q.TS)) != 2 || ws.Stats().RepliesToReplies != 1 {
		t.Errorf("thread of %d, %d counted", len(general.Thread(q.TS)), ws.Stats().RepliesToReplies)
	}
}

func TestReactionsComeAndGo(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	api := client(ws)
	m := alice.Post(general, "hello")
	ref := slack.NewRefToMessage(general.ID, m.TS)
	if err := api.AddReaction("eyes", ref); err != nil {
		t.Fatal(err)
	}
	if err := api.AddReaction("eyes", ref); err == nil || err.Error() != "already_reacted" {
		t.Errorf("again: %v", err)
	}
	alice.React(m, "eyes")
	if err := api.RemoveReaction("eyes", ref); err != nil {
		t.Fatal(err)
	}
	if err := api.RemoveReaction("eyes", ref); err == nil || err.Error() != "no_reaction" {
		t.Errorf("removed twice: %v", err)
	}
	if r := general.Message(m.TS).Reactions; len(r) != 1 || len(r[0].Users) != 1 || r[0].Users[0] != alice.ID {
		t.Errorf("reactions = %+v", r)
	}
	alice.Unreact(m, "eyes")
	if r := general.Message(m.TS).Reactions; len(r) != 0 {
		t.Errorf("reactions = %+v", r)
	}
	for want, args := range map[string][]string{
		"no_item_specified": {"name", "eyes"},
		"channel_not_found": {"name", "eyes", "channel", "C404", "timestamp", m.TS},
		"bad_timestamp":     {"name", "eyes", "channel", general.ID, "timestamp", "x"},
		"message_not_found": {"name", "eyes", "channel", general.ID, "timestamp", "1.000001"},
		"invalid_name":      {"name", "", "channel", general.ID, "timestamp", m.TS},
	} {
		wantError(t, form(t, ws, "reactions.add", args...), want)
	}
}

func TestDuplicatesAreFoundByMetadata(t *testing.T) {
	ws, _, general := sim(t, Options{})
	api := client(ws)
	for _, q := range []string{"q1", "q2", "q1"} {
		if _, _, err := api.PostMessage(general.ID, slack.MsgOptionText(q, false),
			slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"question": q}})); err != nil {
			t.Fatal(err)
		}
	}
	d := ws.Duplicates("question")
	if len(d) != 1 || len(d[`"q1"`]) != 2 {
		t.Errorf("duplicates = %v", d)
	}
}

func TestPingsAndLinksAreFound(t *testing.T) {
	cases := []struct {
		name   string
		args   map[string]string
		pings  string
		links  string
		unfurl bool
	}{
		{"plain", map[string]string{"text": "a < b & c > d"}, "", "", false},
		{"escaped", map[string]string{"text": "&lt;!channel&gt; &lt;@U1&gt;"}, "", "", false},
		{"person", map[string]string{"text": "hi <@U000000002|al>"}, "<@U000000002|al>", "", false},
		{"everybody", map[string]string{"text": "<!channel> <!here|here> <!subteam^S1>"}, "<!channel> <!here|here> <!subteam^S1>", "", false},
		{"date and channel", map[string]string{"text": "<!date^1^{date}|x> <#C1|general>"}, "", "", false},
		{"bare names", map[string]string{"text": "@here look"}, "", "", false},
		{"bare names, linked", map[string]string{"text": "@here look", "link_names": "true"}, "@here", "", false},
		{"link", map[string]string{"text": "<https://a.test|x> and http://b.test."}, "", "https://a.test http://b.test.", true},
		{"link, unfurling off", map[string]string{"text": "https://a.test", "unfurl_links": "false", "unfurl_media": "false"}, "", "https://a.test", false},
		{"link, half off", map[string]string{"text": "https://a.test", "unfurl_links": "false"}, "", "https://a.test", true},
		{"markdown link", map[string]string{"markdown_text": "[x](https://a.test)"}, "", "https://a.test", true},
		{"nested brackets", map[string]string{"text": "a << <@U1> >>"}, "<@U1>", "", false},
		{"in a section", map[string]string{"blocks": `[{"type":"section","text":{"type":"mrkdwn","text":"<@U1>"}}]`}, "<@U1>", "", false},
		{"in plain_text", map[string]string{"blocks": `[{"type":"section","text":{"type":"plain_text","text":"<@U1>"}}]`}, "", "", false},
		{"in rich text", map[string]string{"blocks": `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"broadcast","range":"here"},{"type":"user","user_id":"U1"}]}]}]`}, "<!here> <@U1>", "", false},
		{"a button that opens", map[string]string{"text": "x", "blocks": `[{"type":"actions","elements":[{"type":"button","url":"https://a.test","text":{"type":"plain_text","text":"x"}}]}]`}, "", "https://a.test", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ws, _, general := sim(t, Options{})
			args := []string{"channel", general.ID}
			for k, v := range c.args {
				args = append(args, k, v)
			}
			wantError(t, form(t, ws, "chat.postMessage", args...), "")
			if got := texts(ws.Pings()); got != c.pings {
				t.Errorf("pings = %q, want %q", got, c.pings)
			}
			if got := texts(ws.Links()); got != c.links {
				t.Errorf("links = %q, want %q", got, c.links)
			}
			if got := len(ws.Unfurling()) == 1; got != c.unfurl {
				t.Errorf("unfurling = %v, want %v", got, c.unfurl)
			}
		})
	}
}

func texts(all []Finding) string {
	var s []string
	for _, f := range all {
		s = append(s, f.Text)
	}
	return strings.Join(s, " ")
}

func FuzzMarkupIsScannedWithoutPanic(f *testing.F) {
	for _, s := range []string{"<@U1>", "<<!here>>", "a <b", "https://", "[x](http://a) @here", "<|>", "é<#C1|x>", "\x88\x88HTTP://a", "İhttps://b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		scanText(s)
		bareNames(s)
		richText(s)
		tr := transcript{ws: build(Options{})}
		tr.names(s)
		compareTS(s, "1.000001")
		translated(s)
	})
}
