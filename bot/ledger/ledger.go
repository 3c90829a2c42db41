package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"go.opentelemetry.io/otel/trace"
)

// Options are optional; the zero value of each field means its default.
type Options struct {
	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
	// Clock tells the time; nil means the database's where several machines may
	// share it, else time.Now. River keeps its own.
	Clock func() time.Time

	// EditWindow is how long after a question its edits count; default 1 h.
	EditWindow time.Duration
	// MaxAttempts is after how many a question is given up; default 8.
	MaxAttempts int
	// BackoffBase is the pause after the first failed attempt, doubled with
	// each further one up to BackoffMax, then shortened at random by up to
	// half; defaults 2 s and 5 min.
	BackoffBase, BackoffMax time.Duration
	// AttemptTimeout ends a handler's context; default 15 min.
	AttemptTimeout time.Duration

	// Heartbeat is how often a lease is renewed; default 2 s.
	Heartbeat time.Duration
	// LeaseLapse is after how long without a heartbeat others take over;
	// default three heartbeats.
	LeaseLapse time.Duration
	// SweepEvery is how often abandoned work is looked for; default 1 s.
	SweepEvery time.Duration
	// PollEvery is how often jobs are looked for that nobody told of; default 50 ms
	// for SQLite, where those of other processes are such, and 500 ms for PostgreSQL.
	PollEvery time.Duration

	// Existing has Open fail with [ErrNone] rather than make the tables.
	Existing bool
	// Tracer gets the spans of the work on questions; nil makes none.
	Tracer trace.TracerProvider

	// Reached is for tests: it is called at labelled points, from any goroutine,
	// and may stop or kill the process there. nil calls nothing.
	Reached func(point string)
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	orDuration(&o.EditWindow, time.Hour)
	orDuration(&o.BackoffBase, 2*time.Second)
	orDuration(&o.BackoffMax, 5*time.Minute)
	orDuration(&o.AttemptTimeout, 15*time.Minute)
	orDuration(&o.Heartbeat, 2*time.Second)
	orDuration(&o.LeaseLapse, 3*o.Heartbeat)
	orDuration(&o.SweepEvery, time.Second)
	if o.MaxAttempts <= 0 {
		o.MaxAttempts = 8
	}
	return o
}

func orDuration(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

// A Ledger is an open ledger. It is safe for concurrent use, by several
// processes too.
type Ledger struct {
	db       *sql.DB
	dialect  *dialect
	options  Options
	log      *slog.Logger
	owner    string // names this process in leases and in River's jobs
	listener *wakeListener
	wall     func() time.Time // time.Now, but in tests
	inserter *river.Client[*sql.Tx]

	// turn is for every transaction, workerTurn is taken before it by those
	// that nobody's acknowledgement waits for; nil where they need not wait.
	turn, workerTurn turn

	jobs sync.Map // ids of River's jobs that are being worked

	mu      sync.Mutex
	running map[int64]*Claim // by question
	// interruptions are attempts to be given back, trouble is when the database
	// was last away as far as is known.
	interruptions []interruption
	trouble       time.Time
	work          *workers // nil unless working
	closed        bool
}

// Open opens the ledger at url, creating and migrating it as needed:
// "sqlite:PATH", where PATH is a file's name taken as it stands, or PostgreSQL's
// "postgres://USER:PASSWORD@HOST:PORT/DATABASE". Several processes may open one at
// the same moment. Errors are of type *[Error] where
// a person can mend them.
func Open(ctx context.Context, url string, options Options) (*Ledger, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	var db *sql.DB
	var d *dialect
	var err error
	switch scheme {
	case "sqlite":
		d = sqliteDialect()
		db, err = openSQLite(ctx, strings.TrimPrefix(rest, "//"))
	case "postgres", "postgresql":
		db, d, err = openPostgres(ctx, url)
	default:
		err = &Error{
			Problem: "the ledger's address names no database that is known",
			Advice:  "DATABASE_URL is sqlite:PATH, such as sqlite:/var/lib/footnote/ledger.db, or postgres://USER:PASSWORD@HOST/DATABASE",
		}
	}
	if err != nil {
		return nil, err
	}
	l, err := newLedger(ctx, db, d, options.withDefaults())
	if err != nil {
		return nil, errors.Join(err, l.closeDatabase())
	}
	return l, nil
}

func newLedger(ctx context.Context, db *sql.DB, d *dialect, options Options) (*Ledger, error) {
	l := &Ledger{
		db: db, dialect: d, options: options, log: options.Logger,
		owner: ownerName(), listener: newWakeListener(db), wall: time.Now, running: map[int64]*Claim{},
	}
	orDuration(&l.options.PollEvery, d.poll)
	if d.oneWriter {
		l.turn, l.workerTurn = make(turn, 1), make(turn, 1)
	}
	if err := l.migrate(ctx); err != nil {
		return l, err
	}
	var err error
	l.inserter, err = river.NewClient(d.river(db, l.listener), &river.Config{Logger: riverLogger(l.log)})
	if err != nil {
		return l, fmt.Errorf("set up the work queue: %w", err)
	}
	return l, nil
}

func (l *Ledger) closeDatabase() error {
	err := l.db.Close()
	if l.dialect.close != nil {
		l.dialect.close()
	}
	return err
}

// ownerName is unique among processes, also after a restart with the same
// process id.
func ownerName() string {
	var b [8]byte
	rand.Read(b[:])
	host, _ := os.Hostname()
	if len(host) > 40 {
		host = host[:40]
	}
	return fmt.Sprintf("%s-%d-%s", strings.ToValidUTF8(host, ""), os.Getpid(), hex.EncodeToString(b[:]))
}

// Close stops working without patience (see [Ledger.Stop]), waits for
// everything the ledger started, and closes the database. Further calls do
// nothing.
func (l *Ledger) Close() error {
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.mu.Unlock()
	if closed {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return errors.Join(l.Stop(ctx), l.closeDatabase())
}

// Times are stored in microseconds.
func fromMicros(t int64) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMicro(t).UTC()
}

func (l *Ledger) reach(point string) {
	if l.options.Reached != nil {
		l.options.Reached(point)
	}
}
