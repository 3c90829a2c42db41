package ledger

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
)

// A wakeListener tells River's client in this process of new jobs the moment
// they are committed.
type wakeListener struct {
	db   *sql.DB
	wake chan struct{}
}

func newWakeListener(db *sql.DB) *wakeListener {
	return &wakeListener{db: db, wake: make(chan struct{}, 1)}
}

// notify never blocks; several calls may become one notification.
func (w *wakeListener) notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// WaitForNotification blocks until there may be new jobs.
func (w *wakeListener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.wake:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + river.QueueDefault + `"}`}, nil
	}
}

// Ping says whether the database can be reached.
func (w *wakeListener) Ping(ctx context.Context) error { return w.db.PingContext(ctx) }

// The rest of River's listener has nothing to do here.

func (w *wakeListener) Close(context.Context) error            { return nil }
func (w *wakeListener) Connect(context.Context) error          { return nil }
func (w *wakeListener) Listen(context.Context, string) error   { return nil }
func (w *wakeListener) Unlisten(context.Context, string) error { return nil }
func (w *wakeListener) Schema() string                         { return "" }
func (w *wakeListener) SetAfterConnectExec(string)             {}

// riverLogger passes on what River warns of; its other lines are for its
// developers.
func riverLogger(log *slog.Logger) *slog.Logger {
	return slog.New(warnings{log.Handler()})
}

type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
