package slackbot

import (
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footnote/bot/record"
)

// metrics are the bot's figures, in Prometheus' terms.
type metrics struct {
	questions *prometheus.CounterVec // by surface
	answers   *prometheus.CounterVec // by outcome and mode
	reports   *prometheus.CounterVec // by what became of them
	tokens    *prometheus.CounterVec // by kind
	feedback  *prometheus.CounterVec // by vote
	opened    *prometheus.CounterVec // by what
	stops     *prometheus.CounterVec // by the button
	retries   prometheus.Counter
	reused    prometheus.Counter
	caughtUp  prometheus.Counter
	ambiguous *prometheus.CounterVec // by what became of it
	calls     *prometheus.CounterVec // of the Web API, by method and result
	envelopes *prometheus.CounterVec // by kind and result
	refused   *prometheus.CounterVec // HTTP requests, by reason
	sockets   *prometheus.CounterVec // by what happened
	latency   prometheus.Histogram
	heard     prometheus.Histogram
	intake    prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "footnote", Name: name, Help: help}, labels)
		r.MustRegister(v)
		return v
	}
	histogram := func(name, help string, buckets ...float64) prometheus.Histogram {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "footnote", Name: name, Help: help, Buckets: buckets})
		r.MustRegister(h)
		return h
	}
	m := &metrics{
		questions: counter("questions_total", "Questions recorded, edits included.", "surface"),
		answers:   counter("answers_total", "Questions answered, refused or turned away.", "outcome", "mode"),
		reports:   counter("reports_handed_in_total", "Files that came with a question.", "result"),
		tokens:    counter("model_tokens_total", "Tokens that a language model used.", "kind"),
		feedback:  counter("feedback_total", "Votes on answers, changed ones included.", "vote"),
		opened:    counter("opened_total", "How often people opened the bot's messages or Home tab.", "what"),
		stops:     counter("stops_total", "Answers that their asker stopped.", "button"),
		ambiguous: counter("ambiguous_posts_total", "Posts whose reply was lost, by what was found out.", "result"),
		calls:     counter("slack_calls_total", "Calls of Slack's Web API.", "method", "result"),
		envelopes: counter("slack_envelopes_total", "What Slack sent.", "kind", "result"),
		refused:   counter("http_refused_total", "HTTP requests that were not validly signed.", "reason"),
		sockets:   counter("socket_events_total", "What happened to sockets.", "event"),
		latency:   histogram("answer_seconds", "From a question's arrival to its posted answer.", .1, .25, .5, 1, 2, 5, 10, 30, 60, 300),
		heard:     histogram("heard_seconds", "From a question's arrival to the sign that it was heard.", .01, .025, .05, .1, .2, .3, .5, 1, 3),
		intake:    histogram("intake_seconds", "From an envelope's arrival to when it may be acknowledged.", .001, .0025, .005, .01, .025, .05, .1, .5, 3),
	}
	m.retries = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "footnote", Name: "retries_total", Help: "Attempts at a question after its first."})
	m.reused = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "footnote", Name: "answers_reused_total", Help: "Questions answered with the stored answer to an earlier one."})
	m.caughtUp = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "footnote", Name: "caught_up_total", Help: "Questions and edits found in the history after a pause."})
	r.MustRegister(m.retries, m.reused, m.caughtUp)
	return m
}

func (m *metrics) took(kind string, started time.Time, err error) {
	m.intake.Observe(time.Since(started).Seconds())
	switch kind {
	case kindEvents, kindInteractive, kindCommand:
	default: // names come from outside: their number must be bounded
		kind = "other"
	}
	m.envelopes.WithLabelValues(kind, result(err)).Inc()
}

func (m *metrics) called(method string, err error) {
	m.calls.WithLabelValues(method, result(err)).Inc()
}

func (m *metrics) answered(a record.Answer, since time.Time) {
	m.answers.WithLabelValues(string(a.Outcome), string(a.Mode)).Inc()
	m.tokens.WithLabelValues("prompt").Add(float64(a.PromptTokens))
	m.tokens.WithLabelValues("completion").Add(float64(a.CompletionTokens))
	m.latency.Observe(time.Since(since).Seconds())
}

func result(err error) string {
	if err == nil {
		return "ok"
	}
	return "error"
}

func stack() string { return string(debug.Stack()) }
