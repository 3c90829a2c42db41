package slackbot

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"footnote/bot/slackbot/slacksim"
)

// TestKilledWhileCatchingUp kills the bot with -9 over and over while it reads
// what it missed, with no event of that ever coming: everything is answered once.
func TestKilledWhileCatchingUp(t *testing.T) {
	s := &siege{
		t: t, url: ledgerAt(t), random: rand.New(rand.NewPCG(1, 7)), reached: map[string]int{},
		ws: slacksim.New(t, slacksim.Options{Limits: slacksim.Limits{Off: true}, AckTimeout: 100 * time.Millisecond, Retries: []time.Duration{}}),
	}
	alice, bob := s.ws.AddUser(slacksim.UserSpec{Name: "alice"}), s.ws.AddUser(slacksim.UserSpec{Name: "bob"})
	places := []*slacksim.Channel{s.ws.Channel("general"), s.ws.AddChannel(slacksim.ChannelSpec{Name: "team", Kind: slacksim.Private}), s.ws.DM(alice)}
	p := s.start("present", 1) // there is a mark from now on
	p.Wait()
	asked := map[*slacksim.Message]string{}
	for n, point := range []string{
		"catch.begin", "catch.taken", "put.inserted", "put.committed", "catch.taken", "claim.committed", "posted",
		"catch.taken", "catch.done", "stream.started", "finish.begin", "catch.taken",
	} {
		text := fmt.Sprint("question ", n)
		m := alice.Say(places[n%len(places)], text)
		asked[m] = text
		if n%3 == 0 {
			more := text + " and more"
			asked[alice.Post(places[0], more, slacksim.InThread(m.TS))] = more
			bob.Post(places[0], "talk", slacksim.InThread(m.TS))
			alice.Post(places[0], "talk, too", slacksim.InThread(m.TS))
		}
		for !s.ws.Idle() {
			time.Sleep(5 * time.Millisecond)
		}
		s.died(s.start(point, 1+s.random.IntN(3)).Cmd, point)
	}
	p = s.start("none", 1)
	answered := func(text string) (n int) {
		for _, ch := range places {
			for _, m := range ch.Posts() {
				if strings.Contains(shownText(m), "The answer to "+text+".") {
					n++
				}
			}
		}
		return n
	}
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		missing := 0
		for _, text := range asked {
			missing += max(0, 1-answered(text))
		}
		if missing == 0 {
			break
		}
	}
	s.peace()
	p.stdin.Close()
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	posts := 0
	for _, ch := range places {
		posts += len(ch.Posts())
	}
	for _, text := range asked {
		if n := answered(text); n != 1 {
			t.Errorf("%d answers to %q", n, text)
		}
	}
	if posts != len(asked) {
		t.Errorf("%d answers to %d questions\n%s", posts, len(asked), s.ws.Transcript())
	}
	t.Logf("%d questions, killed at %v", len(asked), s.reached)
}
