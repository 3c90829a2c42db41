//go:build unix

// Package pgtest gives tests a PostgreSQL to work on.
//
// FOOTNOTE_TEST_POSTGRES is the address of a server, in whose database each test
// has a schema of its own, or "start": then a server is started in a temporary
// folder, as somebody else where root runs the tests. Without it there is none.
package pgtest

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// Wanted reports whether tests are to use PostgreSQL.
func Wanted() bool { return os.Getenv("FOOTNOTE_TEST_POSTGRES") != "" }

// A Servers is where a package's tests get their databases; its zero value is
// ready. TestMain closes it.
type Servers struct {
	once    sync.Once
	address string
	err     error
	started *Server
}

func (s *Servers) find() {
	if s.address = os.Getenv("FOOTNOTE_TEST_POSTGRES"); s.address != "start" {
		return
	}
	if s.started, s.err = startServer(); s.err == nil {
		s.address = s.started.Address()
	}
}

// Started is the server that was started for the tests, nil where another is used.
func (s *Servers) Started() *Server {
	s.once.Do(s.find)
	return s.started
}

// Close ends what was started.
func (s *Servers) Close() {
	if s.started != nil {
		s.started.remove()
	}
}

// Schema is the address of a schema that is dropped when the test is over.
func (s *Servers) Schema(t testing.TB) string {
	t.Helper()
	s.once.Do(s.find)
	if s.err != nil {
		t.Fatal(s.err)
	}
	u, err := url.Parse(s.address)
	if err != nil {
		t.Fatal("FOOTNOTE_TEST_POSTGRES is no address")
	}
	var b [6]byte
	rand.Read(b[:])
	schema := "test_" + hex.EncodeToString(b[:])
	do := func(statement string) {
		if err := run(s.address, statement); err != nil {
			t.Error(err)
		}
	}
	do(`CREATE SCHEMA ` + schema)
	t.Cleanup(func() { do(`DROP SCHEMA ` + schema + ` CASCADE`) })
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

func run(address, statement string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// password is one that no output may hold.
const password = "CANARY-Canary-password"

// A Server is one that was started in a temporary folder, at a loopback
// port. Its settings are PostgreSQL's own, such as fsync.
type Server struct {
	folder, bin string
	port        int
	as          *syscall.Credential // nil for who runs the tests
	cmd         *exec.Cmd
}

func startServer() (*Server, error) {
	s := &Server{}
	var err error
	if s.bin, err = postgresBin(); err != nil {
		return nil, err
	}
	if s.as, err = unprivileged(); err != nil {
		return nil, err
	}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	if s.folder, err = os.MkdirTemp("", "footnote-postgres-"); err != nil {
		return nil, err
	}
	if s.as != nil {
		if err := os.Chown(s.folder, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(s.folder))
		}
	}
	if err := errors.Join(s.init(), s.Start()); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// postgresBin is the folder of a server's programs; Debian's are not in the path.
func postgresBin() (string, error) {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(folders, func(a, b string) int { return versionIn(b) - versionIn(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(path))
		}
	}
	for _, folder := range folders {
		out, err := exec.Command(filepath.Join(folder, "postgres"), "--version").Output()
		_, version, _ := strings.Cut(string(out), ") ")
		if err == nil && versionIn("/"+version) >= 13 {
			return folder, nil
		}
	}
	return "", errors.New("there is no PostgreSQL 13 or later here; on Debian: apt-get install postgresql")
}

// versionIn is the first number in a path or a version.
func versionIn(s string) int {
	start := strings.IndexFunc(s, func(r rune) bool { return r >= '0' && r <= '9' })
	if start < 0 {
		return 0
	}
	var n int
	fmt.Sscanf(s[start:], "%d", &n)
	return n
}

// unprivileged is who is to run a server, which refuses to be root's.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("root cannot run PostgreSQL, and there is no user postgres or nobody")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	endWithUs(cmd.SysProcAttr)
	return cmd
}

func (s *Server) init() error {
	file := filepath.Join(s.folder, "password")
	if err := os.WriteFile(file, []byte(password), 0o644); err != nil {
		return err
	}
	out, err := s.command("initdb", "--pgdata", filepath.Join(s.folder, "data"), "--username", "footnote", "--auth", "scram-sha-256",
		"--pwfile", file, "--encoding", "UTF8", "--locale", "C.UTF-8").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// Address is for the server's superuser.
func (s *Server) Address() string {
	return fmt.Sprintf("postgres://footnote:%s@127.0.0.1:%d/postgres?sslmode=disable", password, s.port)
}

// Run runs one of PostgreSQL's programs, such as pg_dump, for the server's
// superuser, and returns what it prints.
func (s *Server) Run(stdin io.Reader, name string, args ...string) ([]byte, error) {
	cmd := s.command(name, args...)
	cmd.Stdin = stdin
	cmd.Env = append(os.Environ(), "PGHOST=127.0.0.1", fmt.Sprint("PGPORT=", s.port), "PGUSER=footnote", "PGPASSWORD="+password)
	var failure bytes.Buffer
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, &failure)
	}
	return out, nil
}

// Start returns when the server takes connections.
func (s *Server) Start() error {
	log, err := os.OpenFile(filepath.Join(s.folder, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = s.command("postgres", "-D", filepath.Join(s.folder, "data"), "-p", strconv.Itoa(s.port), "-k", s.folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "log_min_messages=fatal")
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	db, err := sql.Open("pgx", s.Address())
	if err != nil {
		return err
	}
	defer db.Close()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if err = db.Ping(); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// Stop ends the server by a signal: SIGQUIT as a crash would, SIGINT in order.
func (s *Server) Stop(signal syscall.Signal) error {
	if err := s.cmd.Process.Signal(signal); err != nil {
		return err
	}
	s.cmd.Wait() // a crash is no success
	return nil
}

func (s *Server) remove() {
	if s.cmd != nil && s.cmd.ProcessState == nil && s.cmd.Process != nil {
		s.Stop(syscall.SIGINT)
	}
	os.RemoveAll(s.folder)
}
