package ledger

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var kills = flag.Int("kills", 40, "how many processes TestKilledProcessesLoseNothing kills")

func TestMain(m *testing.M) {
	be := map[string]func() error{"worker": child, "spender": spender}[os.Getenv("LEDGER_TEST_CHILD")]
	if be == nil {
		status := m.Run()
		postgres.Close()
		os.Exit(status)
	}
	if err := be(); err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
}

// points are where a child process may be killed.
var points = []string{
	"put.begin", "put.inserted", "put.committed", "claim.begin", "claim.committed", "record.heard", "record.posting", "posted",
	"record.posted", "save.committed", "finish.begin", "finish.committed",
}

// A world is what a worker does outside the ledger: posts, a line each, that
// outlive it. It can be searched, as a channel can by message metadata.
type world struct{ path string }

func (w world) posts() ([]string, error) {
	b, err := os.ReadFile(w.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return strings.Fields(string(b)), err
}

func (w world) post(name string) error {
	f, err := os.OpenFile(w.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(name + "\n")
	return errors.Join(err, f.Close())
}

// answerOnce is a handler as the package asks for: intent, effect, record.
func (w world) answerOnce(ctx context.Context, c *Claim) error {
	has := func(kind StepKind) bool {
		return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Kind == kind })
	}
	if !has(StepHeard) {
		if err := c.Record(ctx, Step{Kind: StepHeard}); err != nil {
			return err
		}
	}
	if c.Answer == nil {
		if _, err := c.Save(ctx, Answer{Text: "the answer"}); err != nil {
			return err
		}
	}
	if !has(StepPosted) {
		if err := w.postOnce(ctx, c, has(StepPosting)); err != nil {
			return err
		}
	}
	return c.Finish(ctx)
}

func (w world) postOnce(ctx context.Context, c *Claim, maybePosted bool) error {
	if err := c.Record(ctx, Step{Kind: StepPosting, Purpose: "answer"}); err != nil {
		return err
	}
	posts, err := w.posts()
	if err != nil {
		return err
	}
	if !maybePosted || !slices.Contains(posts, c.TS) {
		if err := w.post(c.TS); err != nil {
			return err
		}
		c.ledger.reach("posted")
	}
	return c.Record(ctx, Step{Kind: StepPosted, Purpose: "answer", Channel: c.Channel, TS: c.TS})
}

// child puts the messages FIRST to LAST and works, saying ACK for each, until
// its standard input ends or it reaches POINT for the COUNTth time.
func child() error {
	number := func(name string) int {
		n, _ := strconv.Atoi(os.Getenv("LEDGER_TEST_" + name))
		return n
	}
	ctx := context.Background()
	o := quick()
	if number("USUAL") > 0 {
		o = Options{}
	}
	o.MaxAttempts = 1000
	point, count := os.Getenv("LEDGER_TEST_POINT"), number("COUNT")
	var mu sync.Mutex
	o.Reached = func(reached string) {
		mu.Lock()
		defer mu.Unlock()
		if reached != point {
			return
		}
		if count--; count <= 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	l, err := Open(ctx, os.Getenv("LEDGER_TEST_URL"), o)
	if err != nil {
		return err
	}
	if err := l.Work(ctx, 3, world{os.Getenv("LEDGER_TEST_WORLD")}.answerOnce); err != nil {
		return err
	}
	for i := number("FIRST"); i < number("LAST"); i++ {
		q := message(i)
		q.ThreadTS = fmt.Sprint("thread", i/2)
		id, _, err := l.Put(ctx, q)
		for ; err != nil && number("STUBBORN") > 0; id, _, err = l.Put(ctx, q) {
			time.Sleep(50 * time.Millisecond)
		}
		if err != nil {
			return err
		}
		fmt.Println("ACK", i, id)
		time.Sleep(time.Duration(number("PACE")) * time.Millisecond)
	}
	fmt.Println("DONE")
	io.Copy(io.Discard, os.Stdin)
	return l.Close()
}

// A process is a child and what it has said.
type process struct {
	*exec.Cmd
	lines *bufio.Scanner
	stdin io.Closer
}

func start(t *testing.T, url string, w world, first, last int, point string, count int, more ...string) *process {
	t.Helper()
	p, err := launch(append(more, "LEDGER_TEST_CHILD=worker", "LEDGER_TEST_URL="+url, "LEDGER_TEST_WORLD="+w.path,
		"LEDGER_TEST_FIRST="+strconv.Itoa(first), "LEDGER_TEST_LAST="+strconv.Itoa(last),
		"LEDGER_TEST_POINT="+point, "LEDGER_TEST_COUNT="+strconv.Itoa(count))...)
	check(t, err)
	return p
}

func launch(env ...string) (*process, error) {
	p := &process{Cmd: exec.Command(os.Args[0])}
	p.Env = append(os.Environ(), env...)
	p.Stderr = os.Stderr
	stdin, failure := p.StdinPipe()
	stdout, err := p.StdoutPipe()
	if err := errors.Join(failure, err); err != nil {
		return nil, err
	}
	p.stdin, p.lines = stdin, bufio.NewScanner(stdout)
	return p, p.Start()
}

// read collects what was acknowledged until the child is done or dead.
func (p *process) read(t *testing.T, acked map[int]int64) (done bool) {
	t.Helper()
	for p.lines.Scan() {
		var i int
		var id int64
		line := p.lines.Text()
		if n, _ := fmt.Sscanf(line, "ACK %d %d", &i, &id); n == 2 {
			if was, ok := acked[i]; ok && was != id {
				t.Errorf("message %d became question %d and %d", i, was, id)
			}
			acked[i] = id
		} else if line == "DONE" {
			return true
		} else {
			t.Errorf("the child said %q", line)
		}
	}
	return false
}

// checkOnce checks that every acknowledged message was answered and posted once.
func checkOnce(t *testing.T, l *Ledger, w world, acked map[int]int64) {
	t.Helper()
	for i, id := range acked {
		eventually(t, fmt.Sprint("the answer to message ", i), stateIs(t, l, id, Answered))
	}
	posts, err := w.posts()
	check(t, err)
	checkOrder(t, posts)
	slices.Sort(posts)
	if once := slices.Compact(slices.Clone(posts)); len(once) != len(posts) {
		t.Errorf("%d posts for %d questions", len(posts), len(once))
	}
	var questions, answers, posted int
	check(t, l.db.QueryRow(`SELECT COUNT(*), (SELECT COUNT(*) FROM answer), (SELECT COUNT(*) FROM step WHERE kind = 'posted') FROM question`).
		Scan(&questions, &answers, &posted))
	if questions < len(acked) || answers != questions || posted != questions || len(posts) != questions {
		t.Errorf("%d acknowledged, %d questions, %d answers, %d recorded posts, %d posts", len(acked), questions, answers, posted, len(posts))
	}
}

// checkOrder checks that the two questions of each thread were answered in the
// order in which they were asked.
func checkOrder(t *testing.T, posts []string) {
	t.Helper()
	at := map[string]int{}
	for i, post := range posts {
		at[post] = i
	}
	for i := 0; i < 2*len(posts); i += 2 {
		first, asked := at[message(i).TS]
		second, too := at[message(i+1).TS]
		if asked && too && first > second {
			t.Errorf("message %d was answered before message %d", i+1, i)
		}
	}
}

func wasKilled(state *os.ProcessState) bool {
	status, ok := state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

func TestKilledProcessesLoseNothing(t *testing.T) {
	url, w := address(t), world{filepath.Join(t.TempDir(), "world")}
	acked := map[int]int64{}
	random := rand.New(rand.NewPCG(1, 2))
	killed, last := 0, 0
	reached := map[string]int{}
	for killed < *kills {
		// Each round sends six messages, of which the last one's unacknowledged
		// are sent again, as Slack would.
		first := max(0, last-3)
		last += 3
		point := points[killed%len(points)]
		p := start(t, url, w, first, last, point, 1+random.IntN(3))
		if p.read(t, acked) {
			// It lives on until the handlers have reached the point.
			timer := time.AfterFunc(300*time.Millisecond, func() { p.stdin.Close() })
			p.Wait()
			timer.Stop()
		} else {
			p.Wait()
		}
		if wasKilled(p.ProcessState) {
			killed++
			reached[point]++
		}
	}
	l := openAt(t, url, quick())
	work(t, l, 3, w.answerOnce)
	within(t, 2*time.Minute+time.Duration(*kills)*100*time.Millisecond, "an empty queue", func() bool {
		s, err := l.Stats(t.Context())
		return err == nil && s.Depth+s.Running == 0
	})
	checkOnce(t, l, w, acked)
	t.Logf("%d kills, %d acknowledged, at %v", killed, len(acked), reached)
}

func TestTwoProcessesShareALedger(t *testing.T) {
	url, w := address(t), world{filepath.Join(t.TempDir(), "world")}
	acked := map[int]int64{}
	const messages = 30
	a := start(t, url, w, 0, messages, "", 0)
	b := start(t, url, w, 0, messages, "", 0)
	if !a.read(t, acked) || !b.read(t, acked) {
		t.Fatal("a child ended early")
	}
	l := openAt(t, url, quick())
	checkOnce(t, l, w, acked)
	if len(acked) != messages {
		t.Errorf("%d acknowledged", len(acked))
	}
	for _, p := range []*process{a, b} {
		p.stdin.Close()
		check(t, p.Wait())
	}
}

// A heartbeat that has to wait for the file, even for longer than a lease lasts,
// keeps its place in the queue: one that gave up would only wait again.
func TestAHeartbeatKeepsItsPlace(t *testing.T) {
	o := quick()
	l := openAt(t, "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"), o)
	holding, release := make(chan struct{}), make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		_ = l.turn.take(context.Background(), func() error {
			close(holding)
			<-release
			return nil
		})
	})
	<-holding
	beaten := make(chan error, 1)
	busy.Go(func() { beaten <- l.beatInTime(t.Context(), 2*o.LeaseLapse) })
	time.Sleep(2 * o.LeaseLapse)
	close(release)
	if err := <-beaten; err != nil {
		t.Error(err)
	}
	busy.Wait()
}
