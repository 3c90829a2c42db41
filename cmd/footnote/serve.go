package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footnote/bot/ledger"
	"footnote/bot/slackbot"
	"footnote/corpus"
	"footnote/corpus/load"
)

type serveCommand struct {
	HTTP        bool   `help:"Take signed HTTP events instead of using Socket Mode."`
	Listen      string `placeholder:"ADDR" help:"Where /healthz, /readyz and /metrics are, and with --http /slack/events. Default: FOOTNOTE_LISTEN, or 127.0.0.1:8787."`
	Workers     int    `default:"16" help:"How many questions are answered at a time."`
	Connections int    `default:"2" help:"How many sockets are kept open, up to 10."`
	LogFormat   string `enum:"text,json," default:"" help:"How to log: text or json. Default: FOOTNOTE_LOG, or text."`
	corpusFlags
}

func (serveCommand) Help() string {
	return `Answers in Slack until it is stopped. docs/slack.md says how to set it up;
footnote doctor checks the settings. The first SIGTERM or ctrl-C takes no more
questions and finishes those in work, a second one hands them back at once;
either way none is lost.`
}

// drainTime is how long questions in work may take once serve is to stop.
const drainTime = 25 * time.Second

func (c *serveCommand) Run(_ context.Context, a *app) (err error) {
	if err := readDotEnv(); err != nil {
		return err
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	settings.log = c.serverLog(redacting{a.err, settings.secrets()}, settings.format)
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	s, err := c.startUp(a, settings, stop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.run(stop)
}

// startUp opens the server, unless it is stopped before.
func (c *serveCommand) startUp(a *app, settings serveSettings, stop <-chan os.Signal) (*server, error) {
	ctx, cancel := context.WithCancel(context.Background())
	opened := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-stop:
			cancel()
		case <-opened:
		}
	})
	s, err := c.openServer(ctx, a, settings)
	close(opened)
	watching.Wait()
	if err == nil && ctx.Err() != nil {
		err = errors.Join(ctx.Err(), s.close())
	}
	cancel()
	return s, err
}

// serverLog logs from info on, with the time, unlike other commands.
func (c *serveCommand) serverLog(w io.Writer, format string) *slog.Logger {
	level := slog.LevelInfo
	if c.LogLevel != "warn" { // warn is the flag's default
		_ = level.UnmarshalText([]byte(c.LogLevel))
	}
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// A server is everything that serve started, to be closed from the last to the
// first.
type server struct {
	log      *slog.Logger
	settings serveSettings
	sources  []string
	corpus   *editions
	state    string   // of the sources' files before they were read
	library  *library // nil where there is no folder to keep reports in
	ledger   *ledger.Ledger
	bot      *slackbot.Bot
	vigil    *vigil // nil where there is no store that replicas share
	tracing  tracing
	web      *http.Server
	listener net.Listener

	serving    sync.WaitGroup
	requests   sync.WaitGroup // HTTP requests being handled
	failed     chan error     // what ends the serving by itself
	background context.CancelFunc
	draining   chan struct{}
}

func newServer(settings serveSettings) *server {
	return &server{log: settings.log, settings: settings, failed: make(chan error, 4), draining: make(chan struct{})}
}

func (c *serveCommand) openServer(ctx context.Context, a *app, settings serveSettings) (s *server, err error) {
	s = newServer(settings)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	address, err := ledgerURL()
	if err != nil {
		return s, err
	}
	if s.tracing, err = openTracing(ctx, s.log); err != nil {
		return s, err
	}
	figures := prometheus.NewRegistry()
	reports, err := stateFolder()
	if err != nil {
		s.log.WarnContext(ctx, "people cannot hand in reports: there is no folder to keep them in", "error", err, "hint", "let FOOTNOTE_DATA name one")
	}
	if err := s.openBot(ctx, a, c.corpusFlags, address, reports, slackbot.Options{Connections: min(c.Connections, 10), Metrics: figures, Unpaced: a.unpaced}); err != nil {
		return s, err
	}
	if s.listener, err = net.Listen("tcp", settings.listen); err != nil {
		return s, &hintedError{fmt.Errorf("listen on %s: %w", settings.listen, err), "free that address, or name another with --listen or FOOTNOTE_LISTEN"}
	}
	handler, err := s.handler(figures, c.HTTP)
	if err != nil {
		return s, err
	}
	s.web = slackbot.NewServer(counted(&s.requests, handler), s.log)
	return s, s.start(ctx, c)
}

// openBot opens what answers: the corpus, the ledger at an address, the library
// below a folder unless that is empty, and the bot.
func (s *server) openBot(ctx context.Context, a *app, flags corpusFlags, address, reports string, o slackbot.Options) error {
	var err error
	if s.sources, err = flags.sources(); err != nil {
		return err
	}
	s.state = load.State(s.sources)
	how := opening{links: s.settings.links, waits: true}
	first, err := a.openSources(ctx, s.sources, findData(), s.log, how)
	if err != nil {
		return err
	}
	how.firm, how.quiet, how.sources = true, true, s.sources
	s.corpus = newEditions(first, s.log, func(ctx context.Context, hash string) (*opened, error) {
		return a.reread(ctx, findData(), s.log, how, hash)
	})
	s.corpus.again = func(ctx context.Context, c *corpus.Corpus) (*opened, error) {
		return a.openCorpus(ctx, c, findData(), s.log, how)
	}
	if s.ledger, err = ledger.Open(ctx, address, ledger.Options{Logger: s.log, Tracer: s.tracing.provider}); err != nil {
		return err
	}
	if reports != "" {
		s.library = a.library(reports, s.log)
		o.Library = s.library
	}
	o.BotToken, o.AppToken, o.SigningSecret = s.settings.botToken, s.settings.appToken, s.settings.signingSecret
	o.APIURL, o.Access, o.CatchUp, o.Logger = s.settings.apiURL, s.settings.access, s.settings.catchUp, s.log
	o.DailyTokens, o.Tracer = s.settings.dailyTokens, s.tracing.provider
	build, _ := debug.ReadBuildInfo()
	o.Version = release(build)
	if s.bot, err = slackbot.New(ctx, s.corpus, s.ledger, o); err != nil {
		return err
	}
	s.corpus.switched = s.bot.Changed
	shared, err := weaviate(s.log)
	if err == nil && shared != nil {
		s.vigil = newVigil(s.corpus, shared.Probe, s.ledger.Hurry, s.log)
	}
	return err
}

// work has questions answered, until the context that it returns ends.
func (s *server) work(ctx context.Context, workers int) (context.Context, error) {
	err := s.ledger.Work(ctx, workers, func(ctx context.Context, claim *ledger.Claim) error {
		return s.bot.Handle(ctx, claim.Work, claim)
	})
	if err != nil {
		return nil, err
	}
	background, cancel := context.WithCancel(context.WithoutCancel(ctx)) // ctx bounds the start
	s.background = cancel
	s.serving.Go(func() { s.bot.KeepMarked(background) })
	if s.vigil != nil {
		s.serving.Go(func() { s.vigil.keep(background) })
	}
	if s.settings.refresh > 0 {
		s.serving.Go(func() { s.watch(background) })
	}
	return background, nil
}

// watch has changes of the report answered from, until ctx ends.
func (s *server) watch(ctx context.Context) {
	how := load.Watching{Ask: s.settings.refresh, Look: min(time.Minute, s.settings.refresh), Since: s.state, Logger: s.log}
	load.Watch(ctx, s.sources, how, s.corpus.renew)
}

// receive takes what comes, by the bot's way to do so, until ctx ends or the bot
// can take no more.
func (s *server) receive(ctx context.Context, take func(context.Context) error) {
	s.serving.Go(func() {
		if err := take(ctx); err != nil {
			s.failed <- err
		}
	})
}

// start sets everything to work.
func (s *server) start(ctx context.Context, c *serveCommand) error {
	background, err := s.work(ctx, c.Workers)
	if err != nil {
		return err
	}
	s.serving.Go(func() {
		if err := s.web.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve HTTP: %w", err)
		}
	})
	receive := s.bot.Receive
	if c.HTTP {
		receive = s.bot.Await
	}
	s.receive(background, receive)
	s.serving.Go(func() { s.prune(background) })
	s.log.Info("serving", "listen", s.listener.Addr().String(), "http_events", c.HTTP, "version", corpus.Version(s.corpus.hash()))
	return nil
}

// run waits until it is to stop, and drains.
func (s *server) run(stop <-chan os.Signal) error {
	var failure error
	select {
	case <-stop:
		s.log.Info("stopping: no more questions are taken, those in work are finished")
	case failure = <-s.failed:
	}
	close(s.draining)
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	s.serving.Go(func() {
		select {
		case <-stop:
			s.log.Warn("stopping at once: questions in work are handed back")
			cancel()
		case <-ctx.Done():
		}
	})
	s.background() // sockets close when what they brought is on disk
	err := s.web.Shutdown(ctx)
	if err != nil {
		err = s.web.Close()
	}
	err = errors.Join(err, s.ledger.Stop(ctx))
	s.log.Info("stopped")
	return errors.Join(failure, err)
}

// close frees what was opened; it comes after run, or after a failed start.
func (s *server) close() error {
	var errs []error
	if s.background != nil {
		s.background()
	}
	if s.web != nil {
		errs = append(errs, s.web.Close())
	}
	s.serving.Wait()
	s.requests.Wait()
	if s.listener != nil && s.background == nil {
		errs = append(errs, s.listener.Close())
	}
	if s.ledger != nil {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // what was to be finished is
		errs = append(errs, s.ledger.Stop(ctx))
	}
	if s.bot != nil {
		s.bot.Close()
	}
	if s.ledger != nil {
		errs = append(errs, s.ledger.Close())
	}
	if s.library != nil {
		errs = append(errs, s.library.Close())
	}
	if s.corpus != nil {
		errs = append(errs, s.corpus.Close())
	}
	s.tracing.close()
	return errors.Join(errs...)
}

// pruneEvery is how often what is older than the retention is erased.
const pruneEvery = time.Hour

func (s *server) prune(ctx context.Context) {
	ticker := time.NewTicker(pruneEvery)
	defer ticker.Stop()
	for {
		pruned, err := s.ledger.Prune(ctx, s.settings.retention)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Error("old questions could not be erased", "error", err)
		case pruned.Texts+pruned.Keys > 0:
			s.log.Info("old questions were erased", "texts", pruned.Texts, "answers", pruned.Answers, "keys", pruned.Keys)
		}
		if err := s.bot.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("reports that nobody asks about any more could not be erased", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
