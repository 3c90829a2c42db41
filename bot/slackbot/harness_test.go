package slackbot

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footnote/bot"
	quoting "footnote/bot/answer"
	"footnote/bot/ledger"
	"footnote/bot/ledger/pgtest"
	"footnote/bot/slackbot/slacksim"
	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

// reportEngine is the real engine on the bundled report, in quote mode.
var reportEngine = sync.OnceValues(func() (*bot.Engine, error) {
	return engineOn(corpus.Report())
})

// engineOn is a real engine on documents, in quote mode.
func engineOn(docs ...corpus.Document) (*bot.Engine, error) {
	return engineWith(bot.EngineOptions{}, docs...)
}

func engineWith(o bot.EngineOptions, docs ...corpus.Document) (*bot.Engine, error) {
	c, err := corpus.New(docs...)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	index, err := retrieval.Open(context.Background(), c, retrieval.Options{
		Store: chromemstore.New("", log), Fallback: chromemstore.New("", log), Embedder: embed.NewStatic(), Logger: log,
	})
	if err != nil {
		return nil, err
	}
	return bot.NewEngine(c, index, quoting.NewQuote(), o), nil
}

// A world is a workspace with the bot at work in it.
type world struct {
	t       testing.TB
	ws      *slacksim.Workspace
	ledger  *ledger.Ledger
	bot     *Bot
	log     *safeBuffer
	alice   *slacksim.User
	bob     *slacksim.User
	general *slacksim.Channel
	url     string
	figures *prometheus.Registry
	// originals begins the addresses that the engine may link.
	originals string

	ctx    context.Context
	end    context.CancelFunc
	ended  sync.WaitGroup
	closed bool
}

// A setting shapes a world; the zero value of each field is the usual one.
type setting struct {
	sim     slacksim.Options
	bot     Options
	ledger  ledger.Options
	engine  Engine
	engines Engines // in place of engine
	workers int
	http    bool
	url     string                                    // of an earlier world's ledger
	wrap    func(http.RoundTripper) http.RoundTripper // what stands between the bot and Slack
	tune    func(*Bot)                                // changes the bot before it starts
	limited bool                                      // Slack's rate limits hold, and the bot keeps to them

	originals string // begins the addresses that the engine may link in a source's modal
}

// quickly are settings of a ledger that soon tries again what failed. One process
// has it, so nobody is to take over when a busy machine keeps a heartbeat waiting,
// and polling, for the jobs of others, would be most of what a test does.
func quickly() ledger.Options {
	return ledger.Options{
		Heartbeat: 100 * time.Millisecond, LeaseLapse: time.Minute, SweepEvery: 50 * time.Millisecond, PollEvery: time.Second,
		BackoffBase: 5 * time.Millisecond, BackoffMax: 50 * time.Millisecond,
	}
}

func start(t testing.TB, s setting) *world {
	t.Helper()
	w := &world{t: t, log: &safeBuffer{}, originals: s.originals}
	s.sim.Limits.Off = !s.limited
	w.ws = slacksim.New(t, s.sim)
	w.alice = w.ws.AddUser(slacksim.UserSpec{Name: "alice"})
	w.bob = w.ws.AddUser(slacksim.UserSpec{Name: "bob"})
	w.general = w.ws.Channel("general")
	w.run(s)
	t.Cleanup(w.close)
	return w
}

// The ledgers are SQLite's, or PostgreSQL's where that is wanted.
var postgres = &pgtest.Servers{}

func ledgerAt(t testing.TB) string {
	t.Helper()
	if pgtest.Wanted() {
		return postgres.Schema(t)
	}
	file := filepath.Join(t.TempDir(), "ledger.db")
	empty, err := emptyLedger()
	if err == nil {
		err = os.WriteFile(file, empty, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + file
}

// emptyLedger is the file of a ledger that holds nothing. Making its tables takes
// longer than most tests, so it is done once.
var emptyLedger = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "ledger")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "ledger.db")
	l, err := ledger.Open(context.Background(), "sqlite:"+file, quickly())
	if err != nil {
		return nil, err
	}
	if err := l.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// run starts the bot in the workspace.
func (w *world) run(s setting) {
	w.t.Helper()
	if s.engine == nil {
		e, err := reportEngine()
		w.must(err)
		s.engine = e
	}
	if s.ledger.Heartbeat == 0 && s.ledger.BackoffMax == 0 {
		s.ledger = quickly()
	}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.ledger.Logger, s.bot.Logger = log, log
	if w.figures = prometheus.NewRegistry(); s.bot.Metrics == nil {
		s.bot.Metrics = w.figures
	}
	w.url = s.url
	if w.url == "" {
		w.url = ledgerAt(w.t)
	}
	w.ctx, w.end = context.WithCancel(context.Background())
	var err error
	w.ledger, err = ledger.Open(w.ctx, w.url, s.ledger)
	w.must(err)
	orDefault(&s.bot.Doubt, 400*time.Millisecond)
	s.bot.Unpaced = !s.limited
	s.bot.BotToken, s.bot.AppToken, s.bot.SigningSecret = w.ws.BotToken(), w.ws.AppToken(), w.ws.SigningSecret()
	s.bot.APIURL, s.bot.HTTPClient, s.bot.Dialer = w.ws.APIURL(), w.ws.HTTPClient(), w.ws.Dialer()
	if s.wrap != nil {
		inner := s.bot.HTTPClient.Transport
		if inner == nil {
			inner = http.DefaultTransport
		}
		s.bot.HTTPClient = &http.Client{Transport: s.wrap(inner)}
	}
	if s.engines == nil {
		s.engines = fixed{s.engine}
	}
	w.bot, err = New(w.ctx, s.engines, w.ledger, s.bot)
	w.must(err)
	w.bot.markEvery = 0
	if s.tune != nil {
		s.tune(w.bot)
	}
	w.must(w.ledger.Work(w.ctx, max(s.workers, 4), func(ctx context.Context, c *ledger.Claim) error {
		return w.bot.Handle(ctx, c.Work, c)
	}))
	w.closed = false
	w.ended.Go(func() { w.bot.KeepMarked(w.ctx) })
	if s.http {
		return
	}
	w.ended.Go(func() {
		if err := w.bot.Receive(w.ctx); err != nil {
			w.t.Errorf("receive: %v", err)
		}
	})
	w.until("a socket", func() bool { return w.bot.Connected() > 0 })
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\n%s", err, w.log)
	}
}

func (w *world) close() {
	if w.closed {
		return
	}
	w.closed = true
	w.end()
	w.ended.Wait()
	if err := w.ledger.Stop(w.ctx); err != nil {
		w.t.Error(err)
	}
	w.bot.Close()
	if err := w.ledger.Close(); err != nil {
		w.t.Error(err)
	}
}

// until waits for something to happen.
func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("in vain waited for %s\n%s\n%s", what, w.ws.Transcript(), w.log)
		}
	}
}

// settle waits until everything that was said is taken and answered.
func (w *world) settle() {
	w.t.Helper()
	w.until("the work to be done", func() bool {
		if !w.ws.Idle() {
			return false
		}
		s, err := w.ledger.Stats(w.ctx)
		return err == nil && s.Depth+s.Running == 0 && w.ws.Idle()
	})
}

// golden compares the transcript with a file.
func (w *world) golden(name string) {
	w.t.Helper()
	golden(w.t, name, w.ws.Transcript())
}

// clean checks what holds in every world: nobody was pinged, nothing links or
// unfurls, no answer stands twice, no limit was broken.
func (w *world) clean() {
	w.t.Helper()
	if p := w.ws.Pings(); len(p) > 0 {
		w.t.Errorf("pings: %v", p)
	}
	for _, l := range w.ws.Links() { // the Home tab links a person's questions
		if l.Method == "views.open" && w.originals != "" && strings.HasPrefix(l.Text, w.originals) {
			continue
		}
		if l.Method != "views.publish" || !strings.HasPrefix(l.Text, "https://"+w.ws.Team.Domain+".slack.com/archives/") {
			w.t.Errorf("a link: %v", l)
		}
	}
	if u := w.ws.Unfurling(); len(u) > 0 {
		w.t.Errorf("unfurling: %v", u)
	}
	if d := w.ws.Duplicates("post"); len(d) > 0 {
		w.t.Errorf("posted twice: %v\n%s", d, w.ws.Transcript())
	}
	if v := w.ws.Violations(); len(v) > 0 {
		w.t.Errorf("%d limits broken: %v", len(v), v[0])
	}
	for _, secret := range []string{w.ws.BotToken(), w.ws.AppToken(), w.ws.SigningSecret()} {
		if strings.Contains(w.log.String(), secret) {
			w.t.Errorf("the log holds %s", secret)
		}
	}
}

// A fixed engine answers all the time.
type fixed struct{ Engine }

func (f fixed) Current() (Engine, func()) { return f.Engine, func() {} }

// A scripted engine answers as a test wants.
type scripted struct {
	ask func(ctx context.Context, q bot.Question) (bot.Answer, error)
}

func (s scripted) Ask(ctx context.Context, q bot.Question) (bot.Answer, error) { return s.ask(ctx, q) }
func (s scripted) CorpusHash() string                                          { return "c0ffee" }
func (s scripted) Voice() string                                               { return "" }
func (s scripted) Stands(bot.Citation) bool                                    { return true }
func (s scripted) QuestionKey(bot.Question) (string, bool)                     { return "", false }
func (s scripted) Suggestions(bool, int) []string                              { return []string{"What is this report about?"} }
func (s scripted) Documents() []bot.DocumentInfo {
	return []bot.DocumentInfo{{Name: "report.txt", Title: "Report", Passages: 1}}
}
func (s scripted) Excerpt(c bot.Citation, _ string) (bot.Excerpt, bool) {
	return bot.Excerpt{Document: c.Document, Paragraph: c.Paragraph, Text: c.Quote, QuoteEnd: len(c.Quote)}, true
}

// saying is an engine that gives one answer to everything.
func saying(a bot.Answer) Engine {
	return scripted{func(context.Context, bot.Question) (bot.Answer, error) { return a, nil }}
}

// suggesting is an engine that suggests the same questions for ever.
type suggesting struct{ Engine }

func (suggesting) Suggestions(zh bool, n int) []string {
	if zh {
		return []string{"AI大模型热潮是由什么引发的？", "谁说差距在拉大？", "这份报告讲了什么？"}[:min(n, 3)]
	}
	return []string{askHowMany, "Who is Xiao Yanghua?", "What is this report about?"}[:min(n, 3)]
}

// readily is the real engine with suggestions that stay.
func readily(t testing.TB) Engine {
	t.Helper()
	e, err := reportEngine()
	if err != nil {
		t.Fatal(err)
	}
	return suggesting{e}
}

// safeBuffer takes log lines from several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
