package slackbot

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/slackbot/slacksim"
)

const minutes = `# Minutes of the garden committee

## The pond

The pond is to be dug in March by the school's older pupils. It will hold 4,000 litres and cost 310 euros.

## The hedge

Mrs Alvarez asked that the hedge be cut twice a year. The committee agreed, and named Tom Baker to do it.
`

const plan = `# 花园计划

## 池塘

池塘将于三月由高年级学生挖掘，可容纳四千升水，费用为三百一十欧元。

## 树篱

阿尔瓦雷斯女士要求每年修剪树篱两次，委员会表示同意。
`

// handing starts a world in which reports can be handed in, and alice may choose
// for channels.
func handing(t *testing.T, s setting) (*world, *shelf) {
	t.Helper()
	kept := &shelf{folder: t.TempDir()}
	s.bot.Library = kept
	w := start(t, s)
	w.bot.options.Access.ReportUsers = []string{w.alice.ID}
	t.Cleanup(func() {
		w.close()
		if n := kept.open.Load(); n != 0 {
			t.Errorf("%d engines were not released", n)
		}
	})
	return w, kept
}

func text(name, content string) *slacksim.File {
	return &slacksim.File{Name: name, Content: []byte(content)}
}

// hand has somebody hand the bot files in a channel.
func (w *world) hand(u *slacksim.User, ch *slacksim.Channel, said string, files ...*slacksim.File) *slacksim.Message {
	w.t.Helper()
	if !isDirect(ch.ID) {
		said = strings.TrimSpace(w.ws.Bot.Mention() + " " + said)
	}
	m := u.Upload(ch, said, files)
	w.settle()
	return m
}

// lastOf is the bot's last message in a thread.
func (w *world) lastOf(m *slacksim.Message) *slacksim.Message {
	w.t.Helper()
	var last *slacksim.Message
	for _, r := range w.ws.Channel(m.Channel).Thread(m.TS) {
		if r.BotID == w.ws.BotID {
			last = r
		}
	}
	if last == nil {
		w.t.Fatalf("nothing of ours below %q\n%s", m.Text, w.ws.Transcript())
	}
	return last
}

// reports are what a place is answered from, by name.
func (w *world) reports(ch *slacksim.Channel, thread string) (names []string) {
	w.t.Helper()
	all, err := w.ledger.Reports(w.ctx, w.bot.self.team, ch.ID, thread)
	w.must(err)
	for _, r := range all {
		names = append(names, r.Name)
	}
	return names
}

func TestAReportIsHandedInAndAskedAbout(t *testing.T) {
	w, kept := handing(t, setting{})
	m := w.hand(w.alice, w.general, "", text("minutes.md", minutes))
	in := slacksim.InThread(m.TS)
	w.alice.Post(w.general, "What will the pond cost?", in)
	w.settle()
	w.bob.Say(w.general, "Who cuts the hedge?", in)
	w.settle()
	w.did(w.alice.Click(w.lastOf(m), "source:1"))
	w.until("the source", func() bool { return w.alice.Modal() != nil })
	w.alice.Say(w.general, "What will the pond cost?") // elsewhere, of the usual report
	w.settle()
	w.golden("handed")
	if len(kept.kept()) != 1 {
		t.Errorf("kept %v", kept.kept())
	}
	w.clean()
}

func TestAReportComesWithItsQuestion(t *testing.T) {
	w, _ := handing(t, setting{})
	m := w.hand(w.alice, w.general, "What will the pond cost?", text("minutes.md", minutes), text("photo.png", "\x89PNG\r\n\x1a\n\x00"))
	w.alice.Edit(m, w.ws.Bot.Mention()+" Who cuts the hedge?")
	w.settle()
	w.hand(w.alice, w.ws.DM(w.alice), "费用是多少？", text("计划.md", plan))
	w.hand(w.bob, w.general, "here are the minutes of Monday", text("minutes.md", minutes))
	w.hand(w.bob, w.general, "thanks!", text("minutes.md", minutes), text("minutes.md", minutes+"\nThe shed was not discussed.\n"))
	w.golden("handed-asking")
	if n := len(w.ws.Calls("download")); n > 5 {
		t.Errorf("%d downloads", n)
	}
	w.clean()
}

// A file that cannot be used is named with what to do, and what was asked beside
// it is answered all the same.
func TestWhatCannotBeReadIsTold(t *testing.T) {
	w, kept := handing(t, setting{bot: Options{MaxFile: 1 << 10}})
	for _, f := range []*slacksim.File{
		text("report.pdf", "%PDF-1.7 \x00\x01"),
		text("archive.zip", "PK\x03\x04 \x00"),
		{Name: "photo.jpg", Mimetype: "image/jpeg", Content: []byte("\xff\xd8\xff")},
		text("large.txt", strings.Repeat("The pond is large. ", 100)),
		text("empty.txt", ""),
		text("blank.md", " \n\n "),
		text("latin.txt", "Caf\xe9s are closed in the evening, as Andr\xe9 said to us."),
		text("*bold* <!channel> https://evil.test\u202e ../../etc/passwd", "%PDF-1.7 \x00"),
	} {
		w.hand(w.alice, w.general, "", f)
	}
	w.hand(w.alice, w.general, askHowMany, text("report.pdf", "%PDF-1.7 \x00"))
	w.hand(w.alice, w.general, "这份报告", text("报告.pdf", "%PDF-1.7 \x00"))
	w.golden("handed-unread")
	if len(kept.kept()) != 0 {
		t.Errorf("kept %v", kept.kept())
	}
	w.clean()
}

func TestAWholeChannelIsAnsweredFromAReport(t *testing.T) {
	w, kept := handing(t, setting{})
	w.hand(w.bob, w.general, "", text("plan.md", plan)) // bob may not choose
	m := w.hand(w.alice, w.general, "", text("minutes.md", minutes))
	confirmed := w.lastOf(m)
	w.did(w.bob.Click(confirmed, wideAction))
	refused := func(times int) func() bool {
		return func() bool { return strings.Count(w.ws.Transcript(), "Only a few people") == times }
	}
	w.until("the refusal", refused(1))
	w.did(w.alice.Click(confirmed, wideAction))
	w.did(w.alice.Click(confirmed, wideAction)) // is told
	w.until("the reply", func() bool { return len(w.seen(w.general, w.alice)) == 1 })
	w.bob.Say(w.general, "What will the pond cost?")
	w.settle()
	w.did(w.bob.Command(w.general, "/footnote", "Who cuts the hedge?"))
	w.bob.Post(w.ws.DM(w.bob), "Who cuts the hedge?") // not that channel's
	w.settle()
	posts := w.general.Posts()
	var told *slacksim.Message
	for _, p := range posts {
		if strings.Contains(shownText(p), "From now on") {
			told = p
		}
	}
	if told == nil || told.IsReply() {
		t.Fatalf("the channel was not told\n%s", w.ws.Transcript())
	}
	w.did(w.bob.Click(told, usualAction))
	w.until("the refusal", refused(2))
	w.did(w.alice.Click(told, usualAction))
	w.bob.Say(w.general, askHowMany)
	w.settle()
	w.golden("handed-channel")
	if r := w.reports(w.general, ""); len(r) != 0 || len(kept.kept()) != 2 {
		t.Errorf("the channel is answered from %q, kept are %v", r, kept.kept())
	}
	w.clean()
}

func TestADirectMessageIsAnsweredFromAReport(t *testing.T) {
	w, _ := handing(t, setting{})
	im := w.ws.DM(w.bob)
	m := w.hand(w.bob, im, "", text("minutes.md", minutes))
	w.did(w.bob.Click(w.lastOf(m), wideAction))
	w.bob.Post(im, "Who cuts the hedge?")
	w.settle()
	w.golden("handed-direct")
	w.clean()
}

// A deleted file or message is forgotten wherever it is used, and nobody gets an
// answer from another report in its place.
func TestAReportThatIsDeletedIsForgotten(t *testing.T) {
	for name, remove := range map[string]func(w *world, m *slacksim.Message, f *slacksim.File){
		"file":    func(w *world, _ *slacksim.Message, f *slacksim.File) { w.alice.DeleteFile(f.ID) },
		"message": func(w *world, m *slacksim.Message, _ *slacksim.File) { w.alice.Delete(m) },
	} {
		t.Run(name, func(t *testing.T) {
			w, kept := handing(t, setting{})
			q := w.alice.Say(w.general, askHowMany)
			w.settle()
			f := text("minutes.md", minutes)
			m := w.alice.Upload(w.general, "", []*slacksim.File{f}, slacksim.InThread(q.TS))
			w.settle()
			w.did(w.alice.Click(w.lastOf(q), wideAction))
			w.alice.Post(w.general, "Who cuts the hedge?", slacksim.InThread(q.TS))
			w.settle()
			if r := append(w.reports(w.general, ""), w.reports(w.general, q.TS)...); len(r) != 2 {
				t.Fatalf("used are %q\n%s", r, w.ws.Transcript())
			}
			remove(w, m, f)
			w.settle()
			w.until("the content to be erased", func() bool { return len(kept.kept()) == 0 })
			w.alice.Post(w.general, "What will the pond cost?", slacksim.InThread(q.TS))
			w.settle()
			if got := shownText(w.lastOf(q)); !strings.Contains(got, "no longer kept") {
				t.Errorf("answered with %q", got)
			}
			if r := append(w.reports(w.general, ""), w.reports(w.general, q.TS)...); len(r) != 0 {
				t.Errorf("still used are %q", r)
			}
			w.golden("handed-deleted-" + name)
			w.clean()
		})
	}
}

// A content that is lost is fetched from Slack again, and where that fails, the
// thread is told.
func TestAContentThatIsLost(t *testing.T) {
	w, kept := handing(t, setting{})
	m := w.hand(w.alice, w.general, "Who cuts the hedge?", text("minutes.md", minutes))
	answer := w.lastOf(m)
	w.must(kept.Sweep(w.ctx, nil))
	w.alice.Post(w.general, "How much does the pond hold?", slacksim.InThread(m.TS))
	w.settle()
	if got := shownText(w.lastOf(m)); !strings.Contains(got, "4,000 litres") || len(kept.kept()) != 1 {
		t.Errorf("answered with %q", got)
	}
	w.must(kept.Sweep(w.ctx, nil))
	w.ws.Inject(slacksim.Fault{Method: slacksim.Download, Kind: slacksim.ServerError, Status: 404})
	w.alice.Post(w.general, "What will the pond cost?", slacksim.InThread(m.TS))
	w.settle()
	if got := shownText(w.lastOf(m)); !strings.Contains(got, "no longer kept") {
		t.Errorf("answered with %q", got)
	}
	w.did(w.alice.Click(answer, "source:1"))
	w.until("the source", func() bool { return w.alice.Modal() != nil })
	w.clean()
}

func TestDownloadsThatGoWrong(t *testing.T) {
	t.Parallel()
	always := func(f slacksim.Fault) []slacksim.Fault { f.Method = slacksim.Download; return []slacksim.Fault{f} }
	once := func(f slacksim.Fault) []slacksim.Fault { f.Call = 1; return always(f) }
	for _, test := range []struct {
		name   string
		faults []slacksim.Fault
		sim    slacksim.Options
		limit  time.Duration // of the bot; zero is the usual one
		want   string
	}{
		{name: "slow", faults: once(slacksim.Fault{Kind: slacksim.Slow, Delay: 100 * time.Millisecond}), want: "I have read minutes.md"},
		{name: "too slow", faults: always(slacksim.Fault{Kind: slacksim.Slow, Delay: time.Minute}), limit: 300 * time.Millisecond, want: "could not download minutes.md"},
		{name: "broken off once", faults: once(slacksim.Fault{Kind: slacksim.Malformed}), want: "I have read minutes.md"},
		{name: "broken off", faults: always(slacksim.Fault{Kind: slacksim.Malformed}), want: "could not download minutes.md"},
		{name: "server error", faults: always(slacksim.Fault{Kind: slacksim.ServerError}), want: "could not download minutes.md"},
		{name: "forbidden", faults: always(slacksim.Fault{Kind: slacksim.ServerError, Status: 403}), want: "files:read"},
		{name: "gone", faults: always(slacksim.Fault{Kind: slacksim.ServerError, Status: 404}), want: "cannot see minutes.md"},
		{name: "without the scope", sim: slacksim.Options{Scopes: without("files:read")}, want: "files:read"},
		{name: "no information", faults: []slacksim.Fault{{Method: "files.info", Kind: slacksim.APIError, Code: "file_not_found"}}, want: "cannot see minutes.md"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, kept := handing(t, setting{sim: test.sim, bot: Options{DownloadTimeout: test.limit}})
			for _, f := range test.faults {
				w.ws.Inject(f)
			}
			m := w.hand(w.alice, w.general, "", text("minutes.md", minutes))
			if got := shownText(w.lastOf(m)); !strings.Contains(got, test.want) {
				t.Errorf("answered with %q", got)
			}
			if read := strings.HasPrefix(test.want, "I have read"); read != (len(kept.kept()) == 1) {
				t.Errorf("kept %v", kept.kept())
			}
			if strings.Contains(w.log.String(), "minutes.md") || strings.Contains(w.log.String(), "310 euros") {
				t.Errorf("the log holds what was handed in:\n%s", w.log)
			}
			w.clean()
		})
	}
}

// without are the bot's scopes but one.
func without(scope string) []string {
	var rest []string
	for _, s := range Scopes() {
		if s.Name != scope {
			rest = append(rest, s.Name)
		}
	}
	return rest
}

// In Slack Connect an event only names a file.
func TestAFileInAChannelSharedWithOthers(t *testing.T) {
	w, _ := handing(t, setting{})
	shared := w.ws.AddChannel(slacksim.ChannelSpec{Name: "shared", SharedWith: []string{"T0OTHER"}})
	m := w.hand(w.alice, shared, "", text("minutes.md", minutes))
	if got := shownText(w.lastOf(m)); !strings.Contains(got, "I have read minutes.md") {
		t.Errorf("answered with %q\n%s", got, w.log)
	}
	w.clean()
}

// The token goes to Slack alone, and what Slack shows to those who may not see a
// file is not taken for it.
func TestTheTokenGoesToSlackAlone(t *testing.T) {
	b := &Bot{options: Options{APIURL: "http://127.0.0.1:99/api/"}}
	for address, want := range map[string]bool{
		"https://files.slack.com/files-pri/T1-F1/download/a.txt": true,
		"https://files.slack-gov.com/files-pri/a.txt":            true,
		"http://127.0.0.1:99/files-pri/F1/a.txt":                 true,
		"http://files.slack.com/a.txt":                           false,
		"https://files.slack.com.evil.test/a.txt":                false,
		"https://evilslack.com/a.txt":                            false,
		"https://slack.com@evil.test/a.txt":                      false,
		"https://a@files.slack.com/a.txt":                        false,
		"https://files.slack.com:8443/a.txt":                     false,
		"https://127.0.0.1:99/a.txt":                             false,
		"http://127.0.0.1:98/a.txt":                              false,
		"file:///etc/passwd":                                     false,
		"":                                                       false,
	} {
		at, err := url.Parse(address)
		if err != nil || b.isSlacks(at) != want {
			t.Errorf("%q: %v, %v", address, !want, err)
		}
	}
}

// A page in the place of a file: redirected to another host, or there at once.
func TestASignInPageIsNoReport(t *testing.T) {
	for name, answer := range map[string]*http.Response{
		"elsewhere": {StatusCode: 302, Header: http.Header{"Location": {"https://acme.slack.com/?redir=x"}}},
		"evil":      {StatusCode: 302, Header: http.Header{"Location": {"https://evil.test/minutes.md"}}},
		"at once":   {StatusCode: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w, kept := handing(t, setting{wrap: func(inner http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					switch {
					case strings.HasPrefix(r.URL.Path, "/files-pri/"):
						answer := *answer
						answer.Body, answer.Request = http.NoBody, r
						return &answer, nil
					case !strings.HasPrefix(r.URL.Path, "/api/") && r.Header.Get("Authorization") != "":
						t.Errorf("the token went to %s", r.URL.Host)
					}
					return inner.RoundTrip(r)
				})
			}})
			m := w.hand(w.alice, w.general, "", text("minutes.md", minutes))
			if got := shownText(w.lastOf(m)); !strings.Contains(got, "files:read") || len(kept.kept()) != 0 {
				t.Errorf("answered with %q", got)
			}
			w.clean()
		})
	}
}

// Neither a file's name nor what is in it has an effect in what is told of it.
func TestHostileFilesHaveNoEffect(t *testing.T) {
	w, _ := handing(t, setting{})
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 16 {
		heading := strings.ReplaceAll(hostile(r), "\n", " ")
		heading = heading[:min(len(heading), 300)]
		content := strings.ToValidUTF8(strings.ReplaceAll("# "+heading+"\n\n"+hostile(r)+" The pond holds 4,000 litres.\n\n## "+heading+" pond\n\nIt costs 310 euros.\n", "\x00", ""), "")
		name := strings.NewReplacer("/", "", "?", "", "#", "", "%", "", "\\", "", "\x00", "").Replace(hostile(r))
		m := w.hand(w.alice, w.general, "", text(strings.ToValidUTF8(name[:min(len(name), 150)], "")+".md", content))
		if got := shownText(w.lastOf(m)); i < 3 && got == "" {
			t.Errorf("%q is answered with nothing", name)
		}
		if i%8 == 0 {
			w.did(w.alice.Click(w.lastOf(m), wideAction))
		}
	}
	if n := strings.Count(w.ws.Transcript(), "I have read") + strings.Count(w.ws.Transcript(), "我已读完"); n < 8 {
		t.Errorf("%d were read", n)
	}
	w.clean()
}

// The same file in two private channels is the same corpus: the answer of the one
// is not shown to those who can read only the other.
func TestAnAnswerAboutAReportStaysWhereItWasGiven(t *testing.T) {
	w, _ := handing(t, setting{})
	secret := w.ws.AddChannel(slacksim.ChannelSpec{Name: "secret", Kind: slacksim.Private, Members: []*slacksim.User{w.alice}})
	w.hand(w.alice, secret, "What will the pond cost?", text("minutes.md", minutes))
	w.hand(w.bob, w.general, "What will the pond cost?", text("minutes.md", minutes))
	w.alice.Say(w.general, "What will the pond cost?")
	w.settle()
	if strings.Contains(w.ws.Transcript(), "was asked before") {
		t.Error(w.ws.Transcript())
	}
	w.clean()
}

// Who may not ask has nothing read, and a talk between people is no report.
func TestOnlyWhatIsMeantForTheBotIsRead(t *testing.T) {
	w, kept := handing(t, setting{})
	guest := w.ws.AddUser(slacksim.UserSpec{Name: "guest", Kind: slacksim.Guest})
	w.hand(guest, w.general, "", text("minutes.md", minutes))
	w.bob.Upload(w.general, "the minutes, for alice", []*slacksim.File{text("minutes.md", minutes)})
	w.settle()
	if n := len(w.ws.Calls("files.info")); n != 0 || len(kept.kept()) != 0 {
		t.Errorf("%d files were asked about, kept %v", n, kept.kept())
	}
	w.clean()
}

// A file that is deleted while it is read is forgotten.
func TestAFileThatIsDeletedWhileItIsRead(t *testing.T) {
	var w *world
	f := text("minutes.md", minutes)
	w, kept := handing(t, setting{bot: Options{Reached: func(point string) {
		if point == "downloaded" {
			w.alice.DeleteFile(f.ID)
		}
	}}})
	m := w.hand(w.alice, w.general, "", f)
	if got := shownText(w.lastOf(m)); !strings.Contains(got, "cannot see minutes.md") {
		t.Errorf("answered with %q", got)
	}
	w.until("the content to be erased", func() bool { return len(kept.kept()) == 0 })
	if r := w.reports(w.general, m.TS); len(r) != 0 {
		t.Errorf("used are %q", r)
	}
	w.clean()
}

func TestAThreadTakesSoManyFiles(t *testing.T) {
	w, _ := handing(t, setting{bot: Options{MaxFile: 200}})
	var m *slacksim.Message
	for i := range 4 {
		f := text(fmt.Sprintf("%d.txt", i), strings.Repeat(fmt.Sprintf("Part %d is here. ", i), 12)[:190])
		if m == nil {
			m = w.hand(w.alice, w.general, "", f)
			continue
		}
		w.alice.Upload(w.general, "", []*slacksim.File{f}, slacksim.InThread(m.TS))
		w.settle()
	}
	if got := shownText(w.lastOf(m)); !strings.Contains(got, "did not read 3.txt") {
		t.Errorf("answered with %q", got)
	}
}

func TestWhatIsSaidBesideAFile(t *testing.T) {
	for said, want := range map[string]bool{
		"Here are the minutes of Monday.":               true,
		"please read this":                              true,
		"Hi, here's the report for Q3":                  true,
		"see attached":                                  true,
		"FYI":                                           true,
		"Use the attached file":                         true,
		"这是周一的会议纪要":                                     true,
		"请看附件":                                          true,
		"请阅读这份报告":                                       true,
		"Here are the minutes. What was decided?":       false,
		"Read this and tell me what was decided":        false,
		"What will the pond cost?":                      false,
		"Who wrote this":                                false,
		"This is about ponds, which of them is large":   false,
		"Summarise the report":                          false,
		"Here are the minutes: list the decisions":      false,
		"请看附件，费用是多少":                                    false,
		"这份报告讲了什么":                                      false,
		"池塘的费用":                                         false,
		"please read this. " + strings.Repeat("x", 400): false,
	} {
		if got := handsOver(said); got != want {
			t.Errorf("%q: %v", said, got)
		}
	}
}

func TestFilesOfAnEventAreReadAsFarAsTheyCanBe(t *testing.T) {
	c, err := decodeCallback([]byte(`{"event":{"type":"message","text":"hi","files":[{"id":"F1","name":"a.txt","size":5},{"id":7},"x",{"id":"F2","size":"large"},{"name":"b"},{"id":"F3","mode":"tombstone"}]}}`))
	if err != nil || c.Event.Text != "hi" || len(c.Event.Files) != 2 || len(c.Event.handedIn()) != 1 {
		t.Errorf("%+v, %v", c.Event, err)
	}
	if c, err = decodeCallback([]byte(`{"event":{"type":"message","text":"hi","files":{"a":1}}}`)); err != nil || c.Event.Text != "hi" {
		t.Errorf("%+v, %v", c.Event, err)
	}
	var many incoming
	for i := range 50 {
		many.Files = append(many.Files, file{ID: fmt.Sprint("F", i), Name: strings.Repeat("n", 1000)})
	}
	if kept := many.handedIn(); len(kept) != mostFiles || len(kept[0].Name) > 3*maxFileName {
		t.Errorf("%d files, %d bytes", len(kept), len(kept[0].Name))
	}
}

// The engines of handed in reports are the library's: a bot without one takes a
// message with a file as the question that it is.
func TestWithoutALibraryAFileIsNoMatter(t *testing.T) {
	w := start(t, setting{engine: saying(bot.Answer{Text: "Yes.", Outcome: bot.Social})})
	m := w.hand(w.alice, w.general, "Is it?", text("minutes.md", minutes))
	if got := shownText(w.lastOf(m)); !strings.Contains(got, "Yes.") || len(w.ws.Calls("files.info")) != 0 {
		t.Errorf("answered with %q", got)
	}
	w.clean()
}

// A report whose content is lost is no reason to leave somebody's Home tab empty.
func TestTheHomeTabWithoutAReportsContent(t *testing.T) {
	w, kept := handing(t, setting{})
	m := w.hand(w.bob, w.ws.DM(w.bob), "", text("minutes.md", minutes))
	w.did(w.bob.Click(w.lastOf(m), wideAction))
	w.must(kept.Sweep(w.ctx, nil))
	w.ws.Inject(slacksim.Fault{Method: slacksim.Download, Kind: slacksim.ServerError, Status: 404})
	w.bob.OpenHome()
	w.until("what comes of it", func() bool { return w.ws.Idle() && !w.bot.Busy() })
	if w.bob.Home() == nil {
		t.Errorf("no Home tab\n%s", w.log)
	}
	w.clean()
}

// A file can be shared in many places, by whoever sees it. Who deletes a message
// of theirs takes it from nobody else.
func TestAFileThatIsSharedElsewhereStaysThere(t *testing.T) {
	w, kept := handing(t, setting{})
	f := text("minutes.md", minutes)
	m := w.hand(w.alice, w.general, "Who cuts the hedge?", f)
	im := w.ws.DM(w.bob)
	shared := map[string]any{"type": "message", "subtype": "file_share", "user": w.bob.ID, "text": "What will the pond cost?",
		"ts": next(m.TS, 100), "files": []map[string]any{{"id": f.ID, "name": f.Name, "mode": "hosted"}}}
	w.ws.Emit(map[string]any{"type": "message", "subtype": "file_share", "channel": im.ID, "channel_type": "im", "user": w.bob.ID,
		"text": shared["text"], "ts": shared["ts"], "files": shared["files"]})
	w.settle()
	if r := w.reports(im, next(m.TS, 100)); len(r) != 1 {
		t.Fatalf("bob's thread is answered from %q", r)
	}
	w.ws.Emit(map[string]any{"type": "message", "subtype": "message_deleted", "channel": im.ID, "channel_type": "im",
		"deleted_ts": shared["ts"], "previous_message": shared, "ts": next(m.TS, 200), "hidden": true})
	w.settle()
	if r := w.reports(im, next(m.TS, 100)); len(r) != 0 {
		t.Errorf("bob's thread is still answered from %q", r)
	}
	if r := w.reports(w.general, m.TS); len(r) != 1 || len(kept.kept()) != 1 {
		t.Errorf("alice's thread is answered from %q\n%s", r, w.log)
	}
}

// People press twice where nothing seems to happen.
func TestAChoiceIsMadeAndToldOnce(t *testing.T) {
	w, _ := handing(t, setting{})
	m := w.hand(w.alice, w.general, "", text("minutes.md", minutes))
	button := w.lastOf(m)
	before := len(w.general.Posts())
	for round := range 2 {
		presses := []*slacksim.Interaction{}
		for range 4 {
			presses = append(presses, w.alice.Click(button, wideAction))
		}
		for _, p := range presses {
			w.did(p)
		}
		posts := w.general.Posts()
		if n := len(posts) - before; n != 2*round+1 {
			t.Fatalf("told %d times\n%s", n, w.ws.Transcript())
		}
		w.did(w.alice.Click(posts[len(posts)-1], usualAction))
		if n := len(w.general.Posts()) - before; n != 2*round+2 {
			t.Fatalf("told %d times that it is over\n%s", n, w.ws.Transcript())
		}
	}
	w.clean()
}
