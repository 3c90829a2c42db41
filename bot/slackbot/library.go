package slackbot

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"footnote/bot/record"
)

// A Library keeps reports that people dropped into Slack, and opens them. It is
// safe for concurrent use.
type Library interface {
	// Keep stores a file's content, unless it is there already, and returns the
	// hash that names it. It fails with an *[Unreadable] for a content that
	// nobody can be answered from.
	Keep(ctx context.Context, name string, content []byte) (hash string, err error)
	// Open returns an engine for reports that were kept, together one corpus,
	// with its documents in their order; release says that it is no longer used.
	// It fails with [ErrNotKept] where a content is gone.
	Open(ctx context.Context, reports []record.Report) (engine Engine, release func(), err error)
	// Sweep erases the contents that are not in use, other than those that were
	// kept so recently that their use may not be recorded yet.
	Sweep(ctx context.Context, used map[string]bool) error
	// Formats are the extensions of the files that can be read: ".txt".
	Formats() []string
}

// ErrNotKept is for a report whose content was erased.
var ErrNotKept = errors.New("the report is no longer kept")

// An Unreadable is a file that was handed in and cannot be used.
type Unreadable struct{ Why Trouble }

func (u *Unreadable) Error() string { return "the file cannot be read: " + string(u.Why) }

// A Trouble is why a file cannot be used.
type Trouble string

// The troubles that a [Library] tells of.
const (
	TroubleFormat   Trouble = "format"   // nothing that is read
	TroubleEmpty    Trouble = "empty"    // no text in it
	TroubleEncoding Trouble = "encoding" // text, but not in UTF-8
	TroubleTooLarge Trouble = "too large"
	TroubleLocked   Trouble = "locked"   // it opens only with a password
	TroublePictures Trouble = "pictures" // its text is a picture
	TroubleDamaged  Trouble = "damaged"  // a format that is read, but broken
	TroubleFull     Trouble = "full"     // there is no room for more files
)

// engineFor is who answers what is asked in a question's place: the reports of
// its thread, else of its channel, else what everybody asks.
// The engine's release must follow.
func (b *Bot) engineFor(ctx context.Context, e record.Entry) (answering, error) {
	if b.options.Library == nil {
		return b.usual(), nil
	}
	for _, thread := range []string{e.ThreadTS, ""} {
		reports, err := b.reportsOf(ctx, e.Team, e.Channel, thread)
		if err != nil {
			return answering{}, err
		}
		if len(reports) == 0 {
			continue
		}
		engine, release, err := b.options.Library.Open(ctx, reports)
		if errors.Is(err, ErrNotKept) && b.fetchAgain(ctx, reports) {
			engine, release, err = b.options.Library.Open(ctx, reports)
		}
		return answering{engine, false, release}, err
	}
	return b.usual(), nil
}

// fetchAgain gets contents from Slack once more: the folder that they were kept in
// may be lost, or another machine's. It reports whether all are there.
func (b *Bot) fetchAgain(ctx context.Context, reports []record.Report) bool {
	for _, r := range reports {
		info, why, err := b.infoOf(ctx, r.File)
		if err != nil || why != "" {
			return false
		}
		content, why, err := b.fileContent(ctx, info)
		if err != nil || why != "" {
			return false
		}
		if hash, err := b.options.Library.Keep(ctx, r.Name, content); err != nil || hash != r.Hash {
			return false
		}
	}
	return true
}

// reportsOf are the reports of a place as they are opened: each content once, and
// no two of a name.
func (b *Bot) reportsOf(ctx context.Context, team, channel, thread string) ([]record.Report, error) {
	reports, err := b.ledger.Reports(ctx, team, channel, thread)
	if err != nil {
		return nil, record.Outage(fmt.Errorf("look up the place's reports: %w", err))
	}
	seen := map[string]bool{}
	reports = slices.DeleteFunc(reports, func(r record.Report) bool {
		again := seen[r.Hash]
		seen[r.Hash] = true
		return again
	})
	named := map[string]bool{}
	for i := range reports {
		reports[i].Name = otherName(orElse(reports[i].Name, "report"), named)
		named[reports[i].Name] = true
	}
	return reports, nil
}

// otherName is a file's name, or one like it that is not taken.
func otherName(name string, taken map[string]bool) string {
	extension := path.Ext(name)
	other := name
	for n := 2; taken[other]; n++ {
		other = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, extension), n, extension)
	}
	return other
}

// Sweep erases the contents of reports that nobody can ask about any more.
func (b *Bot) Sweep(ctx context.Context) error {
	if b.options.Library == nil {
		return nil
	}
	used, err := b.ledger.ReportHashes(ctx)
	if err != nil {
		return err
	}
	return b.options.Library.Sweep(ctx, used)
}

// forgetFile forgets a file wherever it is asked about.
func (b *Bot) forgetFile(ctx context.Context, team, file string) error {
	if team == "" || file == "" {
		return nil
	}
	removed, err := b.ledger.RemoveReport(ctx, team, "", "", file)
	if err == nil && removed > 0 {
		b.sweepSoon()
	}
	return err
}

func (b *Bot) sweepSoon() {
	b.inBackground(func(ctx context.Context) {
		if err := b.Sweep(ctx); err != nil { // it is tried again every hour
			b.log.WarnContext(ctx, "the content of removed reports is not erased yet", "error", err)
		}
	})
}
