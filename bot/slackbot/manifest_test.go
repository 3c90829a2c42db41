package slackbot

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"go.yaml.in/yaml/v3"

	"footnote/bot/slackbot/slacksim"
)

func parsedManifest(t *testing.T, o ManifestOptions) (string, slack.Manifest) {
	t.Helper()
	var b strings.Builder
	if err := WriteManifest(&b, o); err != nil {
		t.Fatal(err)
	}
	var m slack.Manifest
	d := yaml.NewDecoder(strings.NewReader(b.String()))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return b.String(), m
}

func TestManifestForSocketMode(t *testing.T) {
	text, m := parsedManifest(t, ManifestOptions{})
	for _, s := range Scopes() {
		if !strings.Contains(text, "- "+s.Name+" # "+s.Reason+"\n") || s.Reason == "" {
			t.Errorf("%s lacks its reason", s.Name)
		}
		if !slices.Contains(m.OAuthConfig.Scopes.Bot, s.Name) {
			t.Errorf("%s is not asked for", s.Name)
		}
	}
	for _, e := range ManifestEvents() {
		if !strings.Contains(text, "- "+e.Name+" # "+e.Reason+"\n") || e.Reason == "" {
			t.Errorf("%s lacks its reason", e.Name)
		}
	}
	s := m.Settings
	if !s.SocketModeEnabled || !s.Interactivity.IsEnabled || s.Interactivity.RequestUrl != "" ||
		s.EventSubscriptions.RequestUrl != "" || s.OrgDeployEnabled || s.TokenRotationEnabled {
		t.Errorf("settings %+v", s)
	}
	if home := m.Features.AppHome; !home.MessagesTabEnabled || home.MessagesTabReadOnlyEnabled {
		t.Errorf("app home %+v", home)
	}
	if m.Display.Name != "Footnote" || m.Features.BotUser != (slack.BotUser{DisplayName: "Footnote", AlwaysOnline: true}) {
		t.Errorf("%+v, %+v", m.Display, m.Features.BotUser)
	}
	// The limits of the manifest reference.
	if n := len(m.Display.Description); n > 140 {
		t.Errorf("the description has %d characters", n)
	}
	if n := len(m.Display.LongDescription); n < 174 || n > 4000 {
		t.Errorf("the long description has %d characters", n)
	}
}

func TestManifestForHTTP(t *testing.T) {
	const url = `https://bot.example.com/slack/events?a="b"&c=#`
	_, m := parsedManifest(t, ManifestOptions{RequestURL: strings.TrimSuffix(url, "#")})
	s := m.Settings
	if s.SocketModeEnabled || s.EventSubscriptions.RequestUrl+"#" != url || s.Interactivity.RequestUrl+"#" != url {
		t.Errorf("settings %+v", s)
	}
}

func TestManifestTakesAnyPrintableName(t *testing.T) {
	for _, name := range []string{`Footnote "beta": yes`, "it's # no comment", "脚注", "true", `back\slash`, "a <b> & c", "- x", "{y}"} {
		if _, m := parsedManifest(t, ManifestOptions{Name: name}); m.Display.Name != name || m.Features.BotUser.DisplayName != name {
			t.Errorf("%q became %q", name, m.Display.Name)
		}
	}
}

func TestManifestRefusesWhatSlackWould(t *testing.T) {
	for name, o := range map[string]ManifestOptions{
		"a blank name":        {Name: "  "},
		"a long name":         {Name: strings.Repeat("é", maxAppName+1)},
		"a line break":        {Name: "a\nb"},
		"a control character": {Name: "a\u0085b"},
		"bad UTF-8":           {Name: "a\xffb"},
		"plain http":          {RequestURL: "http://bot.example.com/slack/events"},
		"no scheme":           {RequestURL: "bot.example.com/slack/events"},
		"no host":             {RequestURL: "https:///slack/events"},
		"a password":          {RequestURL: "https://u:p@bot.example.com/slack/events"},
		"no URL":              {RequestURL: "https://%zz"},
	} {
		var b strings.Builder
		err := WriteManifest(&b, o)
		if e, ok := errors.AsType[*ManifestError](err); !ok || e.Hint() == "" || b.Len() > 0 {
			t.Errorf("%s: %v, and %q was written", name, err, b.String())
		}
	}
}

// A workspace that grants the manifest and nothing more sends every event that
// the bot listens to, and takes every call that it makes.
func TestManifestIsEnough(t *testing.T) {
	_, m := parsedManifest(t, ManifestOptions{})
	ws := slacksim.New(t, slacksim.Options{
		BotName: "footnote", Scopes: m.OAuthConfig.Scopes.Bot, Events: m.Settings.EventSubscriptions.BotEvents,
	})
	alice := ws.AddUser(slacksim.UserSpec{Name: "alice"})
	api := slack.New(ws.BotToken(), slack.OptionAPIURL(ws.APIURL()), slack.OptionHTTPClient(ws.HTTPClient()))
	for _, kind := range []slacksim.ChannelKind{slacksim.Public, slacksim.Private, slacksim.IM, slacksim.MPIM} {
		ch := ws.AddChannel(slacksim.ChannelSpec{Name: "talk", Kind: kind, Members: []*slacksim.User{alice}})
		before := len(ws.Deliveries())
		ts := alice.Post(ch, "who won?").TS
		if len(ws.Deliveries()) == before {
			t.Errorf("no event of a message in a channel of kind %v", kind)
		}
		calls := map[string]error{}
		_, posted, err := api.PostMessageContext(t.Context(), ch.ID, slack.MsgOptionText("They did.", false), slack.MsgOptionTS(ts))
		calls["chat.postMessage"] = err
		_, _, _, calls["chat.update"] = api.UpdateMessageContext(t.Context(), ch.ID, posted, slack.MsgOptionText("She did.", false))
		_, _, calls["chat.delete"] = api.DeleteMessageContext(t.Context(), ch.ID, posted)
		_, _, _, calls["conversations.replies"] = api.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: ch.ID, Timestamp: ts})
		calls["assistant.threads.setStatus"] = api.SetAssistantThreadsStatusContext(t.Context(), slack.AssistantThreadsSetStatusParameters{ChannelID: ch.ID, ThreadTS: ts, Status: "reads"})
		_, calls["agents.sessions.setStatus"] = api.SetAgentSessionStatusContext(t.Context(), slack.AgentSessionSetStatusParameters{ChannelID: ch.ID, ThreadTS: ts, Status: slack.AgentSessionStatusProcessing})
		_, calls["agents.sessions.rename"] = api.RenameAgentSessionContext(t.Context(), slack.AgentSessionRenameParameters{ChannelID: ch.ID, ThreadTS: ts, Title: "Winners"})
		calls["assistant.threads.setTitle"] = api.SetAssistantThreadsTitleContext(t.Context(), slack.AssistantThreadsSetTitleParameters{ChannelID: ch.ID, ThreadTS: ts, Title: "Winners"})
		calls["assistant.threads.setSuggestedPrompts"] = api.SetAssistantThreadsSuggestedPromptsContext(t.Context(), slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: ch.ID, Prompts: []slack.AssistantThreadsPrompt{{Title: "Who?", Message: "Who won?"}}})
		_, calls["views.publish"] = api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: alice.ID, View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{title("Ask")}}}})
		if !alice.StopSession(ch, ts) {
			t.Errorf("no stop button in a channel of kind %v", kind)
		}
		_, calls["users.info"] = api.GetUserInfoContext(t.Context(), alice.ID)
		for method, err := range calls {
			if err != nil {
				t.Errorf("%s in a channel of kind %v: %v", method, kind, err)
			}
		}
	}
	alice.OpenHome()
	alice.OpenMessages()
	heard := map[string]int{}
	for _, d := range ws.Deliveries() {
		heard[d.EventType]++
	}
	if heard["app_home_opened"] != 2 || heard["agent_session_stopped"] != 4 {
		t.Errorf("events %v", heard)
	}
}
