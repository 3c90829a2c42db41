package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"footnote/bot/ledger"
	"footnote/corpus"
)

// handler serves what watches the process, and Slack's events if they come by
// HTTP.
func (s *server) handler(figures *prometheus.Registry, events bool) (http.Handler, error) {
	figures.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &ledgerFigures{ledger: s.ledger}, corpusFigures{s.corpus})
	if s.vigil != nil {
		figures.MustRegister(storeFigures{s.vigil})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if problem := s.notReady(r.Context(), events); problem != "" {
			http.Error(w, problem, http.StatusServiceUnavailable)
			return
		}
		_, _ = redacting{w, s.settings.secrets()}.Write([]byte("ready\n" + s.vigil.says()))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(figures, promhttp.HandlerOpts{}))
	if !events {
		return mux, nil
	}
	slack, err := s.bot.EventsHandler()
	if err != nil {
		return nil, err
	}
	mux.Handle("/slack/events", slack)
	return mux, nil
}

// counted counts the requests being handled, so that they can be waited for
// after the server has given up on them.
func counted(requests *sync.WaitGroup, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		defer requests.Done()
		handler.ServeHTTP(w, r)
	})
}

// notReady says why questions cannot be taken now; empty when they can. They can
// without the store that replicas share: they wait in the ledger.
func (s *server) notReady(ctx context.Context, events bool) string {
	select {
	case <-s.draining:
		return "stopping"
	default:
	}
	if !events && s.bot.Connected() == 0 {
		return "no socket to Slack is open"
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := s.ledger.Stats(ctx); err != nil {
		return "the ledger cannot be read"
	}
	return ""
}

// ledgerFigures reads the ledger's figures when they are asked for.
type ledgerFigures struct{ ledger *ledger.Ledger }

var (
	depthFigure   = prometheus.NewDesc("footnote_queue_depth", "Questions that wait.", nil, nil)
	ageFigure     = prometheus.NewDesc("footnote_queue_age_seconds", "For how long the oldest waiting question has waited.", nil, nil)
	runningFigure = prometheus.NewDesc("footnote_questions_running", "Questions being answered.", nil, nil)
	stateFigure   = prometheus.NewDesc("footnote_ledger_questions", "Questions in the ledger, by state.", []string{"state"}, nil)
	budgetFigure  = prometheus.NewDesc("footnote_budget_tokens", "Tokens that count against today's limit (debited), and the limit, 0 for none.", []string{"team", "state"}, nil)
)

// Describe names the figures.
func (f *ledgerFigures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{depthFigure, ageFigure, runningFigure, stateFigure, budgetFigure} {
		ch <- d
	}
}

// Collect reads them.
func (f *ledgerFigures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stats, err := f.ledger.Stats(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(depthFigure, fmt.Errorf("read the ledger: %w", err))
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(depthFigure, float64(stats.Depth))
	gauge(ageFigure, stats.OldestWait.Seconds())
	gauge(runningFigure, float64(stats.Running))
	for state, n := range stats.States {
		gauge(stateFigure, float64(n), string(state))
	}
	spent, err := f.ledger.Spending(ctx, 1)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(budgetFigure, fmt.Errorf("read the budget: %w", err))
		return
	}
	for _, s := range spent {
		gauge(budgetFigure, float64(s.Debited), s.Team, "debited")
		gauge(budgetFigure, float64(s.Limit), s.Team, "limit")
	}
}

// corpusFigures tell what is answered from.
type corpusFigures struct{ editions *editions }

var (
	versionFigure  = prometheus.NewDesc("footnote_corpus_info", "The version that is answered from.", []string{"version"}, nil)
	passagesFigure = prometheus.NewDesc("footnote_corpus_passages", "Passages that are answered from.", nil, nil)
	troubleFigure  = prometheus.NewDesc("footnote_corpus_unreadable", "Whether the corpus has changed and cannot be read, so that answers are from its last version.", nil, nil)
	unstoredFigure = prometheus.NewDesc("footnote_corpus_unstored", "Whether the index of the corpus as it is now is not in the store that replicas share, and is tried to be brought there.", nil, nil)
)

// Describe names the figures.
func (f corpusFigures) Describe(ch chan<- *prometheus.Desc) {
	ch <- versionFigure
	ch <- passagesFigure
	ch <- troubleFigure
	ch <- unstoredFigure
}

// Collect reads them.
func (f corpusFigures) Collect(ch chan<- prometheus.Metric) {
	now := f.editions.figures()
	ch <- prometheus.MustNewConstMetric(versionFigure, prometheus.GaugeValue, 1, corpus.Version(now.hash))
	ch <- prometheus.MustNewConstMetric(passagesFigure, prometheus.GaugeValue, float64(now.passages))
	ch <- prometheus.MustNewConstMetric(troubleFigure, prometheus.GaugeValue, oneIf(now.unreadable))
	ch <- prometheus.MustNewConstMetric(unstoredFigure, prometheus.GaugeValue, oneIf(now.unstored || now.pending != nil))
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// storeFigures tell how the store is that replicas share.
type storeFigures struct{ vigil *vigil }

var storeFigure = prometheus.NewDesc("footnote_store_up", "Whether Weaviate can be asked; while it cannot, questions wait.", nil, nil)

// Describe names the figure.
func (f storeFigures) Describe(ch chan<- *prometheus.Desc) { ch <- storeFigure }

// Collect reads it.
func (f storeFigures) Collect(ch chan<- prometheus.Metric) {
	_, away := f.vigil.state()
	ch <- prometheus.MustNewConstMetric(storeFigure, prometheus.GaugeValue, oneIf(away == nil))
}
