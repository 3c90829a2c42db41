package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"footnote/bot/answer"
	"footnote/bot/ledger"
	"footnote/bot/slackbot"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"Print JSON, a check a line."`
	corpusFlags
}

func (doctorCommand) Help() string {
	return `It looks at the settings, the report, the index, the folders and the ledger,
and asks Slack whether it takes the tokens. Nothing is posted. It ends with
status 1 when something is wrong.

Example:

    footnote doctor --corpus reports/`
}

// checkTimeout is how long a check waits for a server or a lock.
const checkTimeout = 10 * time.Second

// A checkup prints each finding as it comes, and counts.
type checkup struct {
	a            *app
	json         bool
	hint         string // the last finding's, not yet printed
	done, failed int
}

func (c *doctorCommand) Run(ctx context.Context, a *app) error {
	d := &checkup{a: a, json: c.JSON}
	checks := []func(context.Context) []slackbot.Finding{
		checkSettings,
		func(ctx context.Context) []slackbot.Finding { return checkCorpus(ctx, a, c.corpusFlags) },
		checkLinks,
		checkData,
		func(ctx context.Context) []slackbot.Finding { return checkWeaviate(ctx, c.logger(a.err)) },
		func(ctx context.Context) []slackbot.Finding { return checkLedger(ctx, a, c.logFlags) },
		func(ctx context.Context) []slackbot.Finding { return checkEmbeddings(ctx, c.logger(a.err)) },
		checkModel,
		checkBudget,
		checkLanguages,
		checkSlack,
	}
	for _, check := range checks {
		for _, f := range check(ctx) {
			if err := d.print(f); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err := d.printHint(); err != nil {
		return err
	}
	if d.failed > 0 {
		return fmt.Errorf("%d of %d checks failed", d.failed, d.done)
	}
	return nil
}

func (d *checkup) print(f slackbot.Finding) error {
	d.done++
	mark := map[slackbot.Verdict]string{slackbot.VerdictOK: "ok", slackbot.VerdictFail: "FAIL", slackbot.VerdictAbsent: "-"}[f.Verdict]
	if f.Verdict == slackbot.VerdictFail {
		d.failed++
	}
	if d.json {
		return d.a.out.printJSON(f)
	}
	if f.Hint != d.hint {
		if err := d.printHint(); err != nil {
			return err
		}
	}
	d.hint = f.Hint
	line := fmt.Sprintf("%-6s%s: %s", mark, f.What, oneLine(clean(f.Detail)))
	return d.a.out.print(wrap(line, d.a.out.width, "      ") + "\n")
}

// printHint prints a hint once for all findings in a row that share it.
func (d *checkup) printHint() error {
	if d.hint == "" {
		return nil
	}
	hint := wrap("hint: "+oneLine(clean(d.hint)), d.a.out.width, "      ")
	d.hint = ""
	return d.a.out.print("      " + hint + "\n")
}

func found(what, format string, args ...any) slackbot.Finding {
	return slackbot.Finding{What: what, Verdict: slackbot.VerdictOK, Detail: fmt.Sprintf(format, args...)}
}

func absent(what, format string, args ...any) slackbot.Finding {
	return slackbot.Finding{What: what, Verdict: slackbot.VerdictAbsent, Detail: fmt.Sprintf(format, args...)}
}

func broken(what string, err error) slackbot.Finding {
	problem, hint := explain(err)
	return slackbot.Finding{What: what, Verdict: slackbot.VerdictFail, Detail: problem, Hint: hint}
}

func checkSettings(context.Context) []slackbot.Finding {
	const what = "settings"
	if err := readDotEnv(); err != nil {
		return []slackbot.Finding{broken(what, err)}
	}
	if _, err := os.Stat(".env"); err != nil {
		return []slackbot.Finding{found(what, "those of the environment; there is no .env here")}
	}
	return []slackbot.Finding{found(what, ".env was read; the environment wins")}
}

// checkCorpus has no time limit: an index of many pages takes its time to
// build, once.
func checkCorpus(ctx context.Context, a *app, flags corpusFlags) []slackbot.Finding {
	noIndex := absent("index", "not checked without a report")
	sources, err := flags.sources()
	if err != nil {
		return []slackbot.Finding{broken("report", err), noIndex}
	}
	s, err := a.openWith(ctx, sources, findData(), flags.logger(a.err), opening{})
	if isSetting(err) { // of the embeddings or of Weaviate, which have a check of their own
		return []slackbot.Finding{absent("report", "not checked with settings that cannot be meant"), noIndex}
	}
	if err != nil {
		return []slackbot.Finding{broken("report", err), noIndex}
	}
	defer s.Close()
	name := strings.Join(sources, ", ")
	if name == "" {
		name = "the one that comes with footnote"
	}
	built := s.index.Built()
	report := found("report", "%s: %s, %s", name, count(len(s.corpus.Documents), "document"), count(built.Passages, "passage"))
	if s.skipped.Count() > 0 {
		report.Detail += ", passed over " + s.skipped.String()
	}
	if s.unstored != nil {
		return []slackbot.Finding{report, broken("index", &hintedError{s.unstored, storeHint(s.unstored)})}
	}
	if built.Degraded != nil {
		return []slackbot.Finding{report, broken("index", fmt.Errorf("it has no embeddings, and is searched by its words alone: %w", built.Degraded))}
	}
	done := "built"
	if built.Opened {
		done = "up to date"
	}
	return []slackbot.Finding{report, found("index", "%s; vectors by %s (%d dimensions)", done, readModels().describe(built.Embedder), built.Dimensions)}
}

// checkLinks says where originals are opened, if that is set.
func checkLinks(context.Context) []slackbot.Finding {
	const what = "links"
	l, err := links()
	if err != nil {
		return []slackbot.Finding{broken(what, err)}
	}
	if hosts := l.Hosts(); hosts != nil {
		return []slackbot.Finding{found(what, "originals are opened at %s", strings.Join(hosts, ", "))}
	}
	return nil
}

// checkEmbeddings makes one small call of the embedding model, if one is set.
func checkEmbeddings(ctx context.Context, log *slog.Logger) []slackbot.Finding {
	const what = "embeddings"
	m := readModels()
	if m.embedModel == "" {
		return nil // the index's line tells of the built-in one
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	e, err := m.embedder(ctx, findData(), log)
	if err == nil {
		_, err = e.Embed(ctx, []string{"Is anybody there?"})
	}
	if err != nil {
		return []slackbot.Finding{broken(what, err)}
	}
	return []slackbot.Finding{found(what, "%s at %s answers (%d dimensions)", m.embedModel, m.server().Host(), e.Dimensions())}
}

// checkData writes a file to the data folder and takes it away.
func checkData(context.Context) []slackbot.Finding {
	const what = "data folder"
	data := findData()
	err := data.trouble
	if err == nil {
		err = tryWriting(data.path)
	}
	if err != nil {
		return []slackbot.Finding{broken(what, &hintedError{err, dataHint})}
	}
	return []slackbot.Finding{found(what, "%s can be written", data.path)}
}

func tryWriting(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func checkLedger(ctx context.Context, a *app, flags logFlags) []slackbot.Finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	findings, ok := checkDatabase(ctx)
	if !ok {
		return append(findings, absent("ledger", "not checked without its database"))
	}
	return append(findings, checkQuestions(ctx, a, flags))
}

// checkDatabase has nothing to say of files.
func checkDatabase(ctx context.Context) (findings []slackbot.Finding, ok bool) {
	const what = "database"
	address, err := ledgerURL()
	if err != nil {
		return nil, true // as the ledger's own line says
	}
	c, err := ledger.Check(ctx, address)
	switch {
	case err != nil:
		return []slackbot.Finding{broken(what, err)}, false
	case c.Version == "":
		return nil, true
	}
	findings = []slackbot.Finding{found(what, "%s, %s", c.Version, ledger.Place(address))}
	for _, problem := range c.Problems {
		findings = append(findings, broken(what, problem))
	}
	return findings, true
}

func checkQuestions(ctx context.Context, a *app, flags logFlags) slackbot.Finding {
	const what = "ledger"
	l, err := openLedgerThere(ctx, flags.logger(a.err))
	if none, ok := errors.AsType[*noLedgerError](err); ok {
		return absent(what, "none %s yet (needed for Slack; footnote serve makes it)", none.place)
	}
	if err != nil {
		return broken(what, err)
	}
	defer l.Close()
	stats, err := l.Stats(ctx)
	if err != nil {
		return broken(what, err)
	}
	failed, err := l.Failed(ctx)
	if err != nil {
		return broken(what, err)
	}
	return ledgerFinding(stats, len(failed))
}

func ledgerFinding(stats ledger.Stats, failed int) slackbot.Finding {
	total := 0
	for _, n := range stats.States {
		total += n
	}
	f := found("ledger", "%s, %d waiting, %d given up", count(total, "question"), stats.Depth, failed)
	if failed > 0 {
		f.Hint = "footnote questions --failed says why, and how to retry"
	}
	return f
}

// checkModel asks the language model for a word.
func checkModel(ctx context.Context) []slackbot.Finding {
	const what = "model"
	settings := readModels()
	switch {
	case settings.chatModel == noChatModel:
		return []slackbot.Finding{absent(what, "turned off by FOOTNOTE_CHAT_MODEL, so answers are the report's own sentences (quote mode)")}
	case settings.chatModel != "" && !settings.reachable():
		return []slackbot.Finding{broken(what, &hintedError{errors.New("FOOTNOTE_CHAT_MODEL names a model, but no server is set"), noModelHint()})}
	case settings.chatModel == "" && settings.url != "":
		f := absent(what, "none, so answers are the report's own sentences (quote mode)")
		f.Hint = noModelHint()
		return []slackbot.Finding{f}
	case !settings.answering():
		return []slackbot.Finding{absent(what, "none, so answers are the report's own sentences (quote mode)")}
	}
	ctx, cancel := context.WithTimeout(ctx, modelTimeout)
	defer cancel()
	model, err := answer.NewModel(settings.server(), settings.chatModel, answer.ModelOptions{})
	if err == nil {
		err = model.Ping(ctx)
	}
	if err != nil {
		return []slackbot.Finding{broken(what, err)}
	}
	return []slackbot.Finding{found(what, "%s at %s answers", settings.chatModel, settings.server().Host())}
}

// checkBudget tells of the limit where there is a model to be limited.
func checkBudget(context.Context) []slackbot.Finding {
	const what = "budget"
	limit, err := dailyTokens()
	switch {
	case err != nil:
		return []slackbot.Finding{broken(what, err)}
	case limit > 0:
		return []slackbot.Finding{found(what, "%s tokens a day for each workspace, by FOOTNOTE_DAILY_TOKENS", grouped(int64(limit)))}
	case readModels().answering():
		return []slackbot.Finding{absent(what, "no limit; FOOTNOTE_DAILY_TOKENS sets one, and footnote usage tells what is spent")}
	}
	return nil
}

// checkLanguages has nothing to say of a setting that is right.
func checkLanguages(context.Context) []slackbot.Finding {
	if _, err := enrichmentLanguages(); err != nil {
		return []slackbot.Finding{broken("languages", err)}
	}
	return nil
}

// modelTimeout leaves a local server the time to load a model.
const modelTimeout = 90 * time.Second

func checkSlack(ctx context.Context) []slackbot.Finding {
	back, err := catchUp()
	if err != nil {
		return []slackbot.Finding{broken("catching up", err)}
	}
	return slackbot.Checkup(ctx, slackbot.CheckupOptions{
		CatchUp:  back,
		BotToken: os.Getenv("SLACK_BOT_TOKEN"), AppToken: os.Getenv("SLACK_APP_TOKEN"),
		SigningSecret: os.Getenv("SLACK_SIGNING_SECRET"), APIURL: strings.TrimSpace(os.Getenv("SLACK_API_URL")),
		Client: &http.Client{Timeout: checkTimeout}, Timeout: checkTimeout,
	})
}
