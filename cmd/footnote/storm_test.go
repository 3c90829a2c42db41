package main

import (
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"footnote/bot/ledger/pgtest"
	"footnote/bot/slackbot/slacksim"
	"footnote/retrieval/weaviatestore/weaviatetest"
)

var (
	stormQuestions = flag.Int("questions", 300, "how many questions TestNothingIsLostInAStorm asks")
	stormRate      = flag.Float64("rate", 8, "how many of them in a second")
	stormSeed      = flag.Uint64("stormseed", 0, "the seed of TestNothingIsLostInAStorm; 0 takes one from the clock")
)

// slackRetries are Slack's waits before it sends again (docs.slack.dev, "The
// Events API": at once, one minute, five minutes, then with delayed events every
// hour), with a second for a minute, and ten for an hour.
func slackRetries() []time.Duration {
	retries := []time.Duration{0, time.Second, 5 * time.Second}
	for range 24 {
		retries = append(retries, 10*time.Second)
	}
	return retries
}

// A storm is three replicas on one PostgreSQL and three nodes of Weaviate, of
// which any is killed and comes back at any time.
type storm struct {
	t        *testing.T
	seed     uint64
	ws       *slacksim.Workspace
	servers  *pgtest.Servers
	database string
	weaviate *weaviatetest.Cluster
	replicas []*replica

	asking    sync.WaitGroup
	allAsked  atomic.Bool
	questions []*harbourQuestion
	harms     []harm
}

// A harm is something that was killed.
type harm struct {
	what   string
	at     time.Time
	lasted time.Duration // until it was started again
}

// Three replicas are asked while they, PostgreSQL and one node of Weaviate at a
// time are killed and started again at random. Every question is answered once,
// by what answers it, and those of each thread in the order they came.
func TestNothingIsLostInAStorm(t *testing.T) {
	if !pgtest.Wanted() {
		t.Skip("FOOTNOTE_TEST_POSTGRES names no PostgreSQL: start; bash .ci/run storm sets it")
	}
	weaviatetest.Server(t)
	s := gather(t)
	s.asking.Go(s.ask)
	s.rage()
	s.asking.Wait()
	s.settle()
	s.check()
	s.report()
}

// gather starts everything, and returns when all replicas take questions.
func gather(t *testing.T) *storm {
	s := &storm{t: t, seed: *stormSeed, servers: &pgtest.Servers{}}
	if s.seed == 0 {
		s.seed = uint64(time.Now().UnixNano()) % 1e6
	}
	t.Cleanup(s.servers.Close)
	s.database = s.servers.Schema(t)
	if s.servers.Started() == nil {
		t.Skip("only a PostgreSQL that the test starts is crashed: FOOTNOTE_TEST_POSTGRES=start")
	}
	s.weaviate = weaviatetest.New(t, 3)
	var env []string
	s.ws, env = workspace(t, slacksim.Options{Limits: slacksim.Limits{Off: true}, Retries: slackRetries()})
	env = append(env, "DATABASE_URL="+s.database, "WEAVIATE_URL="+s.weaviate.URLs(), "FOOTNOTE_CORPUS="+harbourReport(t))
	for range 3 {
		s.replicas = append(s.replicas, keepRunning(t, env))
	}
	for _, r := range s.replicas {
		s.until(2*time.Minute, "the replicas to be ready", r.ready)
	}
	return s
}

func (s *storm) until(most time.Duration, what string, done func() bool) {
	s.t.Helper()
	for began := time.Now(); !done(); time.Sleep(200 * time.Millisecond) {
		if time.Since(began) > most {
			said := ""
			for i, r := range s.replicas {
				all := r.all()
				said += fmt.Sprintf("replica %d: …%s\n", i, all[max(0, len(all)-3000):])
			}
			s.t.Fatalf("seed %d: in vain waited for %s\n%s", s.seed, what, said)
		}
	}
}

// ask has many people ask in many threads of many channels.
func (s *storm) ask() {
	defer s.allAsked.Store(true)
	random := rand.New(rand.NewPCG(s.seed, 1))
	var people []*slacksim.User
	for i := range 20 {
		people = append(people, s.ws.AddUser(slacksim.UserSpec{Name: fmt.Sprint("person", i)}))
	}
	var channels []*slacksim.Channel
	for i := range 50 {
		channels = append(channels, s.ws.AddChannel(slacksim.ChannelSpec{Name: fmt.Sprint("harbour", i)}))
	}
	began := time.Now()
	for n := range *stormQuestions {
		q := &harbourQuestion{number: n, channel: channels[random.IntN(len(channels))].ID}
		var below []slacksim.PostOption
		if n > 0 && random.IntN(3) > 0 { // one of the last threads goes on
			last := s.questions[n-1-random.IntN(min(n, 40))]
			q.channel, q.thread = last.channel, last.thread
			below = append(below, slacksim.InThread(q.thread))
		}
		m := people[random.IntN(len(people))].Say(s.ws.Channel(q.channel), questionAbout(n), below...)
		if q.ts = m.TS; q.thread == "" {
			q.thread = m.TS
		}
		s.questions = append(s.questions, q)
		time.Sleep(time.Until(began.Add(time.Duration(float64(n+1) / *stormRate * float64(time.Second)))))
	}
}

// A turn is when something is killed next, and when it comes back.
type turn struct {
	next, back time.Time
	down       func() // kills
	up         func() // brings back; the next turn waits until ready
	ready      func() bool
	least      time.Duration // from being ready to the next kill, at least
	random     *rand.Rand
}

func (w *turn) take(now time.Time) {
	switch {
	case !w.back.IsZero() && now.After(w.back):
		w.up()
		w.back, w.next = time.Time{}, time.Time{}
	case !w.back.IsZero():
	case w.next.IsZero() && w.ready():
		w.next = now.Add(w.least + time.Duration(w.random.Int64N(int64(3*w.least))))
	case !w.next.IsZero() && now.After(w.next):
		w.down()
	}
}

// rage kills and brings back until everything was asked, and then brings all back.
func (s *storm) rage() {
	turns := []*turn{s.replicaTurn(), s.postgresTurn(), s.weaviateTurn()}
	for !s.allAsked.Load() {
		for _, w := range turns {
			w.take(time.Now())
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, w := range turns {
		if !w.back.IsZero() {
			w.up()
		}
	}
}

// harm notes what is killed and for how long it is away.
func (s *storm) harm(what string, away time.Duration) time.Time {
	now := time.Now()
	s.harms = append(s.harms, harm{what, now, away})
	return now.Add(away)
}

func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64(most-least)))
}

func (s *storm) replicaTurn() *turn {
	w := &turn{random: rand.New(rand.NewPCG(s.seed, 2)), least: 4 * time.Second, ready: func() bool { return true }, up: func() {}}
	w.down = func() {
		away := between(w.random, 200*time.Millisecond, 5*time.Second)
		if s.replicas[w.random.IntN(len(s.replicas))].kill(away) {
			s.harm("a replica", away)
		}
		w.next = time.Time{}
	}
	return w
}

// postgresTurn: one outage in three is longer than a lease.
func (s *storm) postgresTurn() *turn {
	server := s.servers.Started()
	w := &turn{random: rand.New(rand.NewPCG(s.seed, 3)), least: 8 * time.Second, ready: func() bool { return true }}
	w.down = func() {
		away := between(w.random, 0, 3*time.Second)
		if w.random.IntN(3) == 0 {
			away = between(w.random, 6*time.Second, 12*time.Second)
		}
		if err := server.Stop(syscall.SIGQUIT); err != nil {
			s.t.Fatal(err)
		}
		w.back = s.harm("PostgreSQL", away)
	}
	w.up = func() {
		if err := server.Start(); err != nil {
			s.t.Fatal(err)
		}
	}
	return w
}

func (s *storm) weaviateTurn() *turn {
	w := &turn{random: rand.New(rand.NewPCG(s.seed, 4)), least: 7 * time.Second}
	node := s.weaviate.Nodes[0]
	w.ready = func() bool { return node.Ready() }
	w.down = func() {
		node = s.weaviate.Nodes[w.random.IntN(len(s.weaviate.Nodes))]
		node.Kill()
		w.back = s.harm("a node of Weaviate", between(w.random, time.Second, 15*time.Second))
	}
	w.up = func() { node.Start() }
	return w
}

// settle waits until everything is answered, or nothing has been for a while.
func (s *storm) settle() {
	answered := func() (n int) {
		gatherAnswers(s.ws, s.questions)
		for _, q := range s.questions {
			n += min(len(q.answers), 1)
		}
		return n
	}
	most, since := 0, time.Now()
	for time.Since(since) < 2*time.Minute {
		n := answered()
		if n == len(s.questions) {
			break
		}
		if n > most {
			most, since = n, time.Now()
		}
		time.Sleep(time.Second)
	}
	// What should not be might still come.
	s.until(2*time.Minute, "the queue to be empty", func() bool {
		var owed int
		return s.look(`SELECT COUNT(*) FROM question WHERE owed = 1`, func(rows *sql.Rows) error { return rows.Scan(&owed) }) == nil && owed == 0
	})
}

// look reads the ledger's database.
func (s *storm) look(query string, scan func(*sql.Rows) error) error {
	db, err := sql.Open("pgx", s.database)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// check counts what was lost, answered twice, wrongly, or out of order.
func (s *storm) check() {
	others := gatherAnswers(s.ws, s.questions)
	var lost, twice, wrong int
	for _, q := range s.questions {
		switch {
		case len(q.answers) == 0:
			lost++
			s.t.Logf("no answer to question %d in %s at %s", q.number, q.channel, q.ts)
		case len(q.answers) > 1:
			twice++
		case !right(q.answers[0], q.number):
			wrong++
			s.t.Logf("question %d is answered with %s %v", q.number, q.answers[0].Text, q.answers[0].Blocks)
		}
	}
	disorder, overtaken := s.order()
	s.t.Logf("%d questions, seed %d: %d lost, %d answered twice, %d answered wrongly or without a source, %d out of their thread's order (%d arrived in another order than they were asked in)",
		len(s.questions), s.seed, lost, twice, wrong, disorder, overtaken)
	if lost+twice+wrong+disorder+len(others) > 0 || len(s.questions) != *stormQuestions {
		s.t.Errorf("%d other messages", len(others))
	}
	said, err := footnoteWith(s.t, []string{"DATABASE_URL=" + s.database}, "questions", "--failed")
	if err != nil || !strings.Contains(said, "No question was given up.") {
		s.t.Errorf("given up: %v\n%s", err, said)
	}
	for _, r := range s.replicas {
		noSecrets(s.t, s.ws, r.all())
	}
}

// order counts the questions that were answered before one that had come to their
// thread before them, and those that Slack's retries had overtaken.
func (s *storm) order() (disorder, overtaken int) {
	type place struct{ channel, ts string }
	asked := map[place]*harbourQuestion{}
	for _, q := range s.questions {
		asked[place{q.channel, q.ts}] = q
	}
	last := map[place]*harbourQuestion{}
	err := s.look(`SELECT channel, ts FROM question ORDER BY id`, func(rows *sql.Rows) error {
		var p place
		if err := rows.Scan(&p.channel, &p.ts); err != nil {
			return err
		}
		q := asked[p]
		if q == nil || len(q.answers) == 0 {
			return nil
		}
		thread := place{q.channel, q.thread}
		if before := last[thread]; before != nil {
			if at(q.answers[0].TS).Before(at(before.answers[0].TS)) {
				disorder++
				s.t.Logf("in thread %s %s question %d, %s, was answered at %s, before %d, %s, which had come before it and was answered at %s",
					q.channel, q.thread, q.number, q.ts, q.answers[0].TS, before.number, before.ts, before.answers[0].TS)
			}
			if q.number < before.number {
				overtaken++
			}
		}
		last[thread] = q
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
	return disorder, overtaken
}

// report says what happened.
func (s *storm) report() {
	kills := map[string]int{}
	long := 0
	for _, h := range s.harms {
		kills[h.what]++
		if h.what == "PostgreSQL" && h.lasted > 6*time.Second {
			long++
		}
	}
	ended, caught, words := 0, 0, 0
	for _, r := range s.replicas {
		ended += r.ended
		caught += strings.Count(r.all(), `msg="caught up"`)
		words += strings.Count(r.all(), "by words alone")
	}
	s.t.Logf("killed: a replica %d times, PostgreSQL %d (%d for more than 6 s), a node of Weaviate %d; replicas that ended since PostgreSQL was away as they started: %d",
		kills["a replica"], kills["PostgreSQL"], long, kills["a node of Weaviate"], ended)
	var tries, unheard int
	for _, d := range s.ws.Deliveries() {
		if tries += len(d.Attempts); !d.Acked && d.EventType == "app_mention" {
			unheard++
		}
	}
	var attempts, again int
	err := s.look(`SELECT MAX(attempts), SUM(CASE WHEN attempts > 1 THEN 1 ELSE 0 END) FROM question`, func(rows *sql.Rows) error { return rows.Scan(&attempts, &again) })
	if err != nil {
		s.t.Error(err)
	}
	s.t.Logf("%d deliveries by Slack, %d mentions that it gave up; %d times caught up, %d times searched by words alone; %d questions took more than one attempt that counts, at most %d",
		tries, unheard, caught, words, again, attempts)
	all := waits(s.questions)
	s.t.Logf("from a question to its answer: p50 %s, p90 %s, p99 %s, at most %s", quantile(all, .5), quantile(all, .9), quantile(all, .99), quantile(all, 1))
	began, longest := stall(s.questions)
	s.t.Logf("the longest time without an answer while questions waited: %s%s", longest.Round(10*time.Millisecond), s.during(began, longest))
}

// during is what was away in a time.
func (s *storm) during(began time.Time, lasted time.Duration) string {
	var all []string
	for _, h := range s.harms {
		if h.at.Before(began.Add(lasted)) && h.at.Add(h.lasted).After(began) {
			all = append(all, fmt.Sprintf("%s for %.1f s", h.what, h.lasted.Seconds()))
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return ", in which was away: " + strings.Join(all, ", ")
}
