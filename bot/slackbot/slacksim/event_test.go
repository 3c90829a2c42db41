package slacksim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

// parsed is the last n events as the real client reads them.
func parsed(t *testing.T, ws *Workspace) []slackevents.EventsAPIEvent {
	t.Helper()
	var all []slackevents.EventsAPIEvent
	for _, d := range ws.Deliveries() {
		e, err := slackevents.ParseEvent(d.Payload, slackevents.OptionNoVerifyToken())
		if err != nil {
			t.Fatalf("%s: %v", d.Payload, err)
		}
		all = append(all, e)
	}
	return all
}

// summary names events: type, subtype, channel type.
func summary(ws *Workspace) []string {
	var all []string
	for _, e := range events(ws) {
		s := fmt.Sprint(e["type"])
		for _, k := range []string{"subtype", "channel_type"} {
			if v, ok := e[k].(string); ok {
				s += " " + v
			}
		}
		all = append(all, s)
	}
	return all
}

func TestWhatPeopleDoArrivesAsEvents(t *testing.T) {
	type scene struct {
		ws      *Workspace
		alice   *User
		general *Channel
	}
	cases := []struct {
		name string
		act  func(scene)
		want []string
	}{
		{"a message", func(s scene) { s.alice.Post(s.general, "hi") }, []string{"message channel"}},
		{"a mention is two events", func(s scene) { s.alice.Say(s.general, "hi") }, []string{"message channel", "app_mention"}},
		{"a direct message is one", func(s scene) { s.alice.Say(s.ws.DM(s.alice), "hi") }, []string{"message im"}},
		{"a group message", func(s scene) {
			s.alice.Say(s.ws.AddChannel(ChannelSpec{Kind: MPIM, Members: []*User{s.alice}}), "hi")
		}, []string{"message mpim", "app_mention"}},
		{"a private channel", func(s scene) { s.alice.Post(s.ws.AddChannel(ChannelSpec{Kind: Private}), "hi") }, []string{"message group"}},
		{"a channel without the bot", func(s scene) { s.alice.Say(s.ws.AddChannel(ChannelSpec{WithoutBot: true}), "hi") }, nil},
		{"a reply, also sent to the channel", func(s scene) {
			m := s.alice.Post(s.general, "hi")
			s.alice.Post(s.general, "more", InThread(m.TS), AlsoToChannel())
		}, []string{"message channel", "message thread_broadcast channel"}},
		{"an edit", func(s scene) { s.alice.Edit(s.alice.Post(s.general, "hi"), "ho") }, []string{"message channel", "message message_changed channel"}},
		{"an edit that mentions", func(s scene) { s.alice.Edit(s.alice.Post(s.general, "hi"), s.ws.Bot.Mention()+" hi") },
			[]string{"message channel", "message message_changed channel", "app_mention"}},
		{"a preview", func(s scene) { s.ws.Unfurl(s.alice.Post(s.general, "hi"), "https://a.test") }, []string{"message channel", "message message_changed channel"}},
		{"a deletion", func(s scene) { s.alice.Delete(s.alice.Post(s.general, "hi")) }, []string{"message channel", "message message_deleted channel"}},
		{"a legacy integration", func(s scene) { s.alice.Post(s.general, "hi", AsLegacyBot("Build")) }, []string{"message bot_message channel"}},
		{"another bot", func(s scene) { s.ws.AddUser(UserSpec{Name: "robo", Kind: Bot}).Say(s.general, "hi") }, []string{"message channel", "app_mention"}},
		{"a file", func(s scene) { s.alice.Post(s.general, "", WithFile(File{Name: "a.txt"})) }, []string{"message file_share channel", "file_shared"}},
		{"a reaction", func(s scene) {
			m := s.alice.Post(s.general, "hi")
			s.alice.React(m, "eyes")
			s.alice.Unreact(m, "eyes")
		}, []string{"message channel", "reaction_added", "reaction_removed"}},
		{"the bot is invited", func(s scene) { s.ws.AddChannel(ChannelSpec{WithoutBot: true}).Invite(s.ws.Bot) }, []string{"member_joined_channel C"}},
		{"the assistant is opened", func(s scene) {
			_, ts := s.alice.OpenAssistant(s.general)
			s.alice.LookAt(s.general, ts)
		}, []string{"assistant_thread_started", "assistant_thread_context_changed"}},
		{"the home tab is opened", func(s scene) { s.alice.OpenHome() }, []string{"app_home_opened"}},
		{"the app's own message", func(s scene) {
			form(t, s.ws, "chat.postMessage", "channel", s.general.ID, "text", "hi "+s.ws.Bot.Mention())
		}, []string{"message channel"}},
		{"the app is removed", func(s scene) { s.ws.Uninstall(); s.alice.Post(s.general, "hi") }, []string{"tokens_revoked", "app_uninstalled"}},
		{"tokens are revoked", func(s scene) { s.ws.RevokeTokens() }, []string{"tokens_revoked"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ws, alice, general := sim(t, Options{})
			c.act(scene{ws, alice, general})
			if got := summary(ws); !slices.Equal(got, c.want) {
				t.Errorf("events %q, want %q", got, c.want)
			}
			parsed(t, ws)
		})
	}
}

func TestBothEventsOfAMentionNameTheSameMessage(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	parent := alice.Post(general, "hi")
	m := alice.Say(general, "a &amp; b <https://a.test|link>", InThread(parent.TS))
	all := parsed(t, ws)
	message := all[1].InnerEvent.Data.(*slackevents.MessageEvent)
	mention := all[2].InnerEvent.Data.(*slackevents.AppMentionEvent)
	if message.TimeStamp != m.TS || mention.TimeStamp != m.TS || message.Text != mention.Text || mention.ThreadTimeStamp != parent.TS ||
		message.ClientMsgID == "" || message.User != alice.ID || mention.User != alice.ID || mention.Channel != general.ID {
		t.Errorf("message %+v, mention %+v", message, mention)
	}
	outer := all[1].Data.(*slackevents.EventsAPICallbackEvent)
	other := all[2].Data.(*slackevents.EventsAPICallbackEvent)
	if outer.EventID == other.EventID || outer.EventTime == 0 || outer.TeamID != ws.Team.ID || outer.APIAppID != ws.AppID {
		t.Errorf("outer %+v and %+v", outer, other)
	}
	var auth struct {
		Authorizations []struct {
			User_ID string
			Is_Bot  bool
		}
	}
	if err := json.Unmarshal(ws.Deliveries()[1].Payload, &auth); err != nil || auth.Authorizations[0].User_ID != ws.Bot.ID || !auth.Authorizations[0].Is_Bot {
		t.Errorf("authorizations = %+v, %v", auth, err)
	}
}

func TestTextIsTokenisedAsAClientDoes(t *testing.T) {
	b := mustJSON(richText("<@U1> a &lt; b <https://a.test|link> <#C1|x> <!here> <!subteam^S1> <open"))
	want := `{"elements":[{"elements":[{"type":"user","user_id":"U1"},{"text":" a \u003c b ","type":"text"},{"text":"link","type":"link","url":"https://a.test"},` +
		`{"text":" ","type":"text"},{"channel_id":"C1","type":"channel"},{"text":" ","type":"text"},{"range":"here","type":"broadcast"},` +
		`{"text":" ","type":"text"},{"type":"usergroup","usergroup_id":"S1"},{"text":" \u003copen","type":"text"}],"type":"rich_text_section"}],"type":"rich_text"}`
	if string(b) != want {
		t.Errorf("rich text = %s\nwant %s", b, want)
	}
}

func TestStrangersComeFromAnotherTeam(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	sam := ws.AddUser(UserSpec{Name: "sam", Kind: Stranger})
	shared := ws.AddChannel(ChannelSpec{Name: "partners", SharedWith: []string{sam.TeamID}})
	sam.Post(shared, "hi", WithFile(File{Name: "a.txt"}))
	m := parsed(t, ws)[0].InnerEvent.Data.(*slackevents.MessageEvent)
	if m.UserTeam != sam.TeamID || m.SourceTeam != sam.TeamID {
		t.Errorf("message = %+v", m)
	}
	if p := string(ws.Deliveries()[0].Payload); !strings.Contains(p, `"is_ext_shared_channel":true`) || !strings.Contains(p, `"file_access":"check_file_info"`) {
		t.Errorf("payload = %s", p)
	}
}

func TestOnlySubscribedEventsWithTheirScopesAreSent(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"app_mention", "message.im"}})
	alice.Say(general, "hi")
	alice.Post(ws.DM(alice), "hi")
	if got := summary(ws); !slices.Equal(got, []string{"app_mention", "message im"}) {
		t.Errorf("events %q", got)
	}
	ws.Withhold("app_mentions:read")
	alice.Say(general, "hi")
	if n := len(events(ws)); n != 2 {
		t.Errorf("%d events", n)
	}
	ws.Emit(map[string]any{"type": "star_added"})
	if got := summary(ws); got[2] != "star_added" {
		t.Errorf("events %q", got)
	}
}

func TestAnUninstalledAppsTokensFail(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	ws.RevokeTokens()
	wantError(t, form(t, ws, "auth.test"), "token_revoked")
	ws.Uninstall()
	wantError(t, form(t, ws, "auth.test"), "account_inactive")
}

func TestEventsSurviveTheRealClientsParserWithStreamsAndBlocks(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	q := alice.Say(general, "who won?")
	api := client(ws)
	_, ts, err := api.StartStream(general.ID, slack.MsgOptionTS(q.TS), slack.MsgOptionRecipientTeamID(ws.Team.ID), slack.MsgOptionRecipientUserID(alice.ID), slack.MsgOptionMarkdownText("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := api.StopStream(general.ID, ts, slack.MsgOptionBlocks(slack.NewMarkdownBlock("", "**x**"), slack.NewContextBlock("", slack.NewTextBlockObject("mrkdwn", "y", false, false)))); err != nil {
		t.Fatal(err)
	}
	if got := summary(ws); !slices.Equal(got, []string{"message channel", "app_mention", "message channel", "message message_changed channel"}) {
		t.Errorf("events %q", got)
	}
	all := parsed(t, ws)
	if m := all[2].InnerEvent.Data.(*slackevents.MessageEvent); m.BotID != ws.BotID || m.User != ws.Bot.ID {
		t.Errorf("the app's own message: %+v", m)
	}
}
