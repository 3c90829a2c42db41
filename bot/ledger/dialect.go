package ledger

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// A dialect is what differs between databases. All statements are written with
// ? for their parameters.
type dialect struct {
	// system names the database in traces, by OpenTelemetry's conventions.
	system string
	// types turns the column types of the migrations, which are SQLite's, into
	// this database's; nil changes nothing.
	types *strings.Replacer
	// numbered says that parameters are $1, $2 and so on.
	numbered bool
	// forUpdate, appended to a SELECT, keeps the row from changing before the
	// transaction ends. Empty where transactions hold the write lock anyway.
	forUpdate string
	// queueUp waits until no other transaction has the same name, and has it until
	// the end. Empty where transactions hold the write lock anyway.
	queueUp string
	// tell, appended to an UPDATE, has workers everywhere look for jobs when it is
	// committed. Empty where they cannot be told.
	tell string
	// begin says how transactions are isolated; nil is the database's way.
	begin *sql.TxOptions
	// oneWriter says that transactions wait for each other.
	oneWriter bool
	// clock selects the time in microseconds. Empty where all processes are on
	// one machine, whose clock then counts.
	clock string
	// patience is how long a transaction may take; 0 sets no limit.
	patience time.Duration
	// poll is how often jobs of other processes are looked for by default.
	poll time.Duration
	// hasTable counts tables by their name.
	hasTable string
	// alone runs what changes tables while no other process does, with a pool
	// that has the time. nil where transactions hold the write lock anyway.
	alone func(ctx context.Context, do func(*sql.DB) error) error
	// river makes the queue's driver, which hears of new jobs from listener.
	river func(*sql.DB, *wakeListener) riverdriver.Driver[*sql.Tx]
	// grow sizes the pool for so many workers; nil leaves it.
	grow func(workers int)
	// again says what to do about a failed transaction; nil gives up.
	again func(err error) verdict
	// explain turns a driver's error into one that a person can act on.
	explain func(error) error
	// close ends what the dialect keeps besides the pool; nil for nothing.
	close func()
}

// migrations holds NNN_NAME.sql, applied in order.
func migrations() fs.FS {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the name is a constant
	}
	return files
}

func (d *dialect) bind(query string) string {
	if !d.numbered {
		return query
	}
	var b strings.Builder
	n := 0
	for i := range len(query) {
		if query[i] != '?' {
			b.WriteByte(query[i])
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}
