package llmsim

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

// A Passage is what a marker [N] cites.
type Passage struct {
	N       int
	Text    string // verbatim, lines separated by newlines
	Source  string
	Heading string
}

// A Task is what a prompt asks for.
type Task string

// The tasks: an answer with markers; a summary of the report with markers; a
// sentence that failed a check in its corrected form; a follow-up question in
// a form that stands alone; the questions that a passage answers. Other is a
// prompt without any of these.
const (
	Ask       Task = "ask"
	Summarise Task = "summarise"
	Repair    Task = "repair"
	Rewrite   Task = "rewrite"
	Enrich    Task = "enrich"
	Other     Task = "other"
)

// A Prompt is what the model was asked, as far as the messages say.
type Prompt struct {
	Task     Task
	System   string // the first system message
	Passages []Passage
	Question string
	Sentence string // of a repair: what failed
	Reason   string // of a repair: why
	Turns    []Turn // of a rewrite: the conversation so far
	// Sentences and Languages are what an enrichment is of and for.
	Sentences, Languages []string
}

// A Turn is a question and its answer.
type Turn struct{ Question, Answer string }

// Passage finds a passage by its number.
func (p Prompt) Passage(n int) (Passage, bool) {
	for _, passage := range p.Passages {
		if passage.N == n {
			return passage, true
		}
	}
	return Passage{}, false
}

// ParsePrompt reads a conversation as Footnote writes it. It takes any input;
// what is not there is left empty.
func ParsePrompt(messages []Message) Prompt {
	p := Prompt{Task: Other}
	for i, m := range messages {
		switch {
		case i == 0 && (m.Role == "system" || m.Role == "developer"):
			p.System = m.Content
		case m.Role == "assistant":
		case strings.HasPrefix(p.System, "REWRITE"):
			p.readConversation(m.Content)
		case strings.HasPrefix(p.System, "ENRICH"):
			if len(p.Sentences) == 0 { // the later ones complain of a reply
				p.readEnrichment(m.Content)
			}
		case strings.HasPrefix(m.Content, "CHECK FAILED"):
			p.Task = Repair
			p.Sentence, p.Reason = lineAfter(m.Content, "SENTENCE: "), lineAfter(m.Content, "REASON: ")
		default:
			p.readQuestion(m.Content)
		}
		if m.Role != "assistant" {
			p.addPassages(ParsePassages(m.Content))
		}
	}
	return p
}

// addPassages keeps the last passage of each number.
func (p *Prompt) addPassages(passages []Passage) {
next:
	for _, passage := range passages {
		for i := range p.Passages {
			if p.Passages[i].N == passage.N {
				p.Passages[i] = passage
				continue next
			}
		}
		p.Passages = append(p.Passages, passage)
	}
}

var tasks = []struct {
	label string
	task  Task
}{{"QUESTION:\n", Ask}, {"SUMMARISE:\n", Summarise}}

// readQuestion looks behind the passages, whose text may say anything.
func (p *Prompt) readQuestion(content string) {
	if i := strings.LastIndex(content, "\n</passages>"); i >= 0 {
		content = content[i+len("\n</passages>"):]
	}
	at := len(content)
	for _, t := range tasks {
		if i := lineStart(content, t.label); i >= 0 && i < at {
			at = i
			p.Task, p.Question = t.task, content[i+len(t.label):]
		}
	}
}

// lineStart is where a label first stands at the start of a line, or -1.
func lineStart(text, label string) int {
	if strings.HasPrefix(text, label) {
		return 0
	}
	if i := strings.Index(text, "\n"+label); i >= 0 {
		return i + 1
	}
	return -1
}

// lineAfter is the rest of the line that starts with a label.
func lineAfter(text, label string) string {
	i := lineStart(text, label)
	if i < 0 {
		return ""
	}
	line, _, _ := strings.Cut(text[i+len(label):], "\n")
	return strings.TrimRight(line, "\r")
}

// readConversation reads the turns of a rewrite and its question.
func (p *Prompt) readConversation(content string) {
	p.Task = Rewrite
	if i := strings.LastIndex("\n"+content, "\nQUESTION:\n"); i >= 0 {
		p.Question = content[i+len("QUESTION:\n"):]
		content = content[:max(0, i-1)]
	}
	p.Turns = nil
	if i := lineStart(content, "CONVERSATION:\n"); i >= 0 {
		content = content[i+len("CONVERSATION:\n"):]
	}
	answering := false
	for line := range strings.SplitSeq(content, "\n") {
		question, isQuestion := strings.CutPrefix(line, "Q: ")
		answer, isAnswer := strings.CutPrefix(line, "A: ")
		last := len(p.Turns) - 1
		switch {
		case isQuestion:
			p.Turns = append(p.Turns, Turn{Question: question})
			answering = false
		case last < 0:
		case isAnswer && !answering:
			p.Turns[last].Answer = answer
			answering = true
		case answering:
			p.Turns[last].Answer += "\n" + line
		default:
			p.Turns[last].Question += "\n" + line
		}
	}
}

var (
	passageLine = regexp.MustCompile(`^<passage((?: [a-z]+="[^"]*")*) ?>$`)
	attribute   = regexp.MustCompile(` ([a-z]+)="([^"]*)"`)
)

// ParsePassages reads the passages between <passages> and </passages>, tags on
// lines of their own. A passage without a number, or never closed, is skipped.
func ParsePassages(content string) []Passage {
	var passages []Passage
	var lines []string
	var open *Passage
	inside := false
	for line := range strings.SplitSeq(content, "\n") {
		tag := passageLine.FindStringSubmatch(line)
		switch {
		case open != nil && line == "</passage>":
			open.Text = strings.Join(lines, "\n")
			passages = append(passages, *open)
			open = nil
		case open != nil:
			lines = append(lines, line)
		case line == "<passages>":
			inside = true
		case line == "</passages>":
			inside = false
		case inside && tag != nil:
			open, lines = readTag(tag[1]), nil
		}
	}
	return passages
}

// readTag reads a tag's attributes; nil without a number.
func readTag(attributes string) *Passage {
	p := Passage{N: -1}
	for _, a := range attribute.FindAllStringSubmatch(attributes, -1) {
		value := html.UnescapeString(a[2])
		switch a[1] {
		case "n":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return nil
			}
			p.N = n
		case "source":
			p.Source = value
		case "heading":
			p.Heading = value
		}
	}
	if p.N < 0 {
		return nil
	}
	return &p
}
