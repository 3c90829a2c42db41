package ledger

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"footnote/bot/record"
)

// stateOf is PostgreSQL's code of an error (postgresql.org, "PostgreSQL Error
// Codes"), or "".
func stateOf(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// againPostgres: a transaction that lost against another one was taken back, and
// so was one whose connection broke before its commit.
func againPostgres(err error) verdict {
	switch stateOf(err) {
	case "40001", "40P01", // a serialization failure, a deadlock
		"55P03", // a lock was waited for in vain
		"23503": // what is referred to was pruned meanwhile, as the next try will see
		return tryAgain
	}
	if lostPostgres(err) {
		return whoKnows
	}
	return giveUp
}

// lostPostgres reports whether the server could not be reached, or was lost: a
// state that ends without anybody's doing anything about the question.
func lostPostgres(err error) bool {
	switch state := stateOf(err); {
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "57P0"), strings.HasPrefix(state, "58"), // connections, shutting down and starting, the system
		state == "53300", state == "53400", // too many connections
		state == "25006",                                     // read-only: a server that another one took over from
		state == "57014", state == "25P03", state == "25P04": // timeouts
		return true
	case state != "":
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return pgconn.Timeout(err) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "conn closed")
}

// explainPostgres marks what is no question's fault as an outage, so that
// questions wait for it to end.
func explainPostgres(err error, config *pgx.ConnConfig) error {
	if _, ok := errors.AsType[*Error](err); ok || errors.Is(err, context.Canceled) {
		return err
	}
	problem, advice := diagnose(err, config)
	if problem == "" {
		return err
	}
	return record.Outage(&Error{Problem: problem, Advice: advice, Err: briefError{err}})
}

// A briefError is an error of pgx's in one line: it has one for each try, by each
// way of encryption.
type briefError struct{ error }

func (e briefError) Error() string {
	lines := strings.Split(e.error.Error(), "\n\t")
	if len(lines) > 1 {
		lines = slices.Compact(lines[1:])
	}
	return strings.Join(lines, "; ")
}

func (e briefError) Unwrap() error { return e.error }

// diagnose says what is wrong and what to do, or nothing.
func diagnose(err error, config *pgx.ConnConfig) (problem, advice string) {
	if problem, advice := diagnoseState(stateOf(err), config); problem != "" {
		return problem, advice
	}
	where := strings.TrimPrefix(placeOf(config), "in "+config.Database+" at ")
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown):
		return "the database's host " + config.Host + " is not known", "check the host in DATABASE_URL"
	case isTLS(err):
		return "no safe connection to the database at " + where, "give sslmode in DATABASE_URL (disable, require, verify-full) as the server is set up, and sslrootcert where its certificate is of an authority of your own"
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, os.ErrNotExist):
		return "no database answers at " + where, "start PostgreSQL there, or check the host and port in DATABASE_URL"
	case lostPostgres(err):
		return "the connection to the database at " + where + " failed", "see whether PostgreSQL runs there and the network lets it answer; questions wait until it does"
	}
	return "", ""
}

func diagnoseState(state string, config *pgx.ConnConfig) (problem, advice string) {
	switch {
	case state == "28P01", state == "28000":
		return "the database does not let " + config.User + " in", "check the user and the password in DATABASE_URL, and the server's pg_hba.conf"
	case state == "3D000":
		return "there is no database " + config.Database, "make it: createdb --encoding UTF8 --template template0 --owner " + config.User + " " + config.Database
	case state == "42501":
		return "the database does not allow that to " + config.User, "let " + config.User + " own the database or its schema: ALTER DATABASE " + config.Database + " OWNER TO " + config.User
	case state == "3F000":
		return "the database has no schema to make tables in", "make the schema that search_path names, and let " + config.User + " own it"
	case state == "53300":
		return "the database takes no more connections", "raise max_connections, or use fewer replicas or workers (each replica takes one for each worker and nine more)"
	case state == "53100":
		return "the database's disk is full", "make room on the disk of the database"
	case state == "25006":
		return readOnlyProblem, readOnlyAdvice
	case state == "57P03":
		return "the database is starting or stopping", "wait a moment, and look into the server's log if it lasts"
	case slices.Contains([]string{"57014", "55P03"}, state):
		return "the database is too slow", "see what holds it up: SELECT * FROM pg_stat_activity WHERE state <> 'idle'"
	}
	return "", ""
}

const (
	readOnlyProblem = "the database is read-only, as a standby is"
	readOnlyAdvice  = "name the primary in DATABASE_URL, or all hosts with target_session_attrs=read-write"
)

func readOnlyError(err error) error {
	return &Error{Problem: readOnlyProblem, Advice: readOnlyAdvice, Err: err}
}

func isTLS(err error) bool {
	var header tls.RecordHeaderError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var alert tls.AlertError
	return errors.As(err, &header) || errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &alert) ||
		strings.Contains(err.Error(), "server refused TLS connection")
}
