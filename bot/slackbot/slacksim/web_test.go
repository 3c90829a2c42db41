package slacksim

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

const formCT = "application/x-www-form-urlencoded"

func TestCallsAreAuthenticatedAsSlackDoes(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	cases := []struct {
		name, method, contentType, body, token, want string
	}{
		{"no token", "auth.test", "", "", "", "not_authed"},
		{"unknown token", "auth.test", "", "", "xoxb-other", "invalid_auth"},
		{"bearer token", "auth.test", "", "", ws.BotToken(), ""},
		{"token in a form", "auth.test", formCT, "token=" + ws.BotToken(), "", ""},
		{"token in JSON does not count", "auth.test", "application/json", `{"token":"` + ws.BotToken() + `"}`, "", "not_authed"},
		{"token in the address does not count", "auth.test?token=" + ws.BotToken(), "", "", "", "not_authed"},
		{"app token for a bot's method", "auth.test", "", "", ws.AppToken(), "not_allowed_token_type"},
		{"bot token for sockets", "apps.connections.open", "", "", ws.BotToken(), "not_allowed_token_type"},
		{"app token for sockets", "apps.connections.open", "", "", ws.AppToken(), ""},
		{"unknown method", "chat.sing", "", "", ws.BotToken(), "unknown_method"},
		{"api.test needs no token", "api.test", "", "", "", ""},
		{"api.test fails on demand", "api.test", formCT, "error=my_error", "", "my_error"},
		{"broken JSON", "auth.test", "application/json", `{"a":`, ws.BotToken(), "invalid_json"},
		{"JSON list", "auth.test", "application/json", `[1]`, ws.BotToken(), "json_not_object"},
		{"broken form", "auth.test", formCT, "a=%zz", ws.BotToken(), "invalid_form_data"},
		{"no content type", "auth.test", "", "a=b", ws.BotToken(), "missing_post_type"},
		{"strange content type", "auth.test", "text/csv", "a,b", ws.BotToken(), "invalid_post_type"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantError(t, raw(t, ws, c.method, c.contentType, c.body, c.token), c.want) })
	}
}

func TestATokenCanStopWorking(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	for _, code := range []string{"account_inactive", "token_revoked", "token_expired"} {
		ws.FailToken(ws.BotToken(), code)
		wantError(t, form(t, ws, "auth.test"), code)
	}
	ws.FailToken(ws.BotToken(), "")
	wantError(t, form(t, ws, "auth.test"), "")
}

func TestAMissingScopeIsNamed(t *testing.T) {
	ws, _, general := sim(t, Options{Scopes: []string{"users:read", "app_mentions:read"}})
	cases := map[string][]string{
		"chat.postMessage":                      {"chat:write", "channel", general.ID, "text", "x"},
		"chat.startStream":                      {"chat:write", "channel", general.ID},
		"reactions.add":                         {"reactions:write", "channel", general.ID},
		"files.info":                            {"files:read", "file", "F1"},
		"team.info":                             {"team:read"},
		"conversations.history":                 {"channels:history", "channel", general.ID},
		"conversations.info":                    {"channels:read", "channel", general.ID},
		"conversations.open":                    {"im:write", "users", "U000000002"},
		"assistant.threads.setStatus":           {"chat:write", "channel_id", general.ID},
		"assistant.threads.setSuggestedPrompts": {"assistant:write", "channel_id", general.ID},
	}
	for method, args := range cases {
		answer := form(t, ws, method, args[1:]...)
		wantError(t, answer, "missing_scope")
		if answer["needed"] != args[0] || answer["provided"] != "app_mentions:read,users:read" {
			t.Errorf("%s: needed %v, provided %v, want needed %s", method, answer["needed"], answer["provided"], args[0])
		}
	}
	ws.Grant("team:read")
	wantError(t, form(t, ws, "team.info"), "")
	ws.Withhold("team:read")
	wantError(t, form(t, ws, "team.info"), "missing_scope")
}

func TestScopesOfATokenAreInTheHeaders(t *testing.T) {
	ws, _, _ := sim(t, Options{Scopes: []string{"chat:write", "app_mentions:read"}})
	who, err := client(ws).AuthTest()
	if err != nil {
		t.Fatal(err)
	}
	if got := who.Header.Get("X-OAuth-Scopes"); got != "app_mentions:read,chat:write" {
		t.Errorf("X-OAuth-Scopes = %q", got)
	}
	if who.UserID != ws.Bot.ID || who.BotID != ws.BotID || who.TeamID != ws.Team.ID {
		t.Errorf("auth.test = %+v", who)
	}
}

func TestJSONWithoutCharsetIsWarnedOf(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	answer := raw(t, ws, "auth.test", "application/json", `{}`, ws.BotToken())
	if answer["warning"] != "missing_charset" {
		t.Errorf("answer = %v", answer)
	}
	answer = raw(t, ws, "auth.test", "application/json; charset=utf-8", `{}`, ws.BotToken())
	if answer["warning"] != nil {
		t.Errorf("answer = %v", answer)
	}
}

func TestJSONAndFormsSayTheSame(t *testing.T) {
	ws, _, general := sim(t, Options{})
	answer := raw(t, ws, "chat.postMessage", "application/json; charset=utf-8",
		`{"channel":"`+general.ID+`","text":"hi","unfurl_links":false,"metadata":{"event_type":"e","event_payload":{"k":1}},"blocks":[{"type":"divider"}]}`, ws.BotToken())
	wantError(t, answer, "")
	answer = form(t, ws, "chat.postMessage", "channel", general.ID, "text", "hi", "unfurl_links", "false",
		"metadata", `{"event_type":"e","event_payload":{"k":1}}`, "blocks", `[{"type":"divider"}]`)
	wantError(t, answer, "")
	posts := general.Posts()
	if len(posts) != 2 {
		t.Fatalf("%d posts", len(posts))
	}
	for _, p := range posts {
		if p.Text != "hi" || p.UnfurlLinks == nil || *p.UnfurlLinks || p.UnfurlMedia != nil || len(p.Blocks) != 1 || p.Metadata.EventPayload["k"] != 1.0 {
			t.Errorf("post = %+v", p)
		}
	}
}

func TestRateLimitsAnswerWithRetryAfter(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, _, general := sim(t, Options{Clock: clock})
	api := client(ws)
	post := func() error { _, _, err := api.PostMessage(general.ID, slack.MsgOptionText("x", false)); return err }
	for range 3 { // the burst
		if err := post(); err != nil {
			t.Fatal(err)
		}
	}
	limited, ok := post().(*slack.RateLimitedError)
	if !ok || limited.RetryAfter != 1e9 {
		t.Fatalf("fourth post: %v", limited)
	}
	if err := post(); err == nil {
		t.Fatal("a post before Retry-After succeeded")
	}
	clock.Advance(limited.RetryAfter)
	if err := post(); err != nil {
		t.Fatalf("after Retry-After: %v", err)
	}
	v := ws.Violations()
	if len(v) != 2 || v[0].Kind != TooFast || v[1].Kind != TooSoon || v[0].Channel != general.ID {
		t.Errorf("violations = %+v", v)
	}
	other := ws.AddChannel(ChannelSpec{Name: "other"})
	if _, _, err := api.PostMessage(other.ID, slack.MsgOptionText("x", false)); err != nil {
		t.Errorf("the limit is by channel: %v", err)
	}
}

func TestTiersLimitMethodsByTheMinute(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, _, _ := sim(t, Options{Clock: clock, Limits: Limits{Methods: map[string]Rate{"users.info": {PerMinute: 1, Burst: 1}}}})
	for i := range 51 {
		want := ""
		if i == 50 {
			want = "ratelimited"
		}
		wantError(t, form(t, ws, "team.info"), want)
	}
	wantError(t, form(t, ws, "users.info", "user", ws.Bot.ID), "")
	wantError(t, form(t, ws, "users.info", "user", ws.Bot.ID), "ratelimited")
	clock.Advance(60e9)
	wantError(t, form(t, ws, "users.info", "user", ws.Bot.ID), "")
}

func TestACorrectlyPacedAppNeverViolates(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, _, general := sim(t, Options{Clock: clock})
	for range 400 {
		wantError(t, form(t, ws, "chat.postMessage", "channel", general.ID, "text", "x"), "")
		clock.Advance(1e9)
	}
	if v := ws.Violations(); len(v) != 0 {
		t.Errorf("%d violations, first %+v", len(v), v[0])
	}
}

func TestRetryAfterCanBeMissing(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	ws.Inject(Fault{Method: "auth.test", Kind: RateLimit})
	_, err := client(ws).AuthTest()
	if status, ok := err.(slack.StatusCodeError); !ok || status.Code != http.StatusTooManyRequests {
		t.Errorf("err = %v", err)
	}
}

func TestPeopleAndTeamAreShown(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	guest := ws.AddUser(UserSpec{Name: "gus", Kind: Guest})
	single := ws.AddUser(UserSpec{Name: "sue", Kind: SingleGuest})
	stranger := ws.AddUser(UserSpec{Name: "sam", Kind: Stranger})
	robot := ws.AddUser(UserSpec{Name: "robo", Kind: Bot})
	robot.Deactivate()
	shared := ws.AddChannel(ChannelSpec{Name: "partners", SharedWith: []string{"T999999999"}, Members: []*User{alice, stranger}})
	api := client(ws)
	show := func(u *User) *slack.User {
		t.Helper()
		got, err := api.GetUserInfo(u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if u := show(guest); !u.IsRestricted || u.IsUltraRestricted {
		t.Errorf("guest = %+v", u)
	}
	if u := show(single); !u.IsRestricted || !u.IsUltraRestricted {
		t.Errorf("single-channel guest = %+v", u)
	}
	if u := show(stranger); !u.IsStranger || u.TeamID == ws.Team.ID {
		t.Errorf("stranger = %+v", u)
	}
	if u := show(robot); !u.IsBot || !u.Deleted || robot.BotID == ws.BotID {
		t.Errorf("robot = %+v (bot %s)", u, robot.BotID)
	}
	wantError(t, form(t, ws, "users.info", "user", "U404"), "user_not_found")
	if team, err := api.GetTeamInfo(); err != nil || team.ID != ws.Team.ID {
		t.Errorf("team = %+v, %v", team, err)
	}
	c, err := api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: shared.ID, IncludeNumMembers: true})
	if err != nil || !c.IsExtShared || c.NumMembers != 3 || !c.IsMember {
		t.Errorf("shared channel = %+v, %v", c, err)
	}
	if c, err = api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: general.ID}); err != nil || c.IsExtShared || c.Name != "general" {
		t.Errorf("general = %+v, %v", c, err)
	}
	if got := ws.DM(alice).partner(); got != alice.ID {
		t.Errorf("partner = %s", got)
	}
}

func TestConversationsAreOpened(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	bob := ws.AddUser(UserSpec{Name: "bob"})
	gone := ws.AddUser(UserSpec{Name: "gone"})
	gone.Deactivate()
	api := client(ws)
	im, _, already, err := api.OpenConversation(&slack.OpenConversationParameters{Users: []string{alice.ID}, ReturnIM: true})
	if err != nil || already || !im.IsIM || im.User != alice.ID {
		t.Fatalf("im = %+v, already %v, %v", im, already, err)
	}
	again, _, already, err := api.OpenConversation(&slack.OpenConversationParameters{Users: []string{alice.ID}})
	if err != nil || !already || again.ID != im.ID {
		t.Errorf("again = %+v, already %v, %v", again, already, err)
	}
	group, _, _, err := api.OpenConversation(&slack.OpenConversationParameters{Users: []string{alice.ID, bob.ID}, ReturnIM: true})
	if err != nil || !group.IsMpIM {
		t.Errorf("group = %+v, %v", group, err)
	}
	many := strings.TrimSuffix(strings.Repeat(alice.ID+",", 9), ",")
	for want, args := range map[string][]string{
		"users_list_not_supplied":               nil,
		"user_not_found":                        {"users", "U404"},
		"user_disabled":                         {"users", gone.ID},
		"too_many_users":                        {"users", many},
		"channel_not_found":                     {"channel", "C404"},
		"method_not_supported_for_channel_type": {"channel", general.ID},
	} {
		wantError(t, form(t, ws, "conversations.open", args...), want)
	}
}

func TestCallsAreCountedWithoutTheirToken(t *testing.T) {
	ws, _, general := sim(t, Options{})
	if _, _, err := client(ws).PostMessage(general.ID, slack.MsgOptionText("canary-42", false)); err != nil {
		t.Fatal(err)
	}
	if got := ws.Grep("CANARY-42"); len(got) != 1 || got[0].Method != "chat.postMessage" {
		t.Errorf("Grep = %v", got)
	}
	if got := ws.Grep(ws.BotToken()); len(got) != 0 {
		t.Errorf("the token was recorded: %v", got)
	}
	if n := ws.CallCount()["chat.postMessage"]; n != 1 {
		t.Errorf("%d calls", n)
	}
	if !slices.ContainsFunc(ws.Calls(""), func(c Call) bool { return c.Args["channel"] == general.ID }) {
		t.Errorf("Calls = %v", ws.Calls(""))
	}
}
