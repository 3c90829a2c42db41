package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// A Handler does what a claim asks for, recording each step, and ends with
// [Claim.Finish]. Its context ends when the lease is lost (cause ErrLeaseLost),
// the question is changed (ErrSuperseded), the process is stopping (ErrStopping)
// or time is up; it then returns promptly. An error, a panic or a return without
// Finish is a failed attempt, except for the first three causes.
type Handler func(ctx context.Context, c *Claim) error

// A runner is River's working client, whatever its transaction type.
type runner interface {
	Start(context.Context) error
	Stop(context.Context) error
	StopAndCancel(context.Context) error
}

// workers are what Work started and Stop ends.
type workers struct {
	river    runner
	loops    sync.WaitGroup
	stop     context.CancelFunc // ends the loops
	aborting atomic.Bool        // handlers are being ended
	began    time.Time
	lastBeat atomic.Int64 // for how long it had worked when the leases were last renewed
}

// fetchCooldown is how soon after the last a new job is looked for in the process
// that inserted it; others find it at the next poll.
const (
	fetchCooldown = 10 * time.Millisecond
	// grace is how long ended handlers may take to return.
	grace = 20 * time.Second
)

// Work starts n workers that pass claimed questions to handle, and returns. It
// takes over at once what dead processes left behind. ctx bounds the start only:
// the workers run until Stop or Close. A ledger works once at a time.
func (l *Ledger) Work(ctx context.Context, n int, handle Handler) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.work != nil {
		return errors.New("the ledger is closed or working already")
	}
	if l.dialect.grow != nil {
		l.dialect.grow(n)
	}
	w := &workers{began: time.Now()}
	l.trouble = w.began // what was before is not known
	registry := river.NewWorkers()
	river.AddWorker(registry, &seeToWorker{ledger: l, workers: w, handle: handle})
	client, err := river.NewClient(l.dialect.river(l.db, l.listener), &river.Config{
		ID:                l.owner,
		Logger:            riverLogger(l.log),
		FetchCooldown:     fetchCooldown,
		FetchPollInterval: l.options.PollEvery,
		JobTimeout:        -1, // handlers have their own
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: n}},
		Workers:           registry,
		// Finished jobs are of no use: the question table knows.
		CompletedJobRetentionPeriod: time.Hour,
	})
	if err != nil {
		return fmt.Errorf("set up the work queue: %w", err)
	}
	w.river = client
	if err := l.startWorkers(ctx, w); err != nil {
		return err
	}
	l.work = w
	return nil
}

func (l *Ledger) startWorkers(ctx context.Context, w *workers) error {
	// River's jobs name their worker, so the heartbeat comes first.
	if err := l.beat(ctx, nil); err != nil {
		return err
	}
	if _, err := l.sweep(ctx); err != nil {
		return err
	}
	background := context.WithoutCancel(ctx)
	if err := w.river.Start(background); err != nil {
		return fmt.Errorf("start the work queue: %w", err)
	}
	loops, stop := context.WithCancel(background)
	w.stop = stop
	w.loops.Go(func() { l.beatLoop(loops, w) })
	w.loops.Go(func() { l.sweepLoop(loops) })
	return nil
}

// Stop takes no more questions and waits for those in work. When ctx ends first,
// their handlers' contexts are ended, and the questions given back without
// counting the attempt. It fails when a handler does not return even then; its
// lease lapses, and another process takes over.
func (l *Ledger) Stop(ctx context.Context) error {
	l.mu.Lock()
	w := l.work
	l.mu.Unlock()
	if w == nil {
		return nil
	}
	err := w.river.Stop(ctx)
	if err != nil {
		err = l.abort(w)
	}
	w.stop()
	w.loops.Wait()
	l.mu.Lock()
	l.work = nil
	l.mu.Unlock()
	if err != nil {
		return err
	}
	return l.signOff()
}

// abort ends the handlers and waits a little for them.
func (l *Ledger) abort(w *workers) error {
	w.aborting.Store(true)
	l.mu.Lock()
	for _, c := range l.running {
		c.cancel(ErrStopping)
	}
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := w.river.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stop the workers: a handler does not return: %w", err)
	}
	return nil
}

// signOff tells other processes that nothing of this one is left running.
func (l *Ledger) signOff() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return l.inTx(ctx, "sign off", func(t *tx) error {
		_, err := t.exec(`DELETE FROM worker WHERE id = ?`, l.owner)
		return err
	})
}

type seeToWorker struct {
	river.WorkerDefaults[seeTo]
	ledger  *Ledger
	workers *workers
	handle  Handler
}

// Work sees to one question. It fails only when the database does; River then
// tries again, and so does the sweep.
func (w *seeToWorker) Work(ctx context.Context, job *river.Job[seeTo]) error {
	if w.workers.aborting.Load() {
		return river.JobSnooze(0)
	}
	w.ledger.jobs.Store(job.ID, true)
	defer w.ledger.jobs.Delete(job.ID)
	began := time.Now()
	c, err := w.ledger.claim(ctx, job.Args.Question)
	if err != nil || c == nil {
		return err
	}
	ctx, following := w.ledger.follow(ctx, c, began)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.cancel = cancel
	if !w.ledger.hold(c) {
		// Stopping or changed between the claim and here: undo it.
		cancel(ErrStopping)
	}
	defer w.ledger.drop(c)
	timed, cancelTimed := context.WithTimeout(ctx, w.ledger.options.AttemptTimeout)
	defer cancelTimed()
	failure := w.attempt(timed, c)
	err = w.settle(ctx, c, failure)
	following.end(ctx, cmp.Or(failure, err))
	return err
}

// attempt runs the handler and turns a panic into an error. What the panic said
// may hold a question or a token, so it is not kept.
func (w *seeToWorker) attempt(ctx context.Context, c *Claim) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic of type %T", p)
			w.ledger.log.Error("a handler panicked", "question", c.ID, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
	}()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := w.handle(ctx, c); err != nil {
		return err
	}
	if !c.isOver() {
		return ErrUnfinished
	}
	return nil
}

// settle gives the claim back according to how the attempt went. It works on
// when ctx has ended, or else the question would wait for its lease to lapse.
func (w *seeToWorker) settle(ctx context.Context, c *Claim, failure error) error {
	if c.isOver() {
		return nil
	}
	cause := context.Cause(ctx)
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	var err error
	switch {
	case errors.Is(cause, ErrLeaseLost) || errors.Is(failure, ErrLeaseLost):
		w.ledger.interrupted(interruption{c.ID, c}, ErrLeaseLost)
		return nil
	case cause != nil || errors.Is(failure, ErrSuperseded) || w.workers.aborting.Load():
		err = c.release(writing)
	default:
		w.ledger.log.Warn("an attempt failed", "question", c.ID, "attempt", c.Attempts, "error", c.describe(failure))
		err = c.fail(writing, failure)
	}
	w.ledger.interrupted(interruption{c.ID, c}, err)
	if errors.Is(err, ErrLeaseLost) {
		return nil
	}
	// Otherwise nobody renews the lease from here on, so it lapses.
	return err
}

// lost reports whether a job is ours that we do not know of: the connection broke
// when it was fetched.
func (l *Ledger) lost(t *tx, job *rivertype.JobRow) bool {
	_, worked := l.jobs.Load(job.ID)
	return !worked && job.AttemptedAt != nil && job.AttemptedAt.UnixMicro() < l.lapsed(t)
}

// hold registers a claim for heartbeats. It reports false when the process is
// stopping.
func (l *Ledger) hold(c *Claim) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running[c.ID] = c
	return l.work == nil || !l.work.aborting.Load()
}

func (l *Ledger) drop(c *Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running[c.ID] == c {
		delete(l.running, c.ID)
	}
}

// interrupt ends the handler that works on an older revision, if it is in this
// process; others notice with their next heartbeat.
func (l *Ledger) interrupt(id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.running[id]; c != nil {
		c.cancel(ErrSuperseded)
	}
}
