package slacksim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// process makes a thread's session processing.
func process(t *testing.T, ws *Workspace, m *Message) {
	t.Helper()
	wantError(t, form(t, ws, "agents.sessions.setStatus", "channel_id", m.Channel, "thread_ts", m.TS, "status", "processing"), "")
}

func TestASessionHasAStateAndATitle(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	q := alice.Say(general, "who won?")
	api := client(ws)
	set := func(status, title string) *slack.AgentSessionSetStatusResponse {
		t.Helper()
		r, err := api.SetAgentSessionStatus(slack.AgentSessionSetStatusParameters{ChannelID: general.ID, ThreadTS: q.TS, Status: status, Title: title, InitiatorUserID: alice.ID})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := set("processing", "Winners"); r.Status != "processing" || r.AgentStatus != "processing" || r.Title != "Winners" {
		t.Errorf("answered %+v", r)
	}
	if r := set("suspended", "Losers"); r.Title != "Winners" {
		t.Errorf("a title is for new sessions, got %+v", r)
	}
	if _, err := api.RenameAgentSession(slack.AgentSessionRenameParameters{ChannelID: general.ID, ThreadTS: q.TS, Title: "Races"}); err != nil {
		t.Error(err)
	}
	set("active", "")
	want := Session{Status: SessionActive, Title: "Races", Initiator: alice.ID}
	if got := general.Session(q.TS); got == nil || *got != want {
		t.Errorf("session = %+v, want %+v", got, want)
	}
	for _, note := range []string{"* session title: Winners", "* session: processing", "* session: suspended", "* session title: Races", "* session: active"} {
		if !strings.Contains(ws.Transcript(), note) {
			t.Errorf("no %q in\n%s", note, ws.Transcript())
		}
	}
	alice.RenameSession(general, q.TS, "Prizes")
	all := events(ws)
	last := all[len(all)-1]
	if last["type"] != "agent_session_title_changed" || last["title"] != "Prizes" || last["previous_title"] != "Races" {
		t.Errorf("event %v", last)
	}
}

func TestSessionCallsAreRefusedAsDocumented(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	q := alice.Say(general, "who won?")
	reply := alice.Post(general, "and when?", InThread(q.TS))
	other := ws.AddChannel(ChannelSpec{Name: "other", WithoutBot: true})
	secret := ws.AddChannel(ChannelSpec{Name: "secret", Kind: Private, WithoutBot: true})
	stranger := ws.AddUser(UserSpec{Name: "sam"})
	const set, rename = "agents.sessions.setStatus", "agents.sessions.rename"
	here := []string{"channel_id", general.ID, "thread_ts", q.TS}
	cases := []struct {
		name, method string
		args         []string
		code         string
	}{
		{"no session yet", rename, append(here, "title", "x"), "session_not_found"},
		{"no status", set, here, "invalid_arguments"},
		{"free words", set, append(here, "status", "is thinking"), "invalid_status"},
		{"no thread", set, []string{"channel_id", general.ID, "status", "active"}, "thread_ts_required"},
		{"a reply", set, []string{"channel_id", general.ID, "thread_ts", reply.TS, "status", "active"}, "invalid_arguments"},
		{"no channel", set, []string{"channel_id", "C999", "thread_ts", q.TS, "status", "active"}, "channel_not_found"},
		{"private channel", set, []string{"channel_id", secret.ID, "thread_ts", q.TS, "status", "active"}, "channel_not_found"},
		{"not a member", set, []string{"channel_id", other.ID, "thread_ts", q.TS, "status", "active"}, "not_authorized"},
		{"title of 201", set, append(here, "status", "active", "title", text(201)), "invalid_arguments"},
		{"username without its scope", set, append(here, "status", "active", "username", "Max"), "missing_scope"},
		{"initiator outside", set, append(here, "status", "active", "initiator_user_id", stranger.ID), "user_not_found"},
		{"title of 200", set, append(here, "status", "active", "title", text(200)), ""},
		{"rename", rename, append(here, "title", text(200)), ""},
		{"rename to 201", rename, append(here, "title", text(201)), "invalid_arguments"},
		{"rename to nothing", rename, here, "invalid_arguments"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantError(t, form(t, ws, c.method, c.args...), c.code) })
	}
	ws.Withhold("chat:write")
	wantError(t, form(t, ws, set, append(here, "status", "active")...), "missing_scope")
}

func TestAnAppThatIsNoAgentHasNoSessions(t *testing.T) {
	ws, alice, general := sim(t, Options{NotAnAgent: true})
	q := alice.Say(general, "who won?")
	here := []string{"channel_id", general.ID, "thread_ts", q.TS}
	wantError(t, form(t, ws, "agents.sessions.setStatus", append(here, "status", "active")...), "not_agent_app")
	wantError(t, form(t, ws, "assistant.threads.setTitle", append(here, "title", "x")...), "not_agent_app")
	wantError(t, form(t, ws, "assistant.threads.setSuggestedPrompts", append(here, "prompts", `[]`)...), "not_agent_app")
	wantError(t, form(t, ws, "assistant.threads.setStatus", append(here, "status", "is thinking")...), "")
	if s := general.Session(q.TS); s != nil {
		t.Errorf("session %+v", s)
	}
}

func TestSlacksStopEndsStreamsAndTellsTheApp(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	q := alice.Say(general, "who won?")
	if alice.StopSession(general, q.TS) {
		t.Error("there is nothing to stop yet")
	}
	begin := []string{"channel", general.ID, "thread_ts", q.TS, "recipient_team_id", ws.Team.ID, "recipient_user_id", alice.ID, "markdown_text", "The north"}
	started := form(t, ws, "chat.startStream", begin...)
	wantError(t, started, "")
	ts := started["ts"].(string)
	if s := general.Session(q.TS); s == nil || s.Status != SessionProcessing || s.Initiator != alice.ID || !s.Stoppable {
		t.Fatalf("a stream begins a session, got %+v", s)
	}
	if !alice.StopSession(general, q.TS) {
		t.Fatal("no stop button")
	}
	if m := general.Message(ts); m.Stream.State != StoppedByUser {
		t.Errorf("the stream is %v", m.Stream.State)
	}
	if s := general.Session(q.TS); s.Status != SessionProcessing {
		t.Errorf("the app moves the session, it is %v", s.Status)
	}
	all := events(ws)
	last := all[len(all)-1]
	stopped, _ := last["streaming_message_ts"].([]any)
	if last["type"] != "agent_session_stopped" || last["channel"] != general.ID || last["thread_ts"] != q.TS || last["user"] != alice.ID || !slices.Equal(stopped, []any{any(ts)}) {
		t.Errorf("event %v", last)
	}
	wantError(t, form(t, ws, "chat.appendStream", "channel", general.ID, "ts", ts, "markdown_text", " won"), "stopped_by_user")
	wantError(t, form(t, ws, "agents.sessions.setStatus", "channel_id", general.ID, "thread_ts", q.TS, "status", "active"), "")
	if alice.StopSession(general, q.TS) {
		t.Error("the session is active: there is no button")
	}
	process(t, ws, q)
	alice.StopSession(general, q.TS)
	all = events(ws)
	if stopped, ok := all[len(all)-1]["streaming_message_ts"].([]any); !ok || len(stopped) > 0 {
		t.Errorf("without a stream the list is empty, got %v", all[len(all)-1])
	}
}

func TestWithoutTheEventThereIsNoStopButton(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"app_mention"}})
	q := alice.Say(general, "who won?")
	answer := form(t, ws, "agents.sessions.setStatus", "channel_id", general.ID, "thread_ts", q.TS, "status", "processing")
	wantError(t, answer, "")
	if answer["warning"] != noStopEvent {
		t.Errorf("answered %v", answer)
	}
	if alice.StopSession(general, q.TS) || general.Session(q.TS).Stoppable {
		t.Error("a button that nobody hears of")
	}
}

func TestSessionsFollowStreamsAndTime(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}, Clock: clock})
	q := alice.Say(general, "who won?")
	status := func() SessionStatus { return general.Session(q.TS).Status }
	stream := func() string {
		r := form(t, ws, "chat.startStream", "channel", general.ID, "thread_ts", q.TS, "recipient_team_id", ws.Team.ID, "recipient_user_id", alice.ID)
		wantError(t, r, "")
		return r["ts"].(string)
	}
	ts := stream()
	wantError(t, form(t, ws, "chat.stopStream", "channel", general.ID, "ts", ts, "markdown_text", "x", "session_status", "asleep"), "invalid_arguments")
	wantError(t, form(t, ws, "chat.stopStream", "channel", general.ID, "ts", ts, "markdown_text", "x", "session_status", "suspended"), "")
	if status() != SessionSuspended {
		t.Errorf("after session_status the session is %v", status())
	}
	ts = stream()
	wantError(t, form(t, ws, "chat.stopStream", "channel", general.ID, "ts", ts, "markdown_text", "x"), "")
	if status() != SessionActive {
		t.Errorf("after a stream the session is %v", status())
	}
	stream()
	clock.Advance(6 * time.Minute)
	if status() != SessionActive {
		t.Errorf("after a stream timed out the session is %v", status())
	}
	process(t, ws, q)
	clock.Advance(59 * time.Minute)
	process(t, ws, q)
	clock.Advance(59 * time.Minute)
	wantError(t, form(t, ws, "chat.postMessage", "channel", general.ID, "thread_ts", q.TS, "text", "still at it"), "")
	if status() != SessionProcessing {
		t.Errorf("renewed within the hour, and posts change nothing: %v", status())
	}
	clock.Advance(time.Minute)
	if status() != SessionActive {
		t.Errorf("after an hour the session is %v", status())
	}
}

func TestTheOlderMethodsMoveSessionsToo(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	q := alice.Say(general, "who won?")
	here := []string{"channel_id", general.ID, "thread_ts", q.TS}
	wantError(t, form(t, ws, "assistant.threads.setStatus", append(here, "status", "is reading")...), "")
	if s := general.Session(q.TS); s == nil || s.Status != SessionProcessing {
		t.Errorf("session %+v", s)
	}
	wantError(t, form(t, ws, "chat.postMessage", "channel", general.ID, "thread_ts", q.TS, "text", "the north"), "")
	wantError(t, form(t, ws, "assistant.threads.setTitle", append(here, "title", "Winners")...), "")
	if s := general.Session(q.TS); s.Status != SessionActive || s.Title != "Winners" {
		t.Errorf("session %+v", s)
	}
	wantError(t, form(t, ws, "assistant.threads.setTitle", append(here, "title", text(201))...), "invalid_arguments")
}

func TestPromptsAndStatusesHaveLimits(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	q := alice.Say(general, "who won?")
	here := []string{"channel_id", general.ID, "thread_ts", q.TS}
	prompt := func(title, message int) string {
		return `{"title":"` + text(title) + `","message":"` + text(message) + `"}`
	}
	cases := []struct{ name, method, arg, value, code string }{
		{"four prompts", "setSuggestedPrompts", "prompts", "[" + repeat(4, prompt(75, 3000)) + "]", ""},
		{"five prompts", "setSuggestedPrompts", "prompts", "[" + repeat(5, prompt(1, 1)) + "]", "invalid_arguments"},
		{"long title", "setSuggestedPrompts", "prompts", "[" + prompt(76, 1) + "]", "invalid_arguments"},
		{"long message", "setSuggestedPrompts", "prompts", "[" + prompt(1, 3001) + "]", "invalid_arguments"},
		{"no message", "setSuggestedPrompts", "prompts", "[" + prompt(1, 0) + "]", "invalid_arguments"},
		{"status", "setStatus", "status", text(100), ""},
		{"long status", "setStatus", "status", text(101), "invalid_arguments"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, form(t, ws, "assistant.threads."+c.method, append(here, c.arg, c.value)...), c.code)
		})
	}
	if n := len(general.Prompts(q.TS)); n != 4 {
		t.Errorf("%d prompts shown", n)
	}
	wantError(t, form(t, ws, "assistant.threads.setStatus", append(here, "status", "x", "loading_messages", `[`+repeat(11, `"x"`)+`]`)...), "invalid_arguments")
}

func TestPromptsOfAnAgentAreTheTabs(t *testing.T) {
	ws, alice, _ := sim(t, Options{AgentView: true})
	im := alice.OpenMessages()
	if e := events(ws); len(e) != 1 || e[0]["type"] != "app_home_opened" || e[0]["tab"] != "messages" {
		t.Errorf("events %v", e)
	}
	q := alice.Post(im, "who won?")
	const prompts = `[{"title":"Who won?","message":"Who won the race?"}]`
	wantError(t, form(t, ws, "assistant.threads.setSuggestedPrompts", "channel_id", im.ID, "thread_ts", q.TS, "prompts", prompts), "")
	if len(im.Prompts(q.TS)) != 0 {
		t.Error("prompts in a thread of an agent show nowhere")
	}
	wantError(t, form(t, ws, "assistant.threads.setSuggestedPrompts", "channel_id", im.ID, "prompts", prompts), "")
	if p := im.Prompts(""); len(p) != 1 || p[0].Message != "Who won the race?" {
		t.Errorf("prompts %v", p)
	}
}
