package slacksim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// TB is what the simulator needs of a [testing.TB].
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Options shape a workspace. The zero value of each field is Slack's
// documented behaviour.
type Options struct {
	// Clock drives timestamps, limits, time-outs and retries; nil is the time package.
	Clock Clock
	// InMemory serves on a network inside the process, for testing/synctest;
	// reach it with HTTPClient and Dialer.
	InMemory bool
	// Team is the workspace's own team; empty fields get stable defaults.
	Team Team
	// BotName names the app and its bot user; empty is "bot".
	BotName string
	// Scopes are the bot token's; nil is DefaultScopes.
	Scopes []string
	// Events are the bot events subscribed to, as in a manifest
	// ("message.channels"); nil is every event the scopes allow.
	Events []string
	// BotToken, AppToken and SigningSecret have stable defaults.
	BotToken, AppToken, SigningSecret string

	// Limits are the Web API's rate limits.
	Limits Limits
	// AckTimeout is how long an acknowledgement may take; zero is 3 s
	// (docs.slack.dev, "The Events API").
	AckTimeout time.Duration
	// Retries are the waits before each redelivery of an event; nil is at
	// once, one minute, five minutes (docs.slack.dev, "The Events API").
	Retries []time.Duration
	// DelayedEvents goes on redelivering hourly for 24 hours.
	DelayedEvents bool

	// PingInterval and PongTimeout pace a socket's keep-alive; zero is 10 s and 30 s.
	PingInterval, PongTimeout time.Duration
	// MaxSockets is how many connections the app may hold; zero is 10
	// (docs.slack.dev, "Using Socket Mode").
	MaxSockets int
	// RefreshEvery refreshes a socket after so many envelopes; zero is never.
	RefreshEvery int
	// SocketLifetime refreshes a socket after its time; zero is one hour.
	SocketLifetime time.Duration

	// StreamTTL is how long a streamed message accepts text; zero is the five
	// minutes that others measured (slackapi/python-slack-sdk issue 1859),
	// negative is without end.
	StreamTTL time.Duration
	// EditWindow is how long a message can be edited; zero is for ever.
	EditWindow time.Duration
	// HomeDisabled switches the app's Home tab off.
	HomeDisabled bool
	// NotAnAgent makes the app one that is not declared as an agent: it has no
	// sessions, titles and prompts (docs.slack.dev, "Agent sessions").
	NotAnAgent bool
	// AgentView gives the app the newer experience: conversations happen in the
	// Messages tab, no assistant thread starts, and prompts for a thread are
	// silently not shown (docs.slack.dev, "Migrating to the Agent messaging
	// experience").
	AgentView bool

	// HTTPClient delivers events to request URLs; nil is a plain client.
	HTTPClient *http.Client
	// OnFrame may delay, copy or drop a delivery to the app. It runs under the
	// simulator's lock: it must not call the workspace.
	OnFrame func(Frame) FrameAction
}

// A Team is a Slack workspace's identity.
type Team struct{ ID, Name, Domain string }

// A Workspace is one simulated Slack workspace with one app installed. Its
// methods are safe for concurrent use.
type Workspace struct {
	// Team, AppID, BotID and Bot identify the workspace and the app.
	Team  Team
	AppID string
	BotID string
	// Bot is the app's bot user.
	Bot *User

	opts    Options
	clock   Clock
	methods map[string]method
	server  *http.Server
	base    string
	client  *http.Client
	dialer  *websocket.Dialer

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu           sync.Mutex
	closed       bool
	changed      chan struct{} // closed and replaced when something happened
	seq          int           // orders what the transcript shows
	ids          map[string]int
	users        map[string]*User
	channels     map[string]*Channel
	channelOrder []*Channel
	files        map[string]*File
	tokens       map[string]*token
	triggers     map[string]*trigger
	responses    map[string]*responseURL
	views        map[string]*View
	statuses     map[threadKey]status
	sessions     map[threadKey]*session
	prompts      map[threadKey][]Prompt
	buckets      map[string]*bucket
	faults       []*Fault

	tickets      map[string]time.Time
	sockets      []*Socket
	nextSocket   int
	turn         int           // of the round over sockets
	opened       chan struct{} // closed and replaced when a socket opened
	pending      map[string]*pending
	linkDisabled bool
	requestURL   string
	uninstalled  bool

	deliveries []*Delivery
	calls      []Call
	violations []Violation
	stats      Stats
}

type threadKey struct{ channel, ts string }

// New opens a workspace with an app installed and a public #general that the
// bot is in. It is closed at the end of the test; with a nil tb, Close it, and
// New panics if it cannot listen.
func New(tb TB, opts Options) *Workspace {
	ws, err := Open(opts)
	if err != nil {
		if tb == nil {
			panic(err)
		}
		tb.Helper()
		tb.Fatalf("slacksim: %v", err)
	}
	if tb != nil {
		tb.Cleanup(ws.Close)
	}
	return ws
}

// Open is New outside of tests; Close the workspace.
func Open(opts Options) (*Workspace, error) {
	ws := build(opts)
	if err := ws.listen(); err != nil {
		ws.cancel()
		return nil, err
	}
	return ws, nil
}

func build(opts Options) *Workspace {
	opts = opts.withDefaults()
	ws := &Workspace{
		Team: opts.Team, AppID: "A000000001", BotID: "B000000001",
		opts: opts, clock: opts.Clock, methods: methods(),
		changed: make(chan struct{}), opened: make(chan struct{}), ids: map[string]int{},
		users: map[string]*User{}, channels: map[string]*Channel{}, files: map[string]*File{},
		tokens: map[string]*token{}, triggers: map[string]*trigger{}, responses: map[string]*responseURL{},
		views: map[string]*View{}, statuses: map[threadKey]status{}, sessions: map[threadKey]*session{},
		prompts: map[threadKey][]Prompt{}, buckets: map[string]*bucket{},
		tickets: map[string]time.Time{}, pending: map[string]*pending{}, stats: Stats{Errors: map[string]int{}},
	}
	ws.ctx, ws.cancel = context.WithCancel(context.Background())
	ws.Bot = ws.AddUser(UserSpec{Name: opts.BotName, Kind: Bot})
	ws.Bot.BotID = ws.BotID
	ws.tokens[opts.BotToken] = &token{kind: botToken, scopes: newSet(opts.Scopes)}
	ws.tokens[opts.AppToken] = &token{kind: appToken, scopes: newSet([]string{"connections:write"})}
	ws.AddChannel(ChannelSpec{Name: "general"})
	return ws
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	setDefault(&o.Team.ID, "T000000001")
	setDefault(&o.Team.Name, "Acme")
	setDefault(&o.Team.Domain, "acme")
	setDefault(&o.BotName, "bot")
	setDefault(&o.BotToken, "xoxb-000000000001-000000000001-slacksimBotTokenCanary")
	setDefault(&o.AppToken, "xapp-1-A000000001-000000000001-slacksimAppTokenCanary")
	setDefault(&o.SigningSecret, "51ac6519516512345canary0123456789")
	setDefault(&o.AckTimeout, 3*time.Second)
	setDefault(&o.PingInterval, 10*time.Second)
	setDefault(&o.PongTimeout, 30*time.Second)
	setDefault(&o.MaxSockets, 10)
	setDefault(&o.SocketLifetime, time.Hour)
	setDefault(&o.StreamTTL, 5*time.Minute)
	if o.Scopes == nil {
		o.Scopes = DefaultScopes()
	}
	if o.Retries == nil {
		o.Retries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	if o.DelayedEvents {
		o.Retries = append([]time.Duration{}, o.Retries...)
		for range 24 {
			o.Retries = append(o.Retries, time.Hour)
		}
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Transport: &http.Transport{}}
	}
	if o.OnFrame == nil {
		o.OnFrame = func(Frame) FrameAction { return FrameAction{} }
	}
	o.Limits = o.Limits.withDefaults()
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (ws *Workspace) listen() error {
	ws.server = &http.Server{Handler: ws.handler()}
	if ws.opts.InMemory {
		l := NewListener()
		ws.base, ws.client = "http://slack.sim", l.Client()
		ws.dialer = &websocket.Dialer{NetDialContext: l.Dial, WriteBufferSize: 32 << 10}
		ws.serve(l)
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening on loopback: %w", err)
	}
	ws.base = "http://" + l.Addr().String()
	ws.client = &http.Client{Transport: &http.Transport{}}
	ws.dialer = &websocket.Dialer{WriteBufferSize: 32 << 10}
	ws.serve(l)
	return nil
}

func (ws *Workspace) serve(l net.Listener) {
	ws.wg.Go(func() { _ = ws.server.Serve(l) }) // ends with Close
}

// Close ends every connection and waits for everything the workspace started.
func (ws *Workspace) Close() {
	ws.mu.Lock()
	if ws.closed {
		ws.mu.Unlock()
		ws.wg.Wait()
		return
	}
	ws.closed = true
	for _, p := range ws.pending {
		ws.resolve(p, ackResult{outcome: OutcomeClosed})
	}
	for _, s := range ws.sockets {
		s.drop()
	}
	ws.mu.Unlock()

	ws.cancel()
	ws.server.Close()
	ws.client.CloseIdleConnections()
	ws.opts.HTTPClient.CloseIdleConnections()
	ws.wg.Wait()
}

// spawn runs f unless the workspace is closed; the caller holds mu.
func (ws *Workspace) spawn(f func()) {
	if !ws.closed {
		ws.wg.Go(f)
	}
}

// URL is where the workspace listens, without a slash at the end.
func (ws *Workspace) URL() string { return ws.base }

// APIURL is the Web API's base, for SLACK_API_URL.
func (ws *Workspace) APIURL() string { return ws.base + "/api/" }

// BotToken returns the installed app's bot token.
func (ws *Workspace) BotToken() string { return ws.opts.BotToken }

// AppToken returns the app-level token for Socket Mode.
func (ws *Workspace) AppToken() string { return ws.opts.AppToken }

// SigningSecret returns the secret that signs HTTP requests to the app.
func (ws *Workspace) SigningSecret() string { return ws.opts.SigningSecret }

// Env returns the environment an app needs to talk to this workspace.
func (ws *Workspace) Env() map[string]string {
	return map[string]string{
		"SLACK_API_URL":        ws.APIURL(),
		"SLACK_BOT_TOKEN":      ws.opts.BotToken,
		"SLACK_APP_TOKEN":      ws.opts.AppToken,
		"SLACK_SIGNING_SECRET": ws.opts.SigningSecret,
	}
}

// HTTPClient reaches the workspace, in memory or on loopback.
func (ws *Workspace) HTTPClient() *http.Client { return ws.client }

// Dialer opens Socket Mode connections, in memory or on loopback.
func (ws *Workspace) Dialer() *websocket.Dialer { return ws.dialer }

// Wait blocks until cond holds or ctx ends. It looks again after everything
// that happens in the workspace, and cond may call any of its methods.
func (ws *Workspace) Wait(ctx context.Context, cond func() bool) error {
	for {
		ws.mu.Lock()
		changed := ws.changed
		ws.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the workspace: %w", ctx.Err())
		case <-ws.ctx.Done():
			return fmt.Errorf("waiting for the workspace: %w", http.ErrServerClosed)
		}
	}
}

// Changed returns a channel that closes when something happens, for those who
// follow everything.
func (ws *Workspace) Changed() <-chan struct{} {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.changed
}

// touch wakes those who Wait; the caller holds mu.
func (ws *Workspace) touch() {
	close(ws.changed)
	ws.changed = make(chan struct{})
}

// after returns a channel that closes when the clock has passed d.
func (ws *Workspace) after(d time.Duration) (<-chan struct{}, Timer) {
	done := make(chan struct{})
	return done, ws.clock.AfterFunc(d, func() { close(done) })
}

// newID numbers things of one kind, so that runs repeat; the caller holds mu.
func (ws *Workspace) newID(prefix string) string {
	ws.ids[prefix]++
	return fmt.Sprintf("%s%09d", prefix, ws.ids[prefix])
}

// nextSeq orders what the transcript shows; the caller holds mu.
func (ws *Workspace) nextSeq() int {
	ws.seq++
	return ws.seq
}
