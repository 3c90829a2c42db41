package slackbot

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"footnote/bot"
	"footnote/bot/record"
)

// A Ledger keeps questions on disk. It is safe for concurrent use; Put and
// Withdraw have committed when they return.
type Ledger interface {
	// Put records a question or its edit, and tells whether work is owed that
	// was not owed before. An error wraps record.ErrInvalid when sending it
	// again is of no use.
	Put(ctx context.Context, q record.Question) (id int64, fresh bool, err error)
	Withdraw(ctx context.Context, key record.Key) (known bool, err error)
	// Find fails with record.ErrNotFound for a message that is no question.
	Find(ctx context.Context, key record.Key) (record.Entry, error)
	// Asker names who asked first in a thread, and the thread's latest
	// question, or fails with record.ErrNotFound.
	Asker(ctx context.Context, team, channel, threadTS string) (asker, latest string, err error)
	// NoteTalk remembers that people talked to each other in a thread; TalkAt
	// is when they last did, "" for never.
	NoteTalk(ctx context.Context, team, channel, threadTS, ts string) error
	TalkAt(ctx context.Context, team, channel, threadTS string) (ts string, err error)
	// Thread and Conversation return a thread's or a channel's last turns that
	// came before a question, oldest first.
	Thread(ctx context.Context, team, channel, threadTS string, before int64, last int) ([]record.Turn, error)
	Conversation(ctx context.Context, team, channel string, since time.Time, before int64, last int) ([]record.Turn, error)
	// AnswerAt finds the turn that a message of ours belongs to, or fails with
	// record.ErrNotFound.
	AnswerAt(ctx context.Context, channel, ts string) (record.Turn, error)
	// Turn is a question with the answer to its current revision, or fails with
	// record.ErrNotFound.
	Turn(ctx context.Context, id int64) (record.Turn, error)
	// Reask has a question answered once more, in the way that how says, unless
	// its revision is not the current one any more. detail takes the place of
	// the question's; empty leaves it.
	Reask(ctx context.Context, id int64, revision int, how record.How, detail string) (fresh bool, err error)
	// Reusable lists earlier answers to the same question about the same corpus
	// by the same model, newest first.
	Reusable(ctx context.Context, team, key, corpusHash, model string, n int) ([]record.Turn, error)
	// Asked lists a person's last questions, newest first.
	Asked(ctx context.Context, team, asker string, n int) ([]record.Turn, error)
	// Feedback records what somebody thinks of an answer, in place of what they
	// thought before, or fails with record.ErrNotFound.
	Feedback(ctx context.Context, f record.Feedback) error
	// Debit takes tokens from what a team may use today; a limit of 0 only
	// counts. Settle replaces a debit by what was used.
	Debit(ctx context.Context, team string, tokens, limit int) (d record.Debit, ok bool, err error)
	Settle(ctx context.Context, d record.Debit, used bot.Usage) error
	// Reports lists the reports that were dropped into a thread, or with none
	// into a channel.
	Reports(ctx context.Context, team, channel, threadTS string) ([]record.Report, error)
	// Recent lists the last n questions of all channels, newest first, deleted
	// ones too.
	Recent(ctx context.Context, n int) ([]record.Turn, error)
	// Mark records up to when something was done, unless a later time is there;
	// Marked is that time, zero where there is none.
	Mark(ctx context.Context, name string, at time.Time) error
	Marked(ctx context.Context, name string) (time.Time, error)
	// Alone runs do unless another process runs what has the same name, and says
	// whether it did. do's context ends when another may begin.
	Alone(ctx context.Context, name string, do func(context.Context) error) (ran bool, err error)
	// Cited lists finished questions whose answers, given since a time, cite
	// something, by id from the one after the given id on. Remark has an answer
	// shown again because what is outdated in it, nil for nothing, has changed.
	Cited(ctx context.Context, since time.Time, after int64, n int) ([]record.Turn, error)
	Remark(ctx context.Context, id int64, revision int, o *record.Outdated) (fresh bool, err error)
	// Abandon gives up all questions of a team that are owed, and erases what
	// was noted on how to answer its questions.
	Abandon(ctx context.Context, team, problem string) (int, error)
	// AddReport records that a report is asked about in a place; again changes
	// nothing. RemoveReport ends that, wherever its file is used where channel
	// is empty. ReportHashes are the contents that are used anywhere.
	AddReport(ctx context.Context, r record.Report) error
	RemoveReport(ctx context.Context, team, channel, threadTS, file string) (removed int, err error)
	ReportHashes(ctx context.Context) (map[string]bool, error)
	// StopAnswer has the work on a revision end early, in whatever process it is
	// done or will be, or fails with record.ErrNotFound where it is not the
	// current one.
	StopAnswer(ctx context.Context, id int64, revision int) error
	// Allow takes one from a scope's allowance.
	Allow(ctx context.Context, scope string, limit int, window time.Duration) (ok bool, wait time.Duration, err error)
}

// Options shape a bot; the zero value of each optional field means its default.
type Options struct {
	// BotToken is required. AppToken is needed by Receive, SigningSecret by
	// EventsHandler.
	BotToken, AppToken, SigningSecret string
	// APIURL is where Slack's Web API is; empty means Slack's own.
	APIURL string
	Access Access
	// Version is the program's, for the Home tab; empty is not shown.
	Version string
	// Library opens the reports that people drop into Slack; nil keeps to the
	// one report.
	Library Library
	// MaxFile is the size in bytes of the largest file that is read; default
	// 10 MB. DownloadTimeout bounds its download; default a minute.
	MaxFile         int
	DownloadTimeout time.Duration

	// DailyTokens is how many tokens a language model may use in a day, in UTC,
	// for each workspace; 0 means no limit.
	DailyTokens int

	// Connections is how many sockets are kept open; default 2, so that one
	// carries on while Slack refreshes the other.
	Connections int
	// Silence is after how long without a sign of life a socket is given up;
	// default 35 s. Slack pings every few seconds.
	Silence time.Duration
	// Intakes is how many envelopes are taken at a time; default 32.
	Intakes int
	// CallTimeout bounds each call of the Web API; default 15 s.
	CallTimeout time.Duration
	// Doubt is for how long a post whose reply was lost may still land; default
	// 10 s.
	Doubt time.Duration
	// Notice is after how long somebody is told that a question waits because the
	// report cannot be searched; default 30 s.
	Notice time.Duration
	// FirstLine is after how long a question without a status gets a first
	// line; default 250 ms.
	FirstLine time.Duration

	// CatchUp is how far back the bot looks for questions that came while it
	// was down; default 24 h, at most 47 h, since the ledger knows for two days
	// what was dealt with. Below zero it does not look.
	CatchUp time.Duration

	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
	// Metrics is where the bot's figures are registered; nil keeps them apart.
	Metrics prometheus.Registerer
	// Tracer gets the spans of what Slack sends; nil makes none. The work on a
	// question is traced where its context is.
	Tracer trace.TracerProvider
	// HTTPClient and Dialer reach Slack; nil means the usual ones.
	HTTPClient *http.Client
	Dialer     *websocket.Dialer
	// Unpaced is for tests against a Slack without limits: calls are not kept
	// apart.
	Unpaced bool
	// Reached is for tests: it is called at labelled points, where a test may
	// stop or kill the process.
	Reached func(point string)
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Reached == nil {
		o.Reached = func(string) {}
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{}
	}
	if o.Dialer == nil {
		o.Dialer = &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: 15 * time.Second}
	}
	orDefault(&o.Connections, 2)
	orDefault(&o.Intakes, 32)
	orDefault(&o.Silence, 35*time.Second)
	orDefault(&o.CallTimeout, 15*time.Second)
	orDefault(&o.Doubt, 10*time.Second)
	orDefault(&o.FirstLine, 250*time.Millisecond)
	orDefault(&o.Notice, 30*time.Second)
	if o.CatchUp == 0 {
		o.CatchUp = usualCatchUp
	}
	o.CatchUp = min(o.CatchUp, MostCatchUp)
	orDefault(&o.MaxFile, 10<<20)
	orDefault(&o.DownloadTimeout, time.Minute)
	return o
}

func orDefault[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// A Bot is one installed app. It is safe for concurrent use.
type Bot struct {
	engines Engines
	ledger  Ledger
	options Options
	log     *slog.Logger
	metrics *metrics
	web     *web
	herald  *herald
	people  *people
	// channels are known by whether everybody can read them.
	channels *channels
	streams  *feature
	prompts  *feature
	titles   *feature
	early    *early
	self     identity
	bySocket bool // an app token was given
	signedIn time.Time
	granted  map[string]bool // scopes; nil where Slack does not say
	presence presence
	served   served
	// changed holds one while the answers' marks are to be looked at.
	changed   chan struct{}
	markEvery time.Duration
	now       func() time.Time
	leaving   leaving

	sockets    atomic.Int32 // open ones
	background sync.WaitGroup
	slots      chan struct{} // bounds what runs in the background
}

// served are generations of the report, by whether everybody was answered from
// them.
type served struct {
	sync.Mutex
	hashes map[string]bool
}

// An identity is who the bot is in its workspace.
type identity struct{ team, user, bot, url string }

// New signs the bot in. It fails with an error that names the remedy when the
// token does not work.
func New(ctx context.Context, engines Engines, ledger Ledger, o Options) (*Bot, error) {
	o = o.withDefaults()
	b := &Bot{engines: engines, ledger: ledger, options: o, log: o.Logger, slots: make(chan struct{}, 64)}
	b.metrics = newMetrics(o.Metrics)
	b.web = newWeb(o, b.metrics)
	b.bySocket = o.AppToken != ""
	b.options.BotToken, b.options.AppToken = "", "" // the client's alone, so that it can forget them
	b.herald = newHerald(b.web, b.metrics, b.log)
	b.people = newPeople(b.web)
	b.channels = newChannels(b.web)
	b.streams = &feature{name: "streams", log: b.log}
	b.prompts = &feature{name: "suggested questions", log: b.log}
	b.titles = &feature{name: "titles", log: b.log}
	b.early = newEarly()
	b.presence = usualPresence
	b.leaving.left = make(chan struct{})
	b.served.hashes = map[string]bool{}
	b.changed, b.markEvery, b.now = make(chan struct{}, 1), markEvery, time.Now
	b.web.suspect = b.suspect
	if err := b.signIn(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *Bot) signIn(ctx context.Context) error {
	err := b.web.call(ctx, "auth.test", "", func(ctx context.Context) error {
		r, err := b.web.api.AuthTestContext(ctx)
		if err == nil {
			b.self = identity{team: r.TeamID, user: r.UserID, bot: r.BotID, url: r.URL}
			b.granted, b.signedIn = scopesOf(r.Header), time.Now()
		}
		return err
	})
	if err != nil {
		return explained("sign in to Slack", err)
	}
	return nil
}

// Connected reports how many sockets are open.
func (b *Bot) Connected() int { return int(b.sockets.Load()) }

// Busy reports whether something runs in the background that no question in the
// ledger stands for, such as the opening of a source. What an acknowledged
// envelope brought about has begun.
func (b *Bot) Busy() bool { return len(b.slots)+len(b.herald.slots) > 0 }

// Close waits for what runs in the background. No envelope may be given to the
// bot after that.
func (b *Bot) Close() {
	b.background.Wait()
	b.herald.close()
	b.settleUp()
}

// inBackground runs f with a context of its own, unless too much runs already.
// What it does must not matter when the process dies.
func (b *Bot) inBackground(f func(ctx context.Context)) bool {
	select {
	case b.slots <- struct{}{}:
	default:
		return false
	}
	b.background.Go(func() {
		defer func() { <-b.slots }()
		defer b.contain("in the background")
		ctx, cancel := context.WithTimeout(context.Background(), b.options.CallTimeout)
		defer cancel()
		f(ctx)
	})
	return true
}

// contain keeps a panic from ending the process. What it says may hold a
// question or a token, so it is not repeated.
func (b *Bot) contain(where string) {
	if p := recover(); p != nil {
		b.log.Error("a panic was contained", "where", where, "type", fmt.Sprintf("%T", p), "stack", stack())
	}
}

// An Error is a failure that whoever runs the bot can mend.
type Error struct {
	Problem string
	Advice  string
	Err     error
}

// Error returns the problem with its cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Problem
	}
	return e.Problem + " (" + e.Err.Error() + ")"
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *Error) Hint() string { return e.Advice }

// explained says what can be done about an error of Slack's.
func explained(doing string, err error) error {
	advice := map[string]string{
		"invalid_auth":           "check SLACK_BOT_TOKEN (xoxb-…) and SLACK_APP_TOKEN (xapp-…); docs/slack.md says where they come from",
		"not_authed":             "set SLACK_BOT_TOKEN and SLACK_APP_TOKEN; docs/slack.md says where they come from",
		"account_inactive":       "the app was removed from the workspace: install it again",
		"token_revoked":          "install the app again, and take its new token",
		"token_expired":          "switch token rotation off in the app's settings, and take its new token",
		"not_allowed_token_type": "SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-; they may be swapped",
		"missing_scope":          "add the missing scope, install the app again; footnote doctor names it",
		"forbidden_team":         "switch Socket Mode on in the app's settings",
	}[code(err)]
	if advice == "" {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return &Error{Problem: doing + ": Slack says " + code(err), Advice: advice}
}
