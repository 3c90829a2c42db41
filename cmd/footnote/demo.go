package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"footnote/bot/slackbot"
	"footnote/bot/slackbot/slacksim"
)

type demoCommand struct {
	Record string `placeholder:"FILE.svg" help:"Write the session as a picture, too; its lines come from a script on standard input."`
	Keep   string `placeholder:"FOLDER" help:"Keep the ledger in a new folder, for footnote questions, feedback, replay and forget."`
	corpusFlags
}

func (demoCommand) Help() string {
	return `Plays Slack in the terminal: a simulated workspace, with the bot that serve
runs in its #general. A plain line is a question to it, :help lists what else a
person can do there. Nothing of it reaches Slack, and no token is needed; who
writes the answers is set as for the other commands. Lines from a pipe are a
script: each waits until the bot has done what the one before asked for.

Examples:

    footnote demo
    footnote demo --corpus minutes.md
    footnote demo --keep tried
    DATABASE_URL=sqlite:tried/ledger.db footnote feedback
    footnote demo --record demo.svg < script.txt`
}

func (c *demoCommand) Run(ctx context.Context, a *app) (err error) {
	if c.Record != "" && a.inTerminal {
		return &misuseError{problem: "--record takes a script, not what is typed", hint: "footnote demo --record " + c.Record + " < script.txt"}
	}
	d := &demo{app: a, folder: c.Keep, keep: c.Keep != "", live: a.inTerminal && a.out.terminal && c.Record == ""}
	if err := readDotEnv(); err != nil {
		return err
	}
	// A terminal that is closed, and a reader that has enough, end it in order.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	defer func() { err = errors.Join(err, d.close()) }()
	if c.Record == "" {
		if err := d.open(ctx, c.corpusFlags, a.out); err != nil {
			return err
		}
		return d.run(ctx)
	}
	r := newRecorder(a.out)
	if err := d.open(ctx, c.corpusFlags, r.screen()); err != nil {
		return err
	}
	d.echo = true
	return errors.Join(d.run(ctx), r.write(c.Record))
}

// A demo is a simulated workspace with the bot at work in it, and whoever
// visits it.
type demo struct {
	app     *app
	ws      *slacksim.Workspace
	server  *server
	folder  string // of the ledger
	keep    bool   // the folder stays
	visitor *visitor

	// live says that somebody sits at the terminal: what happens is shown at
	// once. Otherwise it is shown when the bot has settled.
	live bool
	// echo shows the prompt and the lines read, as a terminal would.
	echo bool
	// prompted says that a prompt stands on the last line.
	prompted bool
}

// botName is what the bot is called in the demo's workspace.
const botName = "Footnote"

// open opens the workspace, where the visitor sees it on a screen, and has the
// bot work in it with what the manifest asks for.
func (d *demo) open(ctx context.Context, flags corpusFlags, out *screen) (err error) {
	if err := d.makeFolder(); err != nil {
		return fmt.Errorf("make a folder for the ledger: %w", err)
	}
	o := slacksim.Options{BotName: botName, Scopes: []string{}, Events: []string{}, AgentView: true}
	for _, s := range slackbot.Scopes() {
		o.Scopes = append(o.Scopes, s.Name)
	}
	for _, e := range slackbot.ManifestEvents() {
		o.Events = append(o.Events, e.Name)
	}
	if d.ws, err = slacksim.Open(o); err != nil {
		return fmt.Errorf("open the simulated workspace: %w", err)
	}
	d.visitor = newVisitor(d.ws, out)
	settings, err := d.settings(flags)
	if err != nil {
		return err
	}
	d.server = newServer(settings)
	address := "sqlite:" + filepath.Join(d.folder, "ledger.db")
	if err := d.server.openBot(ctx, d.app, flags, address, d.folder, slackbot.Options{Connections: 1}); err != nil {
		return err
	}
	background, err := d.server.work(ctx, demoWorkers)
	if err != nil {
		return err
	}
	d.server.receive(background, d.server.bot.Receive)
	return nil
}

const demoWorkers = 2

// makeFolder makes the ledger's folder. One that is to stay must be new: another
// workspace has other messages by the same ids.
func (d *demo) makeFolder() (err error) {
	if !d.keep {
		d.folder, err = os.MkdirTemp("", "footnote-demo-")
		return err
	}
	if err = os.Mkdir(d.folder, 0o700); err != nil {
		d.keep = false
		d.folder = ""
		return &hintedError{err, "--keep makes the folder; name one that is not there yet"}
	}
	return nil
}

// settings are those of serve for the simulated workspace. Of the settings who
// may ask, those that name people and places of another one do not count; the
// visitor may have the channel answered from another report.
func (d *demo) settings(flags corpusFlags) (s serveSettings, err error) {
	s.botToken, s.appToken, s.signingSecret, s.apiURL = d.ws.BotToken(), d.ws.AppToken(), d.ws.SigningSecret(), d.ws.APIURL()
	s.log = flags.logger(redacting{d.app.err, s.secrets()})
	s.refresh = usualRefresh
	if s.access, err = access(); err != nil {
		return s, err
	}
	s.access.Teams, s.access.Channels, s.access.Users, s.access.Bots = nil, nil, nil, nil
	s.access.ReportUsers = []string{d.visitor.me.ID}
	return s, nil
}

// close ends everything that open began, and takes the ledger away.
func (d *demo) close() error {
	var errs []error
	if d.server != nil {
		errs = append(errs, d.server.close())
	}
	if d.ws != nil {
		d.ws.Close()
	}
	if d.folder != "" && !d.keep {
		errs = append(errs, os.RemoveAll(d.folder))
	}
	return errors.Join(errs...)
}

const (
	// lookEvery is how often a terminal is brought up to date.
	lookEvery = 20 * time.Millisecond
	// demoPatience is how long a script's line may take.
	demoPatience = 5 * time.Minute
)

// run does what the lines of the input say until they end.
func (d *demo) run(ctx context.Context) error {
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := readLines(reading, d.app.in)
	if d.live || d.echo {
		d.visitor.greet()
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for since := time.Now(); ; {
		settled, err := d.settled(ctx)
		if err != nil {
			return err
		}
		var input <-chan line
		if settled || d.live {
			d.look(settled)
			input = lines
		}
		if d.visitor.broken != nil {
			return nil // nobody looks any more
		}
		select {
		case <-ctx.Done():
			d.leave()
			return nil
		case err := <-d.server.failed:
			return err
		case <-ticker.C:
			if !settled && !d.live && time.Since(since) > demoPatience {
				return fmt.Errorf("the bot has not settled in %s", demoPatience)
			}
		case l, ok := <-input:
			since = time.Now()
			if over, err := d.read(l, ok); over || err != nil {
				return err
			}
		}
	}
}

// look brings the screen up to date, and asks for a line.
func (d *demo) look(settled bool) {
	if d.visitor.show(d.prompted, settled) {
		d.prompted = false
	}
	if settled && !d.prompted && (d.live || d.echo) {
		d.visitor.prompt()
		d.prompted = true
	}
}

// read does what a line says, and reports whether that was the end.
func (d *demo) read(l line, ok bool) (over bool, err error) {
	d.visitor.erase = false
	if !ok {
		d.leave()
		return true, nil
	}
	if l.err != nil {
		return true, fmt.Errorf("read the line: %w", l.err)
	}
	text := strings.TrimSpace(strings.ToValidUTF8(l.text, "\uFFFD"))
	if d.echo {
		d.visitor.print(clean(text) + "\n")
	}
	d.prompted = false
	if d.visitor.take(text) {
		return true, nil
	}
	d.visitor.showPeople()
	return false, nil
}

// leave ends the line that a prompt stands on.
func (d *demo) leave() {
	if d.prompted {
		d.visitor.erase = false
		d.visitor.print("\n")
	}
}

// settled reports whether everything that was said is taken and answered. What
// an event brings about is in the ledger or in the background once it is
// acknowledged, so these are looked at in that order.
func (d *demo) settled(ctx context.Context) (bool, error) {
	if d.server.bot.Connected() == 0 || d.visitor.underway.Load() > 0 || !d.ws.Idle() || d.server.bot.Busy() {
		return false, nil
	}
	s, err := d.server.ledger.Stats(ctx)
	if ctx.Err() != nil {
		return false, nil
	}
	return s.Depth+s.Running == 0 && d.ws.Idle() && !d.server.bot.Busy(), err
}
