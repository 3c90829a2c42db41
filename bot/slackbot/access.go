package slackbot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot/record"
)

// Access says who may ask. The zero value admits the members of the workspace,
// in every channel and without limits.
type Access struct {
	// Teams, Channels and Users are ids; an empty list admits all. Teams are
	// the askers' workspaces. Direct messages are in no channel: Channels does
	// not concern them.
	Teams, Channels, Users []string
	// Guests admits guests of the workspace, Strangers people of other
	// workspaces, met in channels shared by Slack Connect.
	Guests, Strangers bool
	// Bots are the ids of bots, apps or bot users whose messages are questions.
	Bots []string
	// ReportUsers may have a whole channel answered from a report that they
	// handed in; in a direct message everybody may.
	ReportUsers []string
	// UserLimit and ChannelLimit bound how often questions are answered.
	UserLimit, ChannelLimit Limit
}

// A Limit is a number of questions in a window; the zero value is none.
type Limit struct {
	Count  int
	Window time.Duration
}

// ParseLimit reads a limit such as 30/h: a number, and s, m, h or d. Empty is no
// limit.
func ParseLimit(s string) (Limit, error) {
	if s = strings.TrimSpace(s); s == "" {
		return Limit{}, nil
	}
	count, unit, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(strings.TrimSpace(count))
	window := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[strings.TrimSpace(unit)]
	if err != nil || n <= 0 || window == 0 {
		return Limit{}, fmt.Errorf("%q is no limit; one is a number per s, m, h or d, such as 30/h", s)
	}
	return Limit{n, window}, nil
}

func (a Access) allowsBot(ids ...string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return id != "" && slices.Contains(a.Bots, id) })
}

// choosesReport reports whether somebody may say what a whole channel is
// answered from.
func (a Access) choosesReport(user, channel string) bool {
	return isDirect(channel) || slices.Contains(a.ReportUsers, user)
}

// A verdict is why somebody gets no answer.
type verdict uint8

const (
	admitted verdict = iota
	wrongChannel
	wrongPerson
	outsider  // a guest or a stranger
	unchecked // Slack does not say who it is
	tooOften
)

// admit decides whether a question is answered, and takes it from the limits.
func (b *Bot) admit(ctx context.Context, w record.Work, book record.Book) (verdict, time.Duration, error) {
	v, err := b.mayAsk(ctx, w.Entry)
	if err != nil || v != admitted {
		return v, 0, err
	}
	// What was taken from the limits once is not taken again.
	if slices.ContainsFunc(w.Steps, func(s record.Step) bool { return s.Kind == stepAdmitted && s.Revision == w.Revision }) {
		return admitted, 0, nil
	}
	a := b.options.Access
	for _, l := range []struct {
		scope string
		Limit
	}{{"user:" + w.Team + ":" + w.Asker, a.UserLimit}, {"channel:" + w.Team + ":" + w.Channel, a.ChannelLimit}} {
		if l.Count == 0 {
			continue
		}
		ok, wait, err := b.ledger.Allow(ctx, l.scope, l.Count, l.Window)
		if err != nil {
			return 0, 0, err
		}
		if !ok {
			return tooOften, wait, nil
		}
	}
	return admitted, 0, book.Record(ctx, record.Step{Kind: stepAdmitted})
}

func (b *Bot) mayAsk(ctx context.Context, e record.Entry) (verdict, error) {
	a := b.options.Access
	switch {
	case len(a.Channels) > 0 && e.Surface != surfaceDirect && !isDirect(e.Channel) && !slices.Contains(a.Channels, e.Channel):
		return wrongChannel, nil
	case isBot(e.Asker): // the intake lets allowed ones in alone
		return admitted, nil
	case len(a.Users) > 0 && !slices.Contains(a.Users, e.Asker):
		return wrongPerson, nil
	case a.Guests && a.Strangers && len(a.Teams) == 0:
		return admitted, nil
	}
	p, err := b.people.get(ctx, e.Asker)
	switch {
	case code(err) == "missing_scope", code(err) == "user_not_visible":
		b.log.ErrorContext(ctx, "nobody can be checked for being a guest", "error", err, "hint", "footnote doctor says which scope is missing")
		return unchecked, nil
	case code(err) == "user_not_found":
		return wrongPerson, nil
	case err != nil:
		return 0, fmt.Errorf("look up the asker: %w", err)
	case b.isStranger(p):
		if !a.Strangers {
			return outsider, nil
		}
	case p.guest && !a.Guests:
		return outsider, nil
	}
	if len(a.Teams) > 0 && !slices.Contains(a.Teams, p.team) {
		return wrongPerson, nil
	}
	return admitted, nil
}

// isStranger reports whether somebody is of another workspace.
func (b *Bot) isStranger(p profile) bool { return p.stranger || p.team != "" && p.team != b.self.team }

// people remembers what Slack says of those who ask.
type people struct {
	web *web

	mu    sync.Mutex
	known map[string]profile
}

type profile struct {
	name, team      string
	guest, stranger bool
	chinese         bool // is what their Slack speaks
	asOf            time.Time
}

const (
	// profileKept is how long a change of somebody's status may go unnoticed.
	profileKept  = 10 * time.Minute
	mostProfiles = 10000
)

func newPeople(w *web) *people { return &people{web: w, known: map[string]profile{}} }

func (p *people) get(ctx context.Context, id string) (profile, error) {
	if known, ok := p.remembered(id); ok {
		return known, nil
	}
	var u *slack.User
	err := p.web.call(ctx, "users.info", "", func(ctx context.Context) (err error) {
		u, err = p.web.api.GetUserInfoContext(ctx, id)
		return err
	})
	if err != nil {
		return profile{}, err
	}
	if u == nil {
		return profile{}, errors.New("the answer of Slack names nobody")
	}
	found := profile{
		name: u.Profile.DisplayName, team: u.TeamID,
		guest: u.IsRestricted || u.IsUltraRestricted, stranger: u.IsStranger,
		chinese: strings.HasPrefix(u.Locale, "zh"), asOf: time.Now(),
	}
	if found.name == "" {
		found.name = u.RealName
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= mostProfiles {
		clear(p.known)
	}
	p.known[id] = found
	return found, nil
}

func (p *people) remembered(id string) (profile, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.known[id]
	return known, ok && time.Since(known.asOf) < profileKept
}

// name is what a person is called, as far as that can be found out.
func (p *people) name(ctx context.Context, id string) string {
	found, err := p.get(ctx, id)
	if err != nil {
		return ""
	}
	return found.name
}

// readsChinese reports whether a person's Slack is in Chinese, as far as that can
// be found out.
func (p *people) readsChinese(ctx context.Context, id string) bool {
	found, err := p.get(ctx, id)
	return err == nil && found.chinese
}
