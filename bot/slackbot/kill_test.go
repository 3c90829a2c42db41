package slackbot

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/bot/slackbot/slacksim"
)

var (
	kills    = flag.Int("kills", 32, "how many processes TestKilledAtEveryPoint kills")
	killSeed = flag.Uint64("killseed", 1, "the seed of TestKilledAtEveryPoint")
)

func TestMain(m *testing.M) {
	if os.Getenv("SLACKBOT_TEST_CHILD") != "" {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		return
	}
	// The tests mostly wait, for timers, pauses and processes, so more of them run
	// side by side than there are processors; -parallel has the last word. Under the
	// race detector they compute.
	if !raceDetected() {
		flag.Set("test.parallel", strconv.Itoa(max(8, runtime.GOMAXPROCS(0))))
	}
	status := m.Run()
	postgres.Close()
	os.Exit(status)
}

// raceDetected reports whether the tests were built with -race.
func raceDetected() bool {
	built, _ := debug.ReadBuildInfo()
	return built != nil && slices.Contains(built.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// points are where a process may be killed, from an event's receipt to the end
// of its answer: the adapter's and the ledger's.
var points = []string{
	"received", "put.begin", "put.inserted", "put.committed", "taken", "acknowledged",
	"claim.begin", "claim.committed", "claimed", "record.admitted", "save.committed", "answered",
	"record.posting", "posted", "stream.started", "record.stream", "stream.appended", "stream.stopped",
	"record.posted", "looked", "updated", "deleted", "record.removed", "whispered", "delivered", "finish.begin", "finish.committed",
}

// echo answers with the question itself, so that a test sees which edit was
// answered.
var echo = scripted{func(_ context.Context, q bot.Question) (bot.Answer, error) {
	quote := "The answer to " + q.Text + "."
	a := bot.Answer{
		Text: quote + " [1]\n\nThat was all.", Outcome: bot.Answered, Mode: bot.ModeQuote, UnderstoodAs: "what was understood",
		Citations: []bot.Citation{{Marker: 1, Document: "report.txt", Paragraph: 1, Passage: "p", Quote: quote, End: len(quote)}},
	}
	if q.Literal {
		a.Text, a.UnderstoodAs = quote+" [1]\n\nThat was literal.", ""
	}
	return a, nil
}}

// child is a bot that works until it reaches a point for the given time, and
// kills itself there, or until its standard input ends.
func child() error {
	point := os.Getenv("SLACKBOT_TEST_POINT")
	count, err := strconv.Atoi(os.Getenv("SLACKBOT_TEST_COUNT"))
	if err != nil {
		return err
	}
	var reached atomic.Int64
	reach := func(at string) {
		if at == point && reached.Add(1) == int64(count) {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	ctx := context.Background()
	l, err := ledger.Open(ctx, os.Getenv("SLACKBOT_TEST_LEDGER"), mortally(point, reach))
	if err != nil {
		return err
	}
	var library Library // nil unless the test hands reports in
	if folder := os.Getenv("SLACKBOT_TEST_LIBRARY"); folder != "" {
		library = &shelf{folder: folder}
	}
	engine := Engine(echo)
	if version := os.Getenv("SLACKBOT_TEST_VERSION"); version != "" {
		engine = edition{echo, version}
	}
	b, err := New(ctx, fixed{engine}, l, Options{
		BotToken: os.Getenv("SLACK_BOT_TOKEN"), AppToken: os.Getenv("SLACK_APP_TOKEN"), APIURL: os.Getenv("SLACK_API_URL"), Reached: reach,
		Doubt: 400 * time.Millisecond, Library: library, Unpaced: true,
	})
	if err != nil {
		return err
	}
	b.markEvery = 0
	b.presence.turn, b.presence.again = 100*time.Millisecond, time.Second // whoever catches up is often dead
	err = l.Work(ctx, 4, func(ctx context.Context, c *ledger.Claim) error { return b.Handle(ctx, c.Work, c) })
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	var marking sync.WaitGroup
	marking.Go(func() { b.KeepMarked(ctx) })
	defer marking.Wait()
	if err := b.Receive(ctx); err != nil {
		return err
	}
	if err := l.Stop(ctx); err != nil {
		return err
	}
	b.Close()
	return l.Close()
}

// mortally are settings of a ledger under which a takeover takes a moment. The one
// that is not killed waits longer, since it is to do the rest on a busy machine too.
func mortally(point string, reach func(string)) ledger.Options {
	o := quickly()
	o.LeaseLapse, o.PollEvery, o.MaxAttempts, o.Reached = 600*time.Millisecond, 0, 1000, reach
	if point == "none" {
		o.LeaseLapse = 2 * time.Second
	}
	return o
}

// A siege is a workspace whose bot is killed over and over.
type siege struct {
	t        *testing.T
	ws       *slacksim.Workspace
	people   []*slacksim.User
	channels []*slacksim.Channel
	url      string
	random   *rand.Rand
	asked    map[*slacksim.Message]string // what was last asked, "" once deleted
	order    []*slacksim.Message
	reached  map[string]int
	library  string // where reports are kept; empty where none are taken
	version  string // of the report; empty where it never changes

	commands []pressed       // slash commands; text is the question
	shares   []pressed       // presses of a share button; text is the question
	literal  []pressed       // presses of "as I wrote it" below message
	expected map[string]bool // the messages of shares
	twice    int             // private answers that were seen more than once
	stops    int             // presses of Slack's stop button
}

// A pressed is something that Slack does not send again: what was acknowledged
// must be done, anything else the person sees fail.
type pressed struct {
	*slacksim.Interaction
	by      *slacksim.User
	channel *slacksim.Channel
	message *slacksim.Message
	text    string
}

func (p pressed) acknowledged() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := p.Wait(ctx)
	return err == nil
}

// TestKilledAtEveryPoint kills the bot with -9 at each labelled point in turn.
// Whatever was acknowledged is answered once, edits as edited last, and nothing
// of ours is left below what was deleted. Some posts' replies are lost as well.
func TestKilledAtEveryPoint(t *testing.T) {
	const batch = 250
	var mu sync.Mutex
	total := map[string]int{}
	questions, presses, twice, stops := 0, 0, 0, 0
	t.Run("batches", func(t *testing.T) {
		for first := 0; first < *kills; first += batch {
			seed := *killSeed + uint64(first)
			t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
				t.Parallel()
				s := besiege(t, seed, time.Second)
				s.run(min(batch, *kills-first), first)
				mu.Lock()
				defer mu.Unlock()
				questions += len(s.order) + len(s.commands)
				twice += s.twice
				stops += s.stops
				presses += len(s.shares) + len(s.literal)
				for p, n := range s.reached {
					total[p] += n
				}
			})
		}
	})
	n := 0
	for _, k := range total {
		n += k
	}
	t.Logf("%d kills, %d questions, %d stops, %d other presses, %d private answers seen twice, seed %d: %v", n, questions, stops, presses, twice, *killSeed, total)
}

// besiege starts a workspace whose Slack waits that long to be acknowledged.
func besiege(t *testing.T, seed uint64, patience time.Duration) *siege {
	retries := []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond}
	for range 60 {
		retries = append(retries, time.Second)
	}
	s := &siege{
		t: t, url: ledgerAt(t), random: rand.New(rand.NewPCG(seed, 7)),
		ws:    slacksim.New(t, slacksim.Options{Limits: slacksim.Limits{Off: true}, Retries: retries, AckTimeout: patience}),
		asked: map[*slacksim.Message]string{}, reached: map[string]int{}, expected: map[string]bool{},
	}
	for i := range 3 {
		s.people = append(s.people, s.ws.AddUser(slacksim.UserSpec{Name: fmt.Sprint("person", i)}))
	}
	for i := range 16 {
		s.channels = append(s.channels, s.ws.AddChannel(slacksim.ChannelSpec{Name: fmt.Sprint("channel", i)}))
	}
	return s
}

func (s *siege) run(kills, first int) {
	for n := 0; n < kills; {
		point := points[(first+n)%len(points)]
		p := s.start(point, 1+s.random.IntN(2))
		s.act(point)
		if s.died(p.Cmd, point) {
			n++
		}
	}
	s.ws.ClearFaults()
	p := s.start("none", 1)
	s.peace()
	p.stdin.Close()
	if err := p.Wait(); err != nil {
		s.t.Error(err)
	}
	s.check()
}

// act has people say something that leads to the point.
func (s *siege) act(point string) {
	if point == "looked" {
		s.ws.Inject(slacksim.Fault{Method: "chat.startStream", Call: 1, Kind: slacksim.DropResponse, Effect: true})
	} else if s.random.IntN(8) == 0 {
		s.ws.Inject(slacksim.Fault{
			Method: []string{"chat.postMessage", "chat.startStream", "chat.stopStream", "chat.update"}[s.random.IntN(4)],
			Call:   1, Kind: slacksim.DropResponse, Effect: s.random.IntN(2) == 0,
		})
	}
	if point == "whispered" || s.random.IntN(3) == 0 {
		s.press()
	}
	u := s.people[s.random.IntN(len(s.people))]
	text := fmt.Sprint("question ", len(s.order))
	m := u.Say(s.channels[s.random.IntN(len(s.channels))], text)
	s.order = append(s.order, m)
	s.asked[m] = text
	s.stop()
	old := s.order[max(0, len(s.order)-1-s.random.IntN(6))]
	if s.asked[old] == "" {
		return
	}
	author := s.author(old)
	edits, deletes := point == "updated" || s.random.IntN(6) == 0, point == "deleted" || point == "record.removed" || s.random.IntN(10) == 0
	switch {
	case deletes:
		author.Delete(old)
		s.asked[old] = ""
	case edits:
		s.asked[old] = fmt.Sprint("edit ", s.random.Uint32(), " of ", text)
		author.Edit(old, s.ws.Bot.Mention()+" "+s.asked[old])
	}
}

// stop has somebody press Slack's stop button wherever it shows among the last
// threads. The engine here does not mind; Slack ends its streams.
func (s *siege) stop() {
	if s.random.IntN(2) == 0 {
		return
	}
	time.Sleep(time.Duration(s.random.IntN(200)) * time.Millisecond)
	for _, m := range s.order[max(0, len(s.order)-5):] {
		if s.people[s.random.IntN(len(s.people))].StopSession(s.ws.Channel(m.Channel), m.TS) {
			s.stops++
		}
	}
}

// press has somebody use the slash command, or a button below an old answer.
func (s *siege) press() {
	u, ch := s.people[s.random.IntN(len(s.people))], s.channels[s.random.IntN(len(s.channels))]
	text := fmt.Sprint("command ", len(s.commands))
	s.commands = append(s.commands, pressed{u.Command(ch, "/footnote", text), u, ch, nil, text})
	old := s.commands[s.random.IntN(len(s.commands))]
	for _, m := range old.channel.Ephemerals() {
		if m.EphemeralTo == old.by.ID && strings.Contains(shownText(m), "The answer to "+old.text+".") {
			s.shares = append(s.shares, pressed{old.by.Click(m, shareAction), old.by, old.channel, m, old.text})
			break
		}
	}
	for _, m := range s.order[max(0, len(s.order)-3):] {
		if s.asked[m] == "" {
			continue
		}
		for _, r := range s.ws.Channel(m.Channel).Thread(m.TS) {
			if r.BotID == s.ws.BotID && hasAction(r, literalAction) && strings.Contains(shownText(r), "The answer to "+s.asked[m]+".") {
				s.literal = append(s.literal, pressed{s.author(m).Click(r, literalAction), s.author(m), nil, m, s.asked[m]})
				return
			}
		}
	}
}

func hasAction(m *slacksim.Message, id string) bool {
	return strings.Contains(fmt.Sprint(m.Blocks), "action_id:"+id+" ")
}

func (s *siege) author(m *slacksim.Message) *slacksim.User {
	for _, u := range s.people {
		if u.ID == m.User {
			return u
		}
	}
	return nil
}

type besieged struct {
	*exec.Cmd
	stdin io.Closer
}

func (s *siege) start(point string, count int) besieged {
	p := besieged{Cmd: exec.Command(os.Args[0])}
	p.Env = append(os.Environ(), "SLACKBOT_TEST_CHILD=1", "SLACKBOT_TEST_POINT="+point, "SLACKBOT_TEST_COUNT="+strconv.Itoa(count),
		"SLACKBOT_TEST_LEDGER="+s.url, "SLACKBOT_TEST_LIBRARY="+s.library, "SLACKBOT_TEST_VERSION="+s.version, "GORACE=atexit_sleep_ms=0")
	for name, value := range s.ws.Env() {
		p.Env = append(p.Env, name+"="+value)
	}
	p.Stderr = os.Stderr
	stdin, err := p.StdinPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	p.stdin = stdin
	return p
}

// died waits for a process to kill itself; one that does not reach its point is
// killed from outside, wherever it is.
func (s *siege) died(p *exec.Cmd, point string) bool {
	return s.diedWithin(p, point, 700*time.Millisecond)
}

func (s *siege) diedWithin(p *exec.Cmd, point string, patience time.Duration) bool {
	timer := time.AfterFunc(patience, func() {
		point = "anywhere"
		p.Process.Kill()
	})
	p.Wait()
	timer.Stop()
	if status, ok := p.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		s.t.Fatalf("the process ended with %v", p.ProcessState)
	}
	s.reached[point]++
	return true
}

// peace waits until everything is taken and answered.
func (s *siege) peace() {
	ctx, cancel := context.WithTimeout(s.t.Context(), 3*time.Minute)
	defer cancel()
	l, err := ledger.Open(ctx, s.url, quickly())
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	for quiet := 0; quiet < 3; time.Sleep(50 * time.Millisecond) {
		stats, err := l.Stats(ctx)
		if err != nil {
			s.t.Fatalf("%v; unacknowledged: %d", err, len(s.ws.Unacked()))
		}
		if quiet++; stats.Depth+stats.Running > 0 || !s.ws.Idle() {
			quiet = 0
		}
	}
}

// check compares what stands in Slack with what was asked.
func (s *siege) check() {
	if n := len(s.ws.Unacked()); n > 0 {
		s.t.Errorf("%d events were never acknowledged", n)
	}
	if d := s.ws.Duplicates("post"); len(d) > 0 {
		s.t.Errorf("%d answers stand twice: %v", len(d), d)
	}
	for m, text := range s.asked {
		ch := s.ws.Channel(m.Channel)
		var ours []*slacksim.Message
		for _, r := range ch.Thread(m.TS) {
			if r.BotID == s.ws.BotID {
				ours = append(ours, r)
			}
		}
		switch {
		case text == "" && len(ours) > 0:
			s.t.Errorf("%d messages are left below the deleted %s", len(ours), m.Text)
		case text != "" && len(ours) != 1:
			s.t.Errorf("%d answers to %q", len(ours), text)
		case text != "" && !strings.Contains(shownText(ours[0]), "The answer to "+text+"."):
			s.t.Errorf("%q is answered with %q", text, shownText(ours[0]))
		}
		if session := ch.Session(m.TS); text != "" && session != nil && session.Status != slacksim.SessionActive {
			s.t.Errorf("the session of %q is %v", text, session.Status)
		}
	}
	s.checkPressed()
}

// checkPressed compares what stands in Slack with what people pressed.
func (s *siege) checkPressed() {
	seen := func(c pressed) (n int) {
		for _, m := range append(c.channel.Ephemerals(), s.ws.DM(c.by).Posts()...) {
			if strings.Contains(shownText(m), "The answer to "+c.text+".") {
				n++
			}
		}
		return n
	}
	for _, c := range s.commands {
		switch n := seen(c); {
		case c.acknowledged() && n == 0:
			s.t.Errorf("%s was never answered", c.text)
		case n > 1:
			s.twice++
		}
	}
	for _, p := range s.shares {
		n := 0
		for _, m := range p.channel.Posts() {
			if !m.IsReply() && strings.Contains(m.Text, "The answer to "+p.text+".") {
				n++
				s.expected[m.TS] = true
			}
		}
		if n > 1 || n == 0 && p.acknowledged() {
			s.t.Errorf("%s was shared %d times", p.text, n)
		}
	}
	for _, ch := range s.channels {
		for _, m := range ch.Posts() {
			if !m.IsReply() && !s.expected[m.TS] {
				s.t.Errorf("an answer stands in the channel by itself: %s", m.Text)
			}
		}
	}
	for _, p := range s.literal {
		if s.asked[p.message] != p.text || !p.acknowledged() {
			continue // edited or deleted since
		}
		for _, r := range s.ws.Channel(p.message.Channel).Thread(p.message.TS) {
			if r.BotID == s.ws.BotID && !strings.Contains(shownText(r), "That was literal.") {
				s.t.Errorf("%s is not taken as it was written: %s", p.text, shownText(r))
			}
		}
	}
}

// shownText is what a message shows, streamed or in blocks.
func shownText(m *slacksim.Message) string {
	text := m.Text
	for _, b := range m.Blocks {
		if s, ok := b["text"].(string); ok {
			text += "\n" + s
		}
	}
	return text
}
