package slacksim

import (
	"fmt"
	"slices"
	"testing"

	"github.com/slack-go/slack"
)

func TestTheBotListsWhereItIs(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	secret := ws.AddChannel(ChannelSpec{Name: "secret", Kind: Private})
	old := ws.AddChannel(ChannelSpec{Name: "old", Archived: true})
	ws.AddChannel(ChannelSpec{Name: "elsewhere", WithoutBot: true, Members: []*User{alice}})
	ws.AddChannel(ChannelSpec{Name: "hidden", Kind: Private, WithoutBot: true, Members: []*User{alice}})
	im := ws.DM(alice)
	api := client(ws)
	cases := []struct {
		name string
		p    slack.GetConversationsForUserParameters
		want []string
	}{
		{"public ones by default", slack.GetConversationsForUserParameters{}, []string{general.ID, old.ID}},
		{"living ones", slack.GetConversationsForUserParameters{ExcludeArchived: true}, []string{general.ID}},
		{"all kinds", slack.GetConversationsForUserParameters{Types: []string{"public_channel", "private_channel", "im", "mpim"}}, []string{general.ID, secret.ID, old.ID, im.ID}},
		{"direct messages", slack.GetConversationsForUserParameters{Types: []string{"im"}}, []string{im.ID}},
		{"of a person, what the bot sees", slack.GetConversationsForUserParameters{UserID: alice.ID, Types: []string{"public_channel", "private_channel"}},
			[]string{general.ID, ws.Channel("elsewhere").ID}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			c.p.Limit = 1
			for pages := 0; pages < 10; pages++ {
				page, next, err := api.GetConversationsForUser(&c.p)
				if err != nil {
					t.Fatal(err)
				}
				for _, ch := range page {
					got = append(got, ch.ID)
				}
				if c.p.Cursor = next; next == "" {
					break
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	for _, e := range [][]string{
		{"invalid_types", "types", "channels"}, {"invalid_limit", "limit", "1000"}, {"invalid_limit", "limit", "0"},
		{"invalid_cursor", "cursor", "x"}, {"user_not_found", "user", "U999"},
	} {
		wantError(t, form(t, ws, "users.conversations", e[1:]...), e[0])
	}
}

func TestEachKindOfConversationHasItsScope(t *testing.T) {
	for typ, kind := range listTypes {
		t.Run(typ, func(t *testing.T) {
			ws, alice, _ := sim(t, Options{Limits: Limits{Off: true}})
			ch := ws.AddChannel(ChannelSpec{Name: "here", Kind: kind, Members: []*User{alice}})
			ws.Withhold(kind.scope() + ":read")
			for _, answer := range []map[string]any{
				form(t, ws, "users.conversations", "types", typ),
				form(t, ws, "conversations.info", "channel", ch.ID),
				form(t, ws, "conversations.members", "channel", ch.ID),
			} {
				wantError(t, answer, "missing_scope")
				if answer["needed"] != kind.scope()+":read" {
					t.Errorf("needed %v", answer["needed"])
				}
			}
		})
	}
}

func TestInfoSaysWhatAConversationIs(t *testing.T) {
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	shared := ws.AddChannel(ChannelSpec{Name: "partners", SharedWith: []string{"T999999999"}})
	away := ws.AddChannel(ChannelSpec{Name: "away", WithoutBot: true})
	secret := ws.AddChannel(ChannelSpec{Name: "secret", Kind: Private})
	hidden := ws.AddChannel(ChannelSpec{Name: "hidden", Kind: Private, WithoutBot: true})
	cases := []struct {
		ch                       *Channel
		member, private, ext, im any
	}{
		{general, true, false, false, false},
		{shared, true, false, true, false},
		{away, false, false, false, false},
		{secret, true, true, false, false},
		{ws.DM(alice), nil, nil, nil, true},
	}
	for _, c := range cases {
		j, _ := form(t, ws, "conversations.info", "channel", c.ch.ID)["channel"].(map[string]any)
		if j["is_member"] != c.member || j["is_private"] != c.private || j["is_ext_shared"] != c.ext || j["is_im"] != c.im || j["num_members"] != nil {
			t.Errorf("#%s is %v", c.ch.Name, j)
		}
	}
	wantError(t, form(t, ws, "conversations.info", "channel", hidden.ID), "channel_not_found")
	wantError(t, form(t, ws, "conversations.members", "channel", hidden.ID), "channel_not_found")
	j, _ := form(t, ws, "conversations.info", "channel", general.ID, "include_num_members", "true")["channel"].(map[string]any)
	if j["num_members"] != 2.0 {
		t.Errorf("with numbers: %v", j)
	}
	members, next, err := client(ws).GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: general.ID, Limit: 1})
	if err != nil || len(members) != 1 || next == "" {
		t.Errorf("members %v, then %q, %v", members, next, err)
	}
}

func TestPagesGoOnThoughTheNextMessageIsGone(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	var all []*Message
	for i := range 5 {
		all = append(all, alice.Post(general, fmt.Sprint(i)))
	}
	api := client(ws)
	p := &slack.GetConversationHistoryParameters{ChannelID: general.ID, Limit: 2}
	h, err := api.GetConversationHistory(p)
	if err != nil {
		t.Fatal(err)
	}
	alice.Delete(all[2]) // the one that the cursor names
	p.Cursor = h.ResponseMetaData.NextCursor
	if h, err = api.GetConversationHistory(p); err != nil || len(h.Messages) != 2 || h.Messages[0].Timestamp != all[1].TS {
		t.Errorf("the second page is %+v, %v", h, err)
	}
}
