package llmsim

import (
	"encoding/json"
	"strings"
	"testing"
)

func enrichmentRequest(sentences ...string) Request {
	var b strings.Builder
	b.WriteString("<passage source=\"a.txt, paragraph 1\">\n")
	for _, s := range sentences {
		b.WriteString("1. " + s + "\n")
	}
	b.WriteString("</passage>\nLANGUAGES: en (English), zh (Chinese)")
	return Request{Messages: []Message{{"system", "ENRICH a passage."}, {"user", b.String()}}}
}

func TestAnHonestModelAsksInThePassagesOwnWords(t *testing.T) {
	text := Faithful()(enrichmentRequest("The harbour opened in 1871.", "It cost 5,000 pounds.")).Text
	var reply struct {
		Context string
		En, Zh  [][2]any
	}
	if err := json.Unmarshal([]byte(text), &reply); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if len(reply.En) != 4 || len(reply.Zh) != 4 || reply.Context == "" {
		t.Errorf("it wrote %s", text)
	}
	if reply.En[0] != [2]any{"What is said about harbour opened 1871?", 1.0} || reply.En[2][1] != 2.0 {
		t.Errorf("its questions are %v", reply.En)
	}
}

func TestMannersAreWhatTheySay(t *testing.T) {
	request := enrichmentRequest("The harbour opened in 1871.")
	whole := Enriching(Plainly)(request).Text
	for manner, holds := range map[Manner]func(string) bool{
		Fenced:       func(s string) bool { return strings.Contains(s, "```json\n"+whole+"\n```") },
		Thoughtful:   func(s string) bool { return strings.HasSuffix(s, "</think>\n\n"+whole) },
		Garbled:      func(s string) bool { return !json.Valid([]byte(s)) },
		Halved:       func(s string) bool { return strings.HasPrefix(whole, s) && !json.Valid([]byte(s)) },
		Thousands:    func(s string) bool { return strings.Count(s, "What is said of matter") == 6000 },
		Instructing:  func(s string) bool { return strings.Contains(s, "evil.example") },
		Misnumbering: func(s string) bool { return json.Valid([]byte(s)) && !strings.Contains(s, ",1]") },
		Pointing:     func(s string) bool { return strings.Contains(s, "this passage") },
		Silent:       func(s string) bool { return strings.Contains(s, `"en":[]`) },
		Elsewhere:    func(s string) bool { return !strings.Contains(s, `"en"`) },
	} {
		if text := Enriching(manner)(request).Text; !holds(text) {
			t.Errorf("manner %d: %.300s", manner, text)
		}
	}
	question := Request{Messages: []Message{{"user", passagesText + "\nQUESTION:\nWho built the lighthouse?"}}}
	if got, want := Enriching(Garbled)(question).Text, Faithful()(question).Text; got != want {
		t.Errorf("a question gets %q, want %q", got, want)
	}
}
