package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"

	"footnote/bot/record"
)

// with is an address with some of its parts replaced.
func with(t *testing.T, address string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(address)
	check(t, err)
	change(u)
	return u.String()
}

func setting(name, value string) func(*url.URL) {
	return func(u *url.URL) {
		query := u.Query()
		query.Set(name, value)
		u.RawQuery = query.Encode()
	}
}

func TestOpenSaysWhatIsWrongWithPostgres(t *testing.T) {
	postgresOnly(t)
	server := address(t)
	if postgres.Started() == nil {
		t.Skip("who may do what is known of a server only that the tests start")
	}
	check(t, psql(server, `CREATE ROLE guest LOGIN PASSWORD 'CANARY-guest'`))
	check(t, psql(server, `CREATE DATABASE narrow TEMPLATE template0 ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C'`))
	for name, c := range map[string]struct {
		change func(*url.URL)
		want   string
		outage bool
	}{
		"a wrong password":      {func(u *url.URL) { u.User = url.UserPassword("footnote", "CANARY-wrong") }, "does not let footnote in", true},
		"an unknown host":       {func(u *url.URL) { u.Host = "nobody.invalid:5432" }, "host nobody.invalid is not known", true},
		"nobody at the port":    {func(u *url.URL) { u.Host = "127.0.0.1:1" }, "no database answers at 127.0.0.1:1", true},
		"no such database":      {func(u *url.URL) { u.Path = "/nowhere" }, "there is no database nowhere", true},
		"no encryption there":   {setting("sslmode", "require"), "no safe connection", true},
		"a standby":             {setting("default_transaction_read_only", "on"), "read-only", false},
		"a narrow encoding":     {func(u *url.URL) { u.Path = "/narrow" }, "encoding is SQL_ASCII", false},
		"no schema":             {setting("search_path", "nowhere"), "no schema", true},
		"no rights":             {func(u *url.URL) { u.User, u.RawQuery = url.UserPassword("guest", "CANARY-guest"), "sslmode=disable" }, "does not allow that to guest", true},
		"a port that is none":   {func(u *url.URL) { u.Host = "127.0.0.1:99999" }, "cannot be used", false},
		"an unknown sslmode":    {setting("sslmode", "CANARY-password"), "cannot be used", false},
		"no certificate":        {func(u *url.URL) { u.RawQuery = "sslmode=verify-full&sslrootcert=/nowhere" }, "/nowhere", false},
		"a name for the server": {setting("statement_timeout", "CANARY"), "statement_timeout", false},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Open(t.Context(), with(t, server, c.change), Options{})
			if err == nil {
				l.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), c.want) || record.IsOutage(err) != c.outage {
				t.Errorf("error %q (an outage: %t), want %q", err, record.IsOutage(err), c.want)
			}
			if e, ok := errors.AsType[*Error](err); name != "a name for the server" && (!ok || e.Hint() == "") {
				t.Errorf("no hint in %q", err)
			} else if strings.Contains(err.Error(), "CANARY-") || ok && strings.Contains(e.Hint(), "CANARY-") {
				t.Errorf("%q with %q tells the password", err, e.Hint())
			}
		})
	}
}

func TestAnAddressThatCannotBeReadIsNotTold(t *testing.T) {
	for _, address := range []string{
		"postgres://footnote:CANARY%zz@host/db", "postgres://footnote:CANARY@host:port/db", "postgres://footnote:CANARY#1@host/db",
		"postgres://footnote:CANARY@host/db?connect_timeout=CANARY", "postgresql://CANARY:CANARY@host:1:2/db", "postgres://footnote@host/db?password=CANARY&sslmode=CANARY",
	} {
		_, err := Open(t.Context(), address, Options{})
		if e, ok := errors.AsType[*Error](err); !ok || strings.Contains(err.Error()+e.Hint(), "CANARY") {
			t.Errorf("%v", err)
		}
	}
}

func schemaOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	check(t, err)
	return u.Query().Get("search_path")
}

func psql(address, statement string, args ...any) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement, args...)
	return err
}

func TestTablesAreTheSameInBothDatabases(t *testing.T) {
	postgresOnly(t)
	tables := func(l *Ledger, columns, indexes string) (found []string) {
		for _, query := range []string{columns, indexes} {
			rows, err := l.db.Query(query)
			check(t, each(rows, err, func() error {
				var s string
				err := rows.Scan(&s)
				found = append(found, s)
				return err
			}))
		}
		slices.Sort(found)
		return found
	}
	file := openAt(t, "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"), Options{})
	want := tables(file, `SELECT m.name || ' ' || c.cid || ' ' || c.name || ' ' || REPLACE(c.type, 'INTEGER', 'BIGINT') || ' ' || COALESCE(REPLACE(c.dflt_value, '''', ''), '')
			FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'river%' AND m.name NOT LIKE 'sqlite%'`,
		`SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'river%' AND name NOT LIKE 'sqlite%'`)
	got := tables(open(t, Options{}), `SELECT table_name || ' ' || ordinal_position - 1 || ' ' || column_name || ' ' || UPPER(data_type) || ' '
				|| COALESCE(SPLIT_PART(REPLACE(column_default, '''', ''), ':', 1), '')
			FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE 'river%'`,
		`SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT LIKE 'river%' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'`)
	if !slices.Equal(got, want) || len(got) < 100 {
		t.Errorf("PostgreSQL has\n%s\nand SQLite\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// twoClocks are two replicas whose clocks are two hours apart.
func twoClocks(t *testing.T) (ahead, behind *Ledger) {
	t.Helper()
	url, o := address(t), quick()
	ahead, behind = openAt(t, url, o), openAt(t, url, o)
	ahead.wall = func() time.Time { return time.Now().Add(time.Hour) }
	behind.wall = func() time.Time { return time.Now().Add(-time.Hour) }
	return ahead, behind
}

func TestReplicasWhoseClocksDifferKeepToOneTime(t *testing.T) {
	postgresOnly(t)
	ahead, behind := twoClocks(t)
	// A live lease is not taken, whoever asks.
	held := mustClaim(t, behind, put(t, behind, message(1)))
	noClaim(t, ahead, held.ID)
	if _, err := ahead.sweep(t.Context()); err != nil {
		t.Error(err)
	}
	check(t, behind.beat(t.Context(), []*Claim{held}))
	noClaim(t, ahead, held.ID)
	// One that lapsed is.
	time.Sleep(2 * quick().LeaseLapse)
	c := mustClaim(t, ahead, held.ID)
	if err := held.Finish(t.Context()); !errors.Is(err, ErrLeaseLost) || c.Token() <= held.Token() {
		t.Errorf("%v, tokens %d and %d", err, held.Token(), c.Token())
	}
	// Limits, days and ages are the same for both.
	if ok, _, err := ahead.Allow(t.Context(), "user:T1:U1", 1, time.Minute); !ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	if ok, wait, err := behind.Allow(t.Context(), "user:T1:U1", 1, time.Minute); ok || wait > time.Minute || err != nil {
		t.Errorf("%t, %s, %v", ok, wait, err)
	}
	a, _, err := ahead.Debit(t.Context(), "T1", 1, 0)
	check(t, err)
	if b, _, err := behind.Debit(t.Context(), "T1", 1, 0); b.Day != a.Day || err != nil {
		t.Errorf("%s and %s, %v", a.Day, b.Day, err)
	}
	if e := get(t, ahead, held.ID); time.Since(e.UpdatedAt).Abs() > time.Minute {
		t.Errorf("changed at %s", e.UpdatedAt)
	}
	if p, err := ahead.Prune(t.Context(), 30*time.Minute); p.Texts > 0 || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestWhatComesToReplicasAtOnce(t *testing.T) {
	url := address(t)
	a, b := openAt(t, url, Options{}), openAt(t, url, Options{})
	atOnce := func(first, second func() error) {
		t.Helper()
		var group sync.WaitGroup
		for _, do := range []func() error{first, second} {
			group.Go(func() {
				if err := do(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	for i := range 15 {
		q := message(i)
		asking := func() error { _, _, err := a.Put(t.Context(), q); return err }
		edit := q
		edit.Text, edit.EditTS = "edited", fmt.Sprintf("17500%05d.900000", i)
		atOnce(asking, func() error { _, _, err := b.Put(t.Context(), edit); return err })
		if e, err := a.Find(t.Context(), q.Key); err != nil || e.Text != "edited" {
			t.Errorf("edited at once: %q, %v", e.Text, err)
		}
		q = message(100 + i)
		atOnce(asking, func() error { _, err := b.Withdraw(t.Context(), q.Key); return err })
		if e, err := a.Find(t.Context(), q.Key); err != nil || e.State != Withdrawn || e.Text != "" {
			t.Errorf("deleted at once: %+v, %v", e, err)
		}
		talked := func(l *Ledger, ts string) func() error {
			return func() error { return l.NoteTalk(t.Context(), "T1", "C1", q.TS, ts) }
		}
		atOnce(talked(a, "1750900000.000200"), talked(b, "1750900000.000100"))
		if ts, err := a.TalkAt(t.Context(), "T1", "C1", q.TS); ts != "1750900000.000200" || err != nil {
			t.Errorf("talk at %s, %v", ts, err)
		}
	}
}

func TestReplicasThatPruneAtOnceCountEachQuestionOnce(t *testing.T) {
	url, clock := address(t), newFakeClock()
	a, b := openAt(t, url, clock.options()), openAt(t, url, clock.options())
	insertAnswered(t, a, "", 2*pruneBatch)
	pruned := make([]Pruned, 2)
	var group sync.WaitGroup
	for i, l := range []*Ledger{a, b} {
		group.Go(func() {
			var err error
			if pruned[i], err = l.Prune(t.Context(), 0); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	// One that finds less than a batch leaves the rest to the next time.
	again, err := a.Prune(t.Context(), 0)
	if sum := pruned[0].Keys + pruned[1].Keys + again.Keys; sum != 2*pruneBatch || err != nil {
		t.Errorf("%+v, %+v, %v", pruned, again, err)
	}
}

func TestTransactionsAreTriedAgainOnlyWhereThatIsSafe(t *testing.T) {
	state := func(code string) error { return &pgconn.PgError{Code: code} }
	l := &Ledger{dialect: &dialect{again: againPostgres}}
	for name, c := range map[string]struct {
		err        error
		committing bool
		want       bool
	}{
		"a deadlock":                          {state("40P01"), false, true},
		"a serialization failure, at commit":  {state("40001"), true, true},
		"a connection lost before the commit": {io.ErrUnexpectedEOF, false, true},
		"a connection lost over the commit":   {io.ErrUnexpectedEOF, true, false},
		"a shutdown before the commit":        {state("57P01"), false, true},
		"a shutdown over the commit":          {state("57P01"), true, false},
		"a wrong statement":                   {state("42601"), false, false},
		"an error of ours":                    {ErrLeaseLost, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			tries := 0
			err := l.persist(t.Context(), func(context.Context, func(*tx) error) (bool, error) {
				if tries++; tries == 1 {
					return c.committing, c.err
				}
				return false, nil
			}, nil)
			if again := tries > 1; again != c.want || (err == nil) != c.want {
				t.Errorf("%d tries, %v", tries, err)
			}
		})
	}
}

func TestAJobThatWasFetchedAndNotToldIsHandedBack(t *testing.T) {
	postgresOnly(t)
	l := open(t, quick())
	id := put(t, l, message(1))
	_, err := l.db.Exec(`UPDATE river_job SET state = 'running', attempt = 1, attempted_by = ARRAY[$1], attempted_at = now() - INTERVAL '1 minute'`, l.owner)
	check(t, err)
	work(t, l, 1, finish)
	eventually(t, "the answer", stateIs(t, l, id, Answered))
}

// waiting works in another ledger than its questions come to.
func waiting(t *testing.T, o Options, change func(*Ledger)) (asked, working *Ledger) {
	t.Helper()
	url := address(t)
	asked, working = openAt(t, url, Options{}), openAt(t, url, o)
	change(working)
	work(t, working, 2, finish)
	return asked, working
}

func TestReplicasAreToldOfEachOthersQuestions(t *testing.T) {
	postgresOnly(t)
	o := Options{PollEvery: time.Hour, SweepEvery: time.Hour}
	asked, working := waiting(t, o, func(*Ledger) {})
	eventually(t, "its listening", func() bool { return listeners(t, asked) == 1 })
	eventually(t, "an answer", stateIs(t, asked, put(t, asked, message(1)), Answered))
	// The connection that listens is made anew when it breaks.
	_, err := asked.db.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND query LIKE '%' || current_schema() || '%'`)
	check(t, err)
	eventually(t, "its listening no more", func() bool { return listeners(t, asked) == 0 })
	eventually(t, "its listening again", func() bool { return listeners(t, asked) == 1 })
	eventually(t, "another answer", stateIs(t, asked, put(t, asked, message(2)), Answered))
	check(t, stop(t, working, time.Minute))
}

// listeners counts the connections that listen in the ledger's schema.
func listeners(t *testing.T, l *Ledger) (n int) {
	t.Helper()
	check(t, l.db.QueryRow(`SELECT COUNT(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND query LIKE '%' || current_schema() || '%'`).Scan(&n))
	return n
}

// deaf has a ledger not be told of jobs.
func deaf(l *Ledger) {
	l.dialect.river = func(db *sql.DB, _ *wakeListener) riverdriver.Driver[*sql.Tx] { return riverdatabasesql.New(db) }
}

func TestReplicasLookForQuestionsWhereNobodyTells(t *testing.T) {
	postgresOnly(t)
	asked, _ := waiting(t, Options{PollEvery: 100 * time.Millisecond}, deaf)
	eventually(t, "an answer", stateIs(t, asked, put(t, asked, message(1)), Answered))
}
