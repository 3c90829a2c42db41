package ledger

import (
	"strings"
	"testing"
	"time"
)

func TestCheckFindsADatabaseInOrder(t *testing.T) {
	url := address(t)
	c, err := Check(t.Context(), url)
	if err != nil || len(c.Problems) > 0 || strings.HasPrefix(c.Version, "PostgreSQL 1") == strings.HasPrefix(url, "sqlite:") {
		t.Errorf("%+v, %v", c, err)
	}
	if place := Place(url); strings.Contains(place, "CANARY") || !strings.HasPrefix(place, "at ") && !strings.HasPrefix(place, "in ") {
		t.Error(place)
	}
}

func TestCheckFindsASchemaWithoutRights(t *testing.T) {
	postgresOnly(t)
	url := address(t)
	if postgres.Started() == nil {
		t.Skip("roles are made on a server only that the tests start")
	}
	check(t, psql(url, `CREATE ROLE reader LOGIN PASSWORD 'CANARY-reader'`))
	check(t, psql(url, `GRANT USAGE ON SCHEMA `+schemaOf(t, url)+` TO reader`))
	c, err := Check(t.Context(), strings.Replace(url, "footnote:CANARY-Canary-password@", "reader:CANARY-reader@", 1))
	if err != nil || len(c.Problems) != 1 || !strings.Contains(c.Problems[0].Error(), "reader may not make tables") {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestOpenMakesNoTablesWhereTheyAreToBeThere(t *testing.T) {
	postgresOnly(t)
	url := address(t)
	for range 2 {
		if l, err := Open(t.Context(), url, Options{Existing: true}); err == nil {
			l.Close()
			t.Fatal("it opened")
		}
	}
	openAt(t, url, Options{})
	openAt(t, url, Options{Existing: true})
}

func TestSkewIsWhatTheWayCannotExplain(t *testing.T) {
	now := time.Now().Truncate(time.Microsecond)
	before, after := now, now.Add(time.Second)
	for _, c := range []struct{ told, want time.Duration }{
		{0, 0}, {time.Second / 2, 0}, {time.Second, 0}, {-time.Minute, -time.Minute}, {time.Minute + time.Second, time.Minute},
	} {
		if got := skewOf(now.Add(c.told).UnixMicro(), before, after); got != c.want {
			t.Errorf("told %s: %s, not %s", c.told, got, c.want)
		}
	}
}
