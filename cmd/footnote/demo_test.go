package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"footnote/bot/slackbot/slacksim"
)

var update = flag.Bool("update", false, "write the golden files and the recorded session")

// The picture in the README is what the program shows today.
func TestTheRecordedSessionIsUpToDate(t *testing.T) {
	t.Parallel()
	script, err := os.Open("../../docs/demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer script.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "demo.svg")
	cmd := exec.Command(program, "demo", "--record", file)
	cmd.Args[0] = "footnote" // TestMain then runs the program
	cmd.Dir, cmd.Stdin = t.TempDir(), script
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "FOOTNOTE_") && !strings.HasPrefix(name, "OPENAI_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "FOOTNOTE_DATA="+t.TempDir(), "GORACE=atexit_sleep_ms=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "../../docs/demo.svg"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s shows another session; -update writes it", golden)
	}
}

func TestAPictureKeepsColumnsAndStyles(t *testing.T) {
	svg := picture("\n\x1b[1mbold\x1b[0m <plain> & \x1b[2mdim\x1b[0m\n  二列 x\n\n", 40)
	for _, want := range []string{
		`<text x="16.0" y="44" textLength="33.6" class="b">bold</text>`,
		`<text x="58.0" y="44" textLength="75.6">&lt;plain&gt; &amp;</text>`,
		`<text x="142.0" y="44" textLength="25.2" class="d">dim</text>`,
		`<text x="32.8" y="63" textLength="33.6">二列</text>`, // two columns each
		`<text x="74.8" y="63" textLength="8.4">x</text>`,
		`width="368" height="84"`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("there is no %s in\n%s", want, svg)
		}
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// shownBy is what a display shows of a workspace.
func shownBy(t *testing.T, act func(ws *slacksim.Workspace, v *visitor, show func())) string {
	t.Helper()
	ws := slacksim.New(t, slacksim.Options{BotName: botName})
	var out bytes.Buffer
	v := newVisitor(ws, &screen{Writer: &out, width: 60})
	act(ws, v, func() { v.show(false, true) })
	return out.String()
}

func TestWhateverAnAppPostsIsShown(t *testing.T) {
	blocks := []slacksim.Block{
		{"type": "markdown", "text": "It costs 4\\* crowns &lt;today&gt;. [1]"},
		{"type": "header", "text": map[string]any{"type": "plain_text", "text": "Head"}},
		{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": "To <@U000000003> in <#C000000001>, see <https://a.test|there>"},
			"accessory": map[string]any{"type": "overflow", "action_id": "more", "options": []any{
				map[string]any{"value": "a", "text": map[string]any{"type": "plain_text", "text": "First"}},
				map[string]any{"value": "b", "text": map[string]any{"type": "plain_text", "text": "Second"}},
			}}},
		{"type": "context_actions", "elements": []any{map[string]any{"type": "feedback_buttons", "action_id": "vote",
			"positive_button": map[string]any{"value": "up", "text": map[string]any{"type": "plain_text", "text": "Good"}},
			"negative_button": map[string]any{"value": "down", "text": map[string]any{"type": "plain_text", "text": "Bad"}}}}},
		{"type": "actions", "elements": []any{map[string]any{"type": "button", "action_id": "go", "text": map[string]any{"type": "plain_text", "text": "Go\x1b[2J"}}}},
		{"type": "divider"},
		{"type": "unheard_of"},
	}
	got := shownBy(t, func(ws *slacksim.Workspace, v *visitor, _ func()) {
		m := &slacksim.Message{Channel: v.general.ID, TS: "1.000000", ThreadTS: "0.000001", User: ws.Bot.ID, BotID: ws.BotID, Text: "a preview", Blocks: blocks, EphemeralTo: v.me.ID}
		v.print(v.message(m, "edited") + "\n")
	})
	want := `    Footnote (edited, only you can see this): It costs 4*
      crowns <today>. [1]
      *Head*
      To @alice in #general, see there   :1 (First)   :2
      (Second)
      :3 (Good)   :4 (Bad)
      :5 (Go[2J)
      ———
      [unheard_of]
`
	if got != want {
		t.Errorf("shown is\n%swant\n%s", got, want)
	}
}

func TestWhatIsTakenAwayOrForOthersIsShownSo(t *testing.T) {
	got := shownBy(t, func(ws *slacksim.Workspace, v *visitor, show func()) {
		v.take(":say good morning")
		v.showPeople()
		v.take(":as bob")
		v.take(":dm") // bob's
		v.take(":say between us")
		show()
		v.take(":as alice")
		v.take(":say again")
		show()
		v.take(":delete")
		show()
	})
	want := `
#general
alice: good morning
(you are bob now)
(bob opens the messages with Footnote)

Direct message with Footnote
bob: between us
(you are alice now)

#general
alice: again
    × deleted: alice: again
`
	if got != want {
		t.Errorf("shown is\n%swant\n%s", got, want)
	}
}

func TestAnAnswerThatIsWrittenGoesOnInItsPlace(t *testing.T) {
	got := shownBy(t, func(ws *slacksim.Workspace, v *visitor, _ func()) {
		v.take(":say who?")
		v.showPeople()
		m := &slacksim.Message{Channel: v.general.ID, TS: "9", ThreadTS: v.last[v.me].TS, User: ws.Bot.ID, BotID: ws.BotID, Text: "Ada was it.", Stream: &slacksim.Stream{}}
		v.showMessage(v.general, m, false)
		m.Text += " She said so on the first day of the year, and nobody"
		v.showMessage(v.general, m, false)
		m.Text += " minded."
		m.Stream.State = slacksim.Stopped
		m.Blocks = []slacksim.Block{{"type": "context", "elements": []any{map[string]any{"type": "plain_text", "text": "[1] ¶1"}}}}
		v.showMessage(v.general, m, false)
		v.showMessage(v.general, m, true)
		m.Text = "It was Bert."
		v.showMessage(v.general, m, true)
	})
	want := `
#general
alice: who?
    Footnote: Ada was it. She said so on the first day of
      the year, and nobody minded.
      [1] ¶1
    Footnote (edited): It was Bert.
      [1] ¶1
`
	if got != want {
		t.Errorf("shown is\n%swant\n%s", got, want)
	}
}

func TestAWindowIsFilledInByItsLabels(t *testing.T) {
	option := func(text, value string) any {
		return map[string]any{"value": value, "text": map[string]any{"type": "plain_text", "text": text}}
	}
	why := input{kind: "radio_buttons", label: "Why", element: map[string]any{"options": []any{option("Wrong", "w"), option("Other", "o")}}}
	if s := why.state(map[string]string{"Why": "oth"}); s["selected_option"].(map[string]any)["value"] != "o" {
		t.Error(s)
	}
	all := input{kind: "checkboxes", label: "All", element: why.element}
	if s := all.state(map[string]string{"All": "wrong, other"}); len(s["selected_options"].([]any)) != 2 {
		t.Error(s)
	}
	text := input{kind: "plain_text_input", label: "Text", element: map[string]any{"initial_value": "so far"}}
	if s := text.state(nil); s["value"] != "so far" {
		t.Error(s)
	}
	if s := text.state(map[string]string{"Text": "more"}); s["value"] != "more" {
		t.Error(s)
	}
}
