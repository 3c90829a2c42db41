package slacksim

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("transcript:\n%s\nwant:\n%s", got, want)
	}
}

// converse has one of everything said.
func converse(t *testing.T) *Workspace {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	bob := ws.AddUser(UserSpec{Name: "bob"})
	api := client(ws)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	serve(t, ws, nothing)

	q := alice.Say(general, "who won, <@"+bob.ID+">?\nAnd when? In <#"+general.ID+"|general> nobody knows.")
	must(api.AddReaction("eyes", slack.NewRefToMessage(general.ID, q.TS)))
	must(api.SetAssistantThreadsStatus(slack.AssistantThreadsSetStatusParameters{ChannelID: general.ID, ThreadTS: q.TS, Status: "is reading the report"}))
	_, ts, err := api.StartStream(general.ID, slack.MsgOptionTS(q.TS), slack.MsgOptionRecipientTeamID(ws.Team.ID), slack.MsgOptionRecipientUserID(alice.ID), slack.MsgOptionMarkdownText("The **north** won. "))
	must(err)
	_, _, err = api.AppendStream(general.ID, ts, slack.MsgOptionMarkdownText("[1]\nIn 1931. [2]"))
	must(err)
	plain := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
	_, _, err = api.StopStream(general.ID, ts, slack.MsgOptionBlocks(
		slack.NewContextBlock("", slack.NewTextBlockObject("mrkdwn", "[1] ¶18 · Competition", false, false), slack.NewTextBlockObject("mrkdwn", "[2] ¶20", false, false)),
		slack.NewActionBlock("", slack.NewButtonBlockElement("show", ts, plain("Show [1]"))),
		slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement("f", slack.NewFeedbackButton(plain("Good"), "g"), slack.NewFeedbackButton(plain("Bad"), "b"))),
	))
	must(err)
	bob.Post(general, "thanks", InThread(q.TS))
	_, err = api.PostEphemeral(general.ID, bob.ID, slack.MsgOptionText("only members may ask", false), slack.MsgOptionTS(q.TS))
	must(err)

	click := alice.Click(general.Message(ts), "show")
	view := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("Passage"), Close: plain("Close"), Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewHeaderBlock(plain("Competition")), slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "before\n*The north won.*\nafter", false, false), nil, nil), slack.NewDividerBlock(),
	}}}
	v, err := api.OpenView(click.TriggerID, view)
	must(err)
	_, err = api.UpdateView(view, "", v.Hash, v.ID)
	must(err)
	_, err = alice.Dismiss(alice.Modal()).Wait(testContext(t))
	must(err)

	gone := bob.Post(general, "oops "+ws.BotToken())
	bob.Delete(gone)
	again := bob.Post(general, "edited")
	bob.Edit(again, "edited once")
	bob.Edit(again, "edited twice")
	_, _, err = api.PostMessage(general.ID, slack.MsgOptionText("fallback", false), slack.MsgOptionBlocks(
		slack.NewMarkdownBlock("", "# A\n- b"),
		slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("rich", nil), slack.NewRichTextSectionUserElement(bob.ID, nil))),
		slack.NewSectionBlock(nil, []*slack.TextBlockObject{plain("f1"), plain("f2")}, nil),
		slack.NewImageBlock("https://a.test/i.png", "a map", "", nil)))
	must(err)
	_, _, err = api.PostMessage(general.ID, slack.MsgOptionText("", false), slack.MsgOptionTS(again.TS), slack.MsgOptionBroadcast(), slack.MsgOptionBlocks(slack.NewDividerBlock()))
	must(err)

	im, thread := alice.OpenAssistant(general)
	prompts := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: im.ID, ThreadTS: thread, Title: "Ask me"}
	prompts.AddPrompt("Who won?", "Who won the race?")
	must(api.SetAssistantThreadsSuggestedPrompts(prompts))
	must(api.SetAssistantThreadsTitle(slack.AssistantThreadsSetTitleParameters{ChannelID: im.ID, ThreadTS: thread, Title: "Winners"}))
	alice.Post(im, "who won?", InThread(thread), WithFile(File{Name: "notes.txt"}))
	_, _, err = api.PostMessage(im.ID, slack.MsgOptionText("The north.", false), slack.MsgOptionTS(thread))
	must(err)
	_, err = api.PublishView(alice.ID, slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewSectionBlock(plain("Ask about the report."), nil, slack.NewAccessory(slack.NewButtonBlockElement("ask", "", plain("Ask"))))}}}, "")
	must(err)
	sam := ws.AddUser(UserSpec{Name: "sam", Kind: Stranger})
	sam.Post(ws.AddChannel(ChannelSpec{Name: "partners", SharedWith: []string{sam.TeamID}}), "hello")
	alice.Post(ws.AddChannel(ChannelSpec{Name: "secret", Kind: Private}), "psst", AsLegacyBot("Build"))
	return ws
}

func TestTheTranscriptReadsLikeAConversation(t *testing.T) {
	ws := converse(t)
	got := ws.Transcript()
	golden(t, "transcript.golden", got)
	for _, secret := range []string{ws.BotToken(), ws.AppToken(), ws.SigningSecret()} {
		if strings.Contains(got, secret) {
			t.Errorf("the transcript holds %s", secret)
		}
	}
	if again := converse(t).Transcript(); again != got {
		t.Errorf("a second run reads\n%s", again)
	}
	if one := ws.Channel("partners").Transcript(); one != "== #partners (shared) ==\nsam: hello\n" {
		t.Errorf("one channel reads %q", one)
	}
}
