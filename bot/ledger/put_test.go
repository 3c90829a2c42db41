package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// An arrival is one call, Put or (for withdraw) Withdraw, about one message.
type arrival struct {
	text, edit string
	withdraw   bool
	after      time.Duration // moves the clock first
	fresh      bool          // what it must report
}

func TestArrivals(t *testing.T) {
	const ts = "1750000000.000100"
	for name, c := range map[string]struct {
		arrivals []arrival
		finish   int // after how many arrivals a worker finishes the question
		state    State
		text     string
		revision int
	}{
		"one message":     {[]arrival{{text: "a", fresh: true}}, 0, Received, "a", 1},
		"a retry":         {[]arrival{{text: "a", fresh: true}, {text: "a"}, {text: "a", after: time.Minute}}, 0, Received, "a", 1},
		"a day later":     {[]arrival{{text: "a", fresh: true}, {text: "a", after: 24 * time.Hour}}, 1, Answered, "a", 1},
		"an edit":         {[]arrival{{text: "a", fresh: true}, {text: "b", edit: "1750000060.0", fresh: true}}, 0, Received, "b", 2},
		"an edit, done":   {[]arrival{{text: "a", fresh: true}, {text: "b", edit: "1750000060.0", fresh: true}}, 1, Received, "b", 2},
		"same edit twice": {[]arrival{{text: "a", fresh: true}, {text: "b", edit: "1750000060.0", fresh: true}, {text: "b", edit: "1750000060.0"}}, 2, Answered, "b", 2},
		"an older edit":   {[]arrival{{text: "a", fresh: true}, {text: "c", edit: "1750000090.0", fresh: true}, {text: "b", edit: "1750000060.0"}}, 0, Received, "c", 2},
		"two edits": {[]arrival{{text: "a", fresh: true}, {text: "b", edit: "1750000060.0", fresh: true}, {text: "c", edit: "1750000090.0", fresh: true}},
			0, Received, "c", 3},
		"an edit of nothing":    {[]arrival{{text: "a", fresh: true}, {text: "a", edit: "1750000060.0"}}, 1, Answered, "a", 1},
		"an edit just in time":  {[]arrival{{text: "a", fresh: true}, {text: "b", edit: "1750003600.000100", fresh: true}}, 0, Received, "b", 2},
		"an edit too late":      {[]arrival{{text: "a", fresh: true}, {text: "b", edit: "1750003600.000101"}}, 1, Answered, "a", 1},
		"the edit comes first":  {[]arrival{{text: "b", edit: "1750000060.0", fresh: true}, {text: "a"}}, 0, Received, "b", 1},
		"a deletion":            {[]arrival{{text: "a", fresh: true}, {withdraw: true, fresh: true}}, 0, Withdrawn, "", 2},
		"deleted and sent":      {[]arrival{{text: "a", fresh: true}, {withdraw: true, fresh: true}, {text: "a"}, {text: "a", after: 24 * time.Hour}}, 0, Withdrawn, "", 2},
		"deleted and edited":    {[]arrival{{text: "a", fresh: true}, {withdraw: true, fresh: true}, {text: "b", edit: "1750000060.0"}}, 0, Withdrawn, "", 2},
		"deleted twice":         {[]arrival{{text: "a", fresh: true}, {withdraw: true, fresh: true}, {withdraw: true, fresh: true}}, 0, Withdrawn, "", 2},
		"the deletion is first": {[]arrival{{withdraw: true}, {text: "a"}}, 0, Withdrawn, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newFakeClock()
			l := open(t, clock.options())
			key := Key{Team: "T", Channel: "C", TS: ts}
			for i, a := range c.arrivals {
				clock.advance(a.after)
				var fresh bool
				var err error
				if a.withdraw {
					fresh, err = l.Withdraw(t.Context(), key)
				} else {
					_, fresh, err = l.Put(t.Context(), Question{Key: key, Text: a.text, EditTS: a.edit, Asker: "U"})
				}
				if err != nil || fresh != a.fresh {
					t.Fatalf("arrival %d: %t, %v", i, fresh, err)
				}
				if i+1 == c.finish {
					e, err := l.Find(t.Context(), key)
					check(t, err)
					check(t, mustClaim(t, l, e.ID).Finish(t.Context()))
				}
			}
			e, err := l.Find(t.Context(), key)
			check(t, err)
			if e.State != c.state || e.Text != c.text || e.Revision != c.revision {
				t.Errorf("%s %q, revision %d", e.State, e.Text, e.Revision)
			}
		})
	}
}

func TestAnEditOfAnUnknownOldMessageIsNoQuestion(t *testing.T) {
	l := open(t, Options{})
	q := message(1)
	q.EditTS = "1760000000.000000"
	id, fresh, err := l.Put(t.Context(), q)
	if id != 0 || fresh || err != nil {
		t.Errorf("%d, %t, %v", id, fresh, err)
	}
}

func TestEventsAreRemembered(t *testing.T) {
	l := open(t, Options{})
	q := message(1)
	var id int64
	for _, event := range []string{"Ev2", "Ev1", "Ev2", ""} {
		q.EventID = event
		var err error
		id, _, err = l.Put(t.Context(), q)
		check(t, err)
	}
	events, err := l.Events(t.Context(), id)
	if err != nil || strings.Join(events, " ") != "Ev1 Ev2" {
		t.Errorf("%v, %v", events, err)
	}
}

func TestPutRefusesWhatIsNoName(t *testing.T) {
	l := open(t, Options{})
	for name, change := range map[string]func(*Question){
		"an empty team":        func(q *Question) { q.Team = "" },
		"an empty channel":     func(q *Question) { q.Channel = "" },
		"an empty ts":          func(q *Question) { q.TS = "" },
		"a long channel":       func(q *Question) { q.Channel = strings.Repeat("C", 256) },
		"NUL in the ts":        func(q *Question) { q.TS = "1\x00" },
		"invalid UTF-8":        func(q *Question) { q.Team = "T\xff" },
		"a newline":            func(q *Question) { q.ThreadTS = "1\n2" },
		"an edit ts of words":  func(q *Question) { q.EditTS = "yesterday" },
		"an edit ts below nil": func(q *Question) { q.EditTS = "-5" },
		"a huge text":          func(q *Question) { q.Text = strings.Repeat("x", MaxText+1) },
	} {
		q := message(1)
		change(&q)
		if _, _, err := l.Put(t.Context(), q); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := l.Withdraw(t.Context(), Key{}); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

func TestPutFailsWhenTheDiskIsFull(t *testing.T) {
	sqliteOnly(t)
	l := open(t, Options{})
	put(t, l, message(0))
	// A full disk, as SQLite sees it.
	var pages int
	check(t, l.db.QueryRow(`PRAGMA page_count`).Scan(&pages))
	_, err := l.db.Exec(`PRAGMA max_page_count = 1`)
	check(t, err)
	q := message(1)
	q.Text = strings.Repeat("a long question ", 10_000)
	_, fresh, err := l.Put(t.Context(), q)
	e, ok := errors.AsType[*Error](err)
	if !ok || fresh || e.Problem != "the disk is full" || e.Hint() == "" {
		t.Fatalf("%t, %v", fresh, err)
	}
	if strings.Contains(err.Error(), "a long question") {
		t.Error("the error quotes the question")
	}
	if _, err := l.Find(t.Context(), q.Key); !errors.Is(err, ErrNotFound) {
		t.Errorf("a part was kept: %v", err)
	}
	_, err = l.db.Exec(`PRAGMA max_page_count = 1000000`)
	check(t, err)
	put(t, l, q)
}

func TestAWithdrawnQuestionIsWorkOnceMoreWhereWorkHadBegun(t *testing.T) {
	l := open(t, Options{})
	id := put(t, l, message(1))
	c := mustClaim(t, l, id)
	check(t, c.Record(t.Context(), Step{Kind: StepPosted, Purpose: "answer", Channel: "C1", TS: "5.0"}))
	saved, err := c.Save(t.Context(), Answer{Text: "because"})
	check(t, err)
	check(t, l.Feedback(t.Context(), Feedback{AnswerID: saved.ID, User: "U", Vote: 1}))
	check(t, c.Finish(t.Context()))

	known, err := l.Withdraw(t.Context(), message(1).Key)
	if !known || err != nil {
		t.Fatal(known, err)
	}
	if e := get(t, l, id); e.Text != "" {
		t.Errorf("the text is still there: %q", e.Text)
	}
	c = mustClaim(t, l, id)
	if c.State != Withdrawn || len(c.Steps) != 1 || c.Steps[0].TS != "5.0" || c.Answer != nil {
		t.Fatalf("%+v", c)
	}
	check(t, c.Record(t.Context(), Step{Kind: StepRemoved, Purpose: "answer", Channel: "C1", TS: "5.0"}))
	check(t, c.Finish(t.Context()))
	for _, table := range []string{"step", "answer", "feedback", "question_event"} {
		var n int
		check(t, l.db.QueryRow(`SELECT COUNT(*) FROM `+table).Scan(&n))
		if n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	if c, err := l.claim(t.Context(), id); c != nil || err != nil {
		t.Errorf("claimed again: %v, %v", c, err)
	}
}

func FuzzPut(f *testing.F) {
	f.Add("T", "C", "1750000000.000100", "", "what?", "1750000001.0")
	f.Add("", "", "", "", "", "")
	f.Add("T\x00", "C\xff", "..", "\n", "NUL \x00 and \xff\xfe", "1e9")
	f.Add("T", "C", "trigger.1", "1.2", strings.Repeat("長", 1000), "99999999999999999999")
	l := open(f, Options{})
	f.Fuzz(func(t *testing.T, team, channel, ts, threadTS, text, edit string) {
		q := Question{Key: Key{Team: team, Channel: channel, TS: ts}, ThreadTS: threadTS, Text: text, EditTS: edit}
		id, _, err := l.Put(t.Context(), q)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if id == 0 {
			return
		}
		e := get(t, l, id)
		if e.Key != q.Key || !utf8.ValidString(e.Text) || strings.Contains(e.Text, "\x00") {
			t.Errorf("%+v", e)
		}
		if again, fresh, err := l.Put(t.Context(), q); again != id || fresh || err != nil {
			t.Errorf("again: %d, %t, %v", again, fresh, err)
		}
	})
}

// A question that is numbered after another of its thread is not to be seen before
// it: whoever looked then would answer it first.
func TestAThreadsQuestionsAreSeenInTheirOrder(t *testing.T) {
	postgresOnly(t) // SQLite's transactions wait for each other anyway
	url := address(t)
	inserted, commit := make(chan bool, 1), make(chan bool)
	o := quick()
	o.Reached = func(point string) {
		if point == "put.inserted" {
			inserted <- true
			<-commit
		}
	}
	slow, other := openAt(t, url, o), openAt(t, url, quick())
	ids := make(chan int64, 2)
	go func() { ids <- put(t, slow, inThread(1, "9.9")) }()
	<-inserted
	go func() { ids <- put(t, other, inThread(2, "9.9")) }()
	put(t, other, inThread(3, "8.8")) // that of another thread does not wait
	select {
	case <-ids:
		t.Error("the second is there before the first")
	case <-time.After(200 * time.Millisecond):
	}
	close(commit)
	if a, b := <-ids, <-ids; a > b {
		t.Errorf("numbered %d and %d", a, b)
	}
}
