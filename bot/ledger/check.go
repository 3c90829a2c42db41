package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Checked is what [Check] found.
type Checked struct {
	Version string // "PostgreSQL 15.6"; empty where the ledger is a file
	// Problems are to be mended, though the database can be reached.
	Problems []error
}

// mostSkew is by how much this machine's clock may differ from the database's. Leases
// and limits go by the latter alone; when the bot was last there goes by the former.
const mostSkew = 5 * time.Second

// Check looks at the database of a ledger, and changes nothing there.
func Check(ctx context.Context, url string) (Checked, error) {
	if !isPostgres(url) {
		return Checked{}, nil
	}
	db, d, err := openPostgres(ctx, url)
	if err != nil {
		return Checked{}, err
	}
	defer d.close()
	defer db.Close()
	c, err := checkPostgres(ctx, db, d)
	if err != nil {
		return Checked{}, fmt.Errorf("check the database: %w", d.explain(err))
	}
	return c, nil
}

func checkPostgres(ctx context.Context, db *sql.DB, d *dialect) (c Checked, err error) {
	var version, schema, user, fsync, pages string
	var create bool
	var now int64
	err = db.QueryRowContext(ctx, `SELECT current_setting('server_version'), COALESCE(current_schema(), ''), current_user,
			current_setting('fsync'), current_setting('full_page_writes'),
			COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false)`).Scan(&version, &schema, &user, &fsync, &pages, &create)
	if err != nil {
		return c, err
	}
	number, _, _ := strings.Cut(version, " ")
	c.Version = "PostgreSQL " + number
	if !create {
		c.Problems = append(c.Problems, &Error{
			Problem: fmt.Sprintf("%s may not make tables in the schema %q", user, schema),
			Advice:  "let it: GRANT CREATE ON SCHEMA " + pgx.Identifier{schema}.Sanitize() + " TO " + pgx.Identifier{user}.Sanitize(),
		})
	}
	if fsync != "on" || pages != "on" {
		c.Problems = append(c.Problems, &Error{
			Problem: "the server may lose questions that it said it has",
			Advice:  "set fsync = on and full_page_writes = on in postgresql.conf",
		})
	}
	asked := time.Now()
	if err := db.QueryRowContext(ctx, d.clock).Scan(&now); err != nil {
		return c, err
	}
	if skew := skewOf(now, asked, time.Now()); skew.Abs() > mostSkew {
		c.Problems = append(c.Problems, &Error{
			Problem: fmt.Sprintf("the database's clock differs from this machine's by %s", skew.Abs().Round(time.Second)),
			Advice:  "have both set by a time service, such as chrony",
		})
	}
	return c, nil
}

// skewOf is by how much a clock is ahead that told a time between two of ours; what
// the way there and back may explain is none.
func skewOf(told int64, before, after time.Time) time.Duration {
	switch t := time.UnixMicro(told); {
	case t.Before(before):
		return t.Sub(before)
	case t.After(after):
		return t.Sub(after)
	}
	return 0
}

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres:") || strings.HasPrefix(url, "postgresql:")
}

// Place says where the ledger of an address is, without a password.
func Place(url string) string {
	if !isPostgres(url) {
		return "at " + strings.TrimPrefix(strings.TrimPrefix(url, "sqlite:"), "//")
	}
	config, err := parsePostgres(url)
	if err != nil {
		return "at an address that cannot be read"
	}
	return placeOf(config)
}

// ErrNone is for a ledger that was to be there already, and is not.
var ErrNone = errors.New("there is no ledger")
