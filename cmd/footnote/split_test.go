package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"footnote/bot/ledger/pgtest"
	"footnote/bot/slackbot/slacksim"
	"footnote/retrieval/badnet"
	"footnote/retrieval/weaviatestore/weaviatetest"
)

// A network is what lies between footnote and Weaviate's three endpoints.
type network []*badnet.Proxy

// newNetwork leads to Weaviate where the tests have one, else to the fake, and
// returns the settings that name it.
func newNetwork(t *testing.T) (network, []string) {
	t.Helper()
	const nodes = 3
	var hosts []string
	var env []string
	if os.Getenv("FOOTNOTE_TEST_WEAVIATE") != "" {
		for _, n := range weaviatetest.New(t, nodes).Nodes {
			hosts = append(hosts, strings.TrimPrefix(n.URL(), "http://"))
		}
	} else {
		fake := weaviatetest.NewFake(t, nodes)
		hosts = []string{fake.Host(), fake.Host(), fake.Host()}
		env = append(env, "WEAVIATE_API_KEY=canary-of-weaviate")
	}
	var n network
	var urls []string
	for _, host := range hosts {
		p := badnet.New(t, host)
		n, urls = append(n, p), append(urls, "http://"+p.Addr())
	}
	return n, append(env, "WEAVIATE_URL="+strings.Join(urls, ","))
}

// be has the whole network be bad from now on, for what is open too.
func (n network) be(m badnet.Manner) {
	for _, p := range n {
		p.Be(m)
		p.Cut()
	}
}

// says waits until /readyz is well and says something of Weaviate.
func (s *served) says(want string) {
	s.t.Helper()
	s.until("/readyz to say "+want, func() bool {
		status, body := s.get("/readyz")
		return status == http.StatusOK && strings.HasPrefix(body, "ready\n") && strings.Contains(body, want)
	})
}

// figure waits until a figure is so.
func (s *served) figure(want string) {
	s.t.Helper()
	s.until("the figure "+want, func() bool { _, body := s.get("/metrics"); return strings.Contains(body, "\n"+want+"\n") })
}

const awaited = "questions are taken, and wait until it can"

// The way to Weaviate breaks in every manner while questions are asked: they wait,
// and each is answered once, within seconds of the network's return.
func TestQuestionsWaitWhileWeaviateIsAway(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{})
	net, settings := newNetwork(t)
	s := serve(t, append(env, settings...))
	s.ready(ws, "socket")
	s.figure("footnote_store_up 1")
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	asked, thanked := 0, 0
	ask := func() {
		alice.Say(general, fmt.Sprintf("How many large models had been released in China by October? (%d)", asked))
		asked++
	}
	answered := func() int { return strings.Count(ws.Transcript(), "([1])") }
	ask()
	s.until("the first answer", func() bool { return answered() == 1 })
	for _, manner := range []badnet.Manner{{Refuses: true}, {Silent: true}, {Delay: 10 * time.Second}} {
		net.be(manner)
		before := answered()
		for range 4 {
			ask()
		}
		s.says("Weaviate cannot be asked since ")
		s.says(awaited)
		s.figure("footnote_store_up 0")
		thanked++
		alice.Say(general, "Thanks!") // needs no search
		s.until("a reply", func() bool { return strings.Count(ws.Transcript(), "Glad to help") == thanked })
		if n := answered(); n != before {
			t.Errorf("%+v: %d questions are answered from somewhere", manner, n-before)
		}
		net.be(badnet.Manner{})
		back := time.Now()
		s.until("all answers", func() bool { return answered() == asked })
		t.Logf("%+v: all are answered %s after the network's return", manner, time.Since(back).Round(10*time.Millisecond))
		s.until("silence about Weaviate", func() bool { _, body := s.get("/readyz"); return body == "ready\n" })
	}
	s.figure("footnote_store_up 1")
	if n := len(ws.Duplicates("post")) + len(ws.Violations()) + len(ws.Unacked()); n > 0 || answered() != asked {
		t.Errorf("%d double posts, violations or lost events; %d answers to %d questions", n, answered(), asked)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := s.ends(); status != 0 {
		t.Errorf("status %d\n%s", status, s.said())
	}
	noSecrets(t, ws, s.said())
}

// serve starts without Weaviate, takes questions, and uses Weaviate as soon as it
// answers, without a restart.
func TestServeStartsWhileWeaviateIsAway(t *testing.T) {
	t.Parallel()
	for name, manner := range map[string]badnet.Manner{"refuses": {Refuses: true}, "swallows": {Silent: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ws, env := workspace(t, slacksim.Options{})
			net, settings := newNetwork(t)
			net.be(manner)
			began := time.Now()
			s := serve(t, append(env, settings...))
			s.ready(ws, "socket")
			t.Logf("ready after %s", time.Since(began).Round(10*time.Millisecond))
			s.says(awaited)
			alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
			alice.Say(general, countQuestion)
			s.figure("footnote_store_up 0")
			s.figure("footnote_corpus_unstored 1")
			net.be(badnet.Manner{})
			back := time.Now()
			s.until("the answer", func() bool { return strings.Contains(ws.Transcript(), "([1])") })
			t.Logf("answered %s after the network's return", time.Since(back).Round(10*time.Millisecond))
			s.figure("footnote_store_up 1")
			s.figure("footnote_corpus_unstored 0")
			if !strings.Contains(s.said(), "answers are from the index in Weaviate at ") || len(ws.Duplicates("post")) > 0 {
				t.Errorf("posted twice: %v\n%s", ws.Duplicates("post"), s.said())
			}
			noSecrets(t, ws, s.said())
		})
	}
}

// What Weaviate does not take for the moment is brought there later: meanwhile the
// last version answers, or at a start what is in memory.
func TestAnIndexThatWeaviateDoesNotTakeIsBroughtThereLater(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{Limits: slacksim.Limits{Off: true}})
	alice := ws.AddUser(slacksim.UserSpec{Name: "alice"})
	file := filepath.Join(t.TempDir(), "mill.md")
	rewrite(t, file, fmt.Sprintf(gate, "4.5"))
	fake := weaviatetest.NewFake(t, 3)
	fake.Refuse(true)
	env = append(env, "WEAVIATE_URL="+fake.URL)
	s := serve(t, env, "--corpus", file)
	s.ready(ws, "socket")
	s.says("the report's index is not in Weaviate yet, and is kept in memory")
	s.figure("footnote_corpus_unstored 1")
	s.figure("footnote_store_up 1")
	s.asked(ws, alice, "How wide is the sluice gate?", "4.5 metres")
	fake.Refuse(false)
	s.until("the index in Weaviate", func() bool { return strings.Contains(s.said(), "answers are from the index in Weaviate at ") })
	s.figure("footnote_corpus_unstored 0")
	s.asked(ws, alice, "How wide is the sluice gate now?", "4.5 metres")

	fake.Refuse(true)
	rewrite(t, file, fmt.Sprintf(gate, "5.2"))
	s.says("its index cannot be stored in Weaviate yet: answers are from its last version")
	s.figure("footnote_corpus_unstored 1")
	s.figure("footnote_corpus_unreadable 0")
	s.asked(ws, alice, "How wide is the gate of the sluice?", "4.5 metres")
	fake.Refuse(false)
	s.until("the change", func() bool {
		return strings.Contains(s.said(), "the report has changed: answers are from its new version")
	})
	s.figure("footnote_corpus_unstored 0")
	s.asked(ws, alice, "How wide is the sluice gate?", "5.2 metres")
	if n := strings.Count(s.said(), "its index cannot be stored yet"); n != 1 {
		t.Errorf("it is warned %d times, want 1\n%s", n, s.said())
	}
}

// The way to the database breaks in every manner while questions are asked:
// nothing is acknowledged that is not in the ledger, so Slack delivers again, and
// each question is answered once.
func TestQuestionsWaitWhileTheDatabaseIsAway(t *testing.T) {
	if !pgtest.Wanted() {
		t.Skip("FOOTNOTE_TEST_POSTGRES names no PostgreSQL: an address, or start")
	}
	t.Parallel()
	servers := &pgtest.Servers{}
	t.Cleanup(servers.Close)
	address, err := url.Parse(servers.Schema(t))
	if err != nil {
		t.Fatal(err)
	}
	way := badnet.New(t, address.Host)
	address.Host = way.Addr()
	ws, env := workspace(t, slacksim.Options{})
	s := serve(t, append(env, "DATABASE_URL="+address.String()))
	s.ready(ws, "socket")
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	asked := 0
	answered := func() int { return strings.Count(ws.Transcript(), "([1])") }
	for _, manner := range []badnet.Manner{{Refuses: true}, {Silent: true}, {Deaf: true}, {Delay: 5 * time.Second}} {
		way.Be(manner)
		if manner.Refuses {
			way.Cut()
		}
		for range 3 {
			alice.Say(general, fmt.Sprintf("How many large models had been released in China by October? (%d)", asked))
			asked++
		}
		s.until("/readyz to say so", func() bool {
			status, body := s.get("/readyz")
			return status == http.StatusServiceUnavailable && body == "the ledger cannot be read\n"
		})
		way.Be(badnet.Manner{})
		way.Cut()
		back := time.Now()
		s.until("all answers", func() bool { return answered() == asked })
		t.Logf("%+v: all are answered %s after the network's return", manner, time.Since(back).Round(10*time.Millisecond))
		s.until("readiness", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
	}
	if n := len(ws.Duplicates("post")) + len(ws.Violations()) + len(ws.Unacked()); n > 0 || answered() != asked {
		t.Errorf("%d double posts, violations or lost events; %d answers to %d questions", n, answered(), asked)
	}
	noSecrets(t, ws, s.said())
}
