package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"footnote/bot/answer/llmsim"
	"footnote/bot/ledger/pgtest"
	"footnote/bot/slackbot/slacksim"
)

var (
	throughputQuestions = flag.Int("load", 96, "how many questions TestThroughputOfReplicas asks")
	throughputPaced     = flag.Bool("paced", false, "TestThroughputOfReplicas keeps to Slack's limits, as footnote serve does")
)

// modelTime is how long the model takes, usualWorkers how many questions a replica
// answers at a time by default.
const (
	modelTime    = 2 * time.Second
	usualWorkers = 16
)

// A measure is what was seen of some replicas.
type measure struct {
	replicas int
	took     time.Duration // from the first question to the last answer
	waits    []time.Duration
	cpu      time.Duration // of the replicas, for all questions
}

func (m measure) rate() float64 { return float64(len(m.waits)) / m.took.Seconds() }

// ceiling is how many answers a second the workers can give, waiting for the model
// alone.
func (m measure) ceiling() float64 {
	return float64(m.replicas*usualWorkers) / modelTime.Seconds()
}

// One, two and three replicas answer the same burst of questions with a model that
// takes two seconds. Each question is answered once, by one call of the model. The
// figures are for reading, with -v: what bounds them is the number of workers.
func TestThroughputOfReplicas(t *testing.T) {
	if !pgtest.Wanted() {
		t.Skip("FOOTNOTE_TEST_POSTGRES names no PostgreSQL: an address, or start")
	}
	servers := &pgtest.Servers{}
	t.Cleanup(servers.Close)
	var first measure
	for replicas := 1; replicas <= 3; replicas++ {
		t.Run(fmt.Sprint(replicas), func(t *testing.T) {
			m := throughput(t, servers, replicas)
			if replicas == 1 {
				first = m
			}
			p50, p99 := quantile(m.waits, .5), quantile(m.waits, .99)
			t.Logf("%d questions: %.1f answers a second, %.0f%% of the %.0f that the workers can give; p50 %s, p99 %s",
				len(m.waits), m.rate(), 100*m.rate()/m.ceiling(), m.ceiling(), p50, p99)
			t.Logf("against one replica: throughput %.2f, p50 %.2f, p99 %.2f", m.rate()/first.rate(),
				p50.Seconds()/quantile(first.waits, .5).Seconds(), p99.Seconds()/quantile(first.waits, .99).Seconds())
			t.Logf("processor time of the bot: %s a question, %.0f%% of one processor for each replica", (m.cpu / time.Duration(len(m.waits))).Round(100*time.Microsecond),
				100*m.cpu.Seconds()/m.took.Seconds()/float64(replicas))
		})
	}
}

func throughput(t *testing.T, servers *pgtest.Servers, replicas int) measure {
	ws, env := workspace(t, slacksim.Options{Limits: slacksim.Limits{Off: true}, Retries: slackRetries()})
	model := llmsim.New(llmsim.Options{Key: modelKey, Reply: quoting})
	t.Cleanup(model.Close)
	env = append(env, "DATABASE_URL="+servers.Schema(t), "FOOTNOTE_CORPUS="+harbourReport(t),
		"OPENAI_BASE_URL="+model.URL(), "OPENAI_API_KEY="+modelKey, "FOOTNOTE_CHAT_MODEL=test-model")
	name := unpaced
	if *throughputPaced {
		name = "footnote"
	}
	var all []*served
	for range replicas {
		s := serveAs(t, name, env)
		s.until("readiness", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
		all = append(all, s)
	}
	before := processorTime(all)
	questions := burst(ws, *throughputQuestions)
	all[0].until("all answers", func() bool {
		time.Sleep(200 * time.Millisecond)
		gatherAnswers(ws, questions)
		return !slices.ContainsFunc(questions, func(q *harbourQuestion) bool {
			return len(q.answers) == 0 || !right(q.answers[0], q.number)
		})
	})
	m := measure{replicas: replicas, cpu: processorTime(all) - before}
	drain(t, all)
	others := gatherAnswers(ws, questions)
	last := time.Time{}
	for _, q := range questions {
		if len(q.answers) != 1 {
			t.Errorf("%d answers to question %d", len(q.answers), q.number)
		}
		if done := at(q.answers[0].TS); done.After(last) {
			last = done
		}
	}
	if calls := model.Calls("/v1/chat/completions"); calls != len(questions) || len(others) > 0 {
		t.Errorf("%d calls of the model for %d questions, %d other messages", calls, len(questions), len(others))
	}
	m.took, m.waits = last.Sub(at(questions[0].ts)), waits(questions)
	return m
}

// quoting has the model take its time, and say what the passage says.
func quoting(r llmsim.Request) llmsim.Reply {
	p := llmsim.ParsePrompt(r.Messages)
	for n := range harbours {
		if name, _, _ := harbour(n); !strings.Contains(p.Question, " "+name+" ") {
			continue
		}
		for _, passage := range p.Passages {
			if strings.Contains(passage.Text, factOf(n)) {
				return llmsim.Reply{First: modelTime, Text: fmt.Sprintf("%s [%d]", factOf(n), passage.N), Cut: llmsim.CutNone}
			}
		}
	}
	return llmsim.Reply{First: modelTime, Text: "NOT_FOUND"}
}

// burst has many people ask at once, each question in a thread of its own.
func burst(ws *slacksim.Workspace, n int) (questions []*harbourQuestion) {
	var people []*slacksim.User
	for i := range 40 {
		people = append(people, ws.AddUser(slacksim.UserSpec{Name: fmt.Sprint("person", i)}))
	}
	var channels []*slacksim.Channel
	for i := range 60 {
		channels = append(channels, ws.AddChannel(slacksim.ChannelSpec{Name: fmt.Sprint("harbour", i)}))
	}
	for i := range n {
		ch := channels[i%len(channels)]
		m := people[i%len(people)].Say(ch, questionAbout(i))
		questions = append(questions, &harbourQuestion{number: i, channel: ch.ID, ts: m.TS, thread: m.TS})
	}
	return questions
}

// drain ends processes in order.
func drain(t *testing.T, all []*served) {
	t.Helper()
	for _, s := range all {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range all {
		if status := s.ends(); status != 0 {
			t.Errorf("status %d\n%s", status, s.said())
		}
	}
}

// processorTime is what running processes have used, 0 where the system does not
// tell.
func processorTime(all []*served) (sum time.Duration) {
	for _, s := range all {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
		if err != nil {
			return 0
		}
		// The name before may hold anything (man 5 proc_pid_stat).
		fields := strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))
		var user, system int64
		if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
			return 0
		}
		sum += time.Duration(user+system) * time.Second / 100
	}
	return sum
}
