package slacksim

import (
	"fmt"
	"slices"
	"testing"

	"github.com/slack-go/slack"
)

func TestHistoryIsPagedNewestFirst(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	var want []string
	for i := range 7 {
		want = append([]string{alice.Post(general, fmt.Sprint(i)).TS}, want...)
	}
	alice.Post(general, "reply", InThread(want[0]))
	api := client(ws)
	var got []string
	p := &slack.GetConversationHistoryParameters{ChannelID: general.ID, Limit: 3}
	pages := 0
	for more := true; more; pages++ {
		h, err := api.GetConversationHistory(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range h.Messages {
			got = append(got, m.Timestamp)
		}
		p.Cursor, more = h.ResponseMetaData.NextCursor, h.HasMore
	}
	if pages != 3 || !slices.Equal(got, want) {
		t.Errorf("%d pages: %v, want %v", pages, got, want)
	}
	h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general.ID, Oldest: want[4], Latest: want[1]})
	if err != nil || len(h.Messages) != 2 {
		t.Errorf("between, exclusive: %d, %v", len(h.Messages), err)
	}
	h, err = api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general.ID, Oldest: want[4], Latest: want[1], Inclusive: true})
	if err != nil || len(h.Messages) != 4 {
		t.Errorf("between, inclusive: %d, %v", len(h.Messages), err)
	}
	for want, args := range map[string][]string{
		"invalid_cursor":    {"cursor", "x"},
		"invalid_ts_oldest": {"oldest", "x"},
		"invalid_ts_latest": {"latest", "x"},
		"invalid_arguments": {"limit", "many"},
	} {
		wantError(t, form(t, ws, "conversations.history", append(args, "channel", general.ID)...), want)
	}
	wantError(t, form(t, ws, "conversations.history"), "invalid_arguments")
	wantError(t, form(t, ws, "conversations.history", "channel", "C404"), "channel_not_found")
	wantError(t, form(t, ws, "conversations.history", "channel", ws.AddChannel(ChannelSpec{WithoutBot: true}).ID), "not_in_channel")
}

func TestAThreadHasItsParentOnEveryPage(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	q := alice.Post(general, "q")
	var want []string
	for i := range 5 {
		want = append(want, alice.Post(general, fmt.Sprint(i), InThread(q.TS)).TS)
	}
	api := client(ws)
	var got []string
	p := &slack.GetConversationRepliesParameters{ChannelID: general.ID, Timestamp: want[2], Limit: 3}
	for more := true; more; {
		msgs, has, next, err := api.GetConversationReplies(p)
		if err != nil {
			t.Fatal(err)
		}
		if msgs[0].Timestamp != q.TS {
			t.Errorf("the page starts with %s", msgs[0].Timestamp)
		}
		for _, m := range msgs[1:] {
			got = append(got, m.Timestamp)
		}
		p.Cursor, more = next, has
	}
	if !slices.Equal(got, want) {
		t.Errorf("replies %v, want %v", got, want)
	}
	msgs, _, _, err := api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: general.ID, Timestamp: q.TS, Oldest: want[3]})
	if err != nil || len(msgs) != 2 || msgs[0].ReplyCount != 5 || msgs[0].LatestReply != want[4] || msgs[1].ParentUserId != alice.ID {
		t.Errorf("since: %+v, %v", msgs, err)
	}
	wantError(t, form(t, ws, "conversations.replies", "channel", general.ID, "ts", "1.000001"), "thread_not_found")
	wantError(t, form(t, ws, "conversations.replies", "channel", general.ID), "invalid_arguments")
}

func TestMetadataIsReturnedOnRequest(t *testing.T) {
	ws, _, general := sim(t, Options{})
	api := client(ws)
	if _, _, err := api.PostMessage(general.ID, slack.MsgOptionText("x", false),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"k": "v"}})); err != nil {
		t.Fatal(err)
	}
	for _, all := range []bool{false, true} {
		h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general.ID, IncludeAllMetadata: all})
		if err != nil || len(h.Messages) != 1 {
			t.Fatal(h, err)
		}
		if got := h.Messages[0].Metadata.EventPayload["k"] == "v"; got != all {
			t.Errorf("include_all_metadata %v: metadata %+v", all, h.Messages[0].Metadata)
		}
	}
}

func TestADeletedQuestionWithAnswersLeavesATombstone(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	api := client(ws)
	q := alice.Post(general, "q")
	_, ts, err := api.PostMessage(general.ID, slack.MsgOptionText("a", false), slack.MsgOptionTS(q.TS))
	if err != nil {
		t.Fatal(err)
	}
	alice.Delete(q)
	h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general.ID})
	if err != nil || len(h.Messages) != 1 || h.Messages[0].SubType != "tombstone" {
		t.Fatalf("history = %+v, %v", h, err)
	}
	last := events(ws)[len(events(ws))-1]
	if last["subtype"] != "message_changed" || last["message"].(map[string]any)["subtype"] != "tombstone" || last["previous_message"].(map[string]any)["text"] != "q" {
		t.Errorf("event = %v", last)
	}
	if _, _, err := api.DeleteMessage(general.ID, ts); err != nil {
		t.Fatal(err)
	}
	all := events(ws)
	if a, b := all[len(all)-2], all[len(all)-1]; a["deleted_ts"] != ts || b["deleted_ts"] != q.TS {
		t.Errorf("events = %v, %v", a, b)
	}
	if len(general.Messages()) != 0 {
		t.Errorf("left: %v", general.Messages())
	}
}

func TestAssistantThreads(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock, Limits: Limits{Off: true}})
	api := client(ws)
	im, ts := alice.OpenAssistant(general)
	if err := api.SetAssistantThreadsTitle(slack.AssistantThreadsSetTitleParameters{ChannelID: im.ID, ThreadTS: ts, Title: "Winners"}); err != nil {
		t.Fatal(err)
	}
	prompts := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: im.ID, ThreadTS: ts}
	prompts.AddPrompt("Who won?", "Who won the race?")
	if err := api.SetAssistantThreadsSuggestedPrompts(prompts); err != nil {
		t.Fatal(err)
	}
	status := slack.AssistantThreadsSetStatusParameters{ChannelID: im.ID, ThreadTS: ts, Status: "is reading", LoadingMessages: []string{"a", "b"}}
	if err := api.SetAssistantThreadsStatus(status); err != nil {
		t.Fatal(err)
	}
	if got := im.Status(ts); got != "is reading" {
		t.Errorf("status = %q", got)
	}
	clock.Advance(2 * 60e9)
	if got := im.Status(ts); got != "" {
		t.Errorf("after two minutes: %q", got)
	}
	if err := api.SetAssistantThreadsStatus(status); err != nil {
		t.Fatal(err)
	}
	if _, _, err := api.PostMessage(im.ID, slack.MsgOptionText("x", false), slack.MsgOptionTS(ts)); err != nil {
		t.Fatal(err)
	}
	if got := im.Status(ts); got != "" {
		t.Errorf("after the answer: %q", got)
	}
	eleven := repeat(11, "a")
	for _, c := range [][]string{
		{"assistant.threads.setStatus", "invalid_arguments", "channel_id", im.ID, "status", "x"},
		{"assistant.threads.setStatus", "invalid_arguments", "channel_id", im.ID, "thread_ts", ts},
		{"assistant.threads.setStatus", "invalid_arguments", "channel_id", im.ID, "thread_ts", ts, "status", "x", "loading_messages", eleven},
		{"assistant.threads.setStatus", "channel_not_found", "channel_id", "C404", "thread_ts", ts, "status", "x"},
		{"assistant.threads.setStatus", "invalid_thread_ts", "channel_id", im.ID, "thread_ts", "1.000001", "status", "x"},
		{"assistant.threads.setStatus", "", "channel_id", im.ID, "thread_ts", ts, "status", ""},
		{"assistant.threads.setTitle", "invalid_thread_ts", "channel_id", im.ID, "thread_ts", "1.000001", "title", "x"},
		{"assistant.threads.setSuggestedPrompts", "", "channel_id", im.ID, "prompts", `[{"title":"a","message":"b"}]`},
		{"assistant.threads.setSuggestedPrompts", "invalid_arguments", "channel_id", im.ID, "prompts", "[" + repeat(5, `{"title":"a","message":"b"}`) + "]"},
		{"assistant.threads.setSuggestedPrompts", "invalid_arguments", "channel_id", im.ID, "prompts", `[{"title":"a"}]`},
		{"assistant.threads.setSuggestedPrompts", "invalid_arguments", "channel_id", im.ID, "prompts", `{}`},
		{"assistant.threads.setSuggestedPrompts", "invalid_thread_ts", "channel_id", im.ID, "thread_ts", "1.000001", "prompts", `[]`},
	} {
		wantError(t, form(t, ws, c[0], c[2:]...), c[1])
	}
}
