package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"footnote/bot/cite"
	"footnote/corpus"
	"footnote/retrieval"
)

// unlikely is the confidence below which no model is asked: nothing that was
// found has to do with the question.
const unlikely = 0.04

// A Refuser is an [Answerer] that can say that the corpus does not answer a
// question, in the asker's language, before the nearest headings.
type Refuser interface {
	Refusal(question string, found *retrieval.Result) string
}

func (e *Engine) refusal(question string, found *retrieval.Result, zh bool) string {
	if r, ok := e.quote.(Refuser); ok {
		return r.Refusal(question, found)
	}
	return pick(zh, "The report does not say.", "报告没有提到。")
}

// models reports whether a question in a mode is a model's to answer.
func (e *Engine) models(m Mode) bool { return e.writer != nil && m != ModeQuote }

// withModel has the model answer, within the time limit of the context writing.
// Where it fails, or nothing that it wrote holds, quote answers in its place; in
// ModeLLM a failure is an error.
func (e *Engine) withModel(ctx, writing context.Context, q Question, r Request, found *retrieval.Result, quote func() (Answer, error)) (Answer, error) {
	zh := InChinese(r.Question)
	if err := e.rest.now(); err != nil && q.Mode != ModeLLM {
		return e.inQuotes(quote, Usage{}, failed(err, zh), zh)
	}
	began := time.Now()
	w, err := e.write(writing, q, r, e.refusal(r.Question, found, zh))
	if err != nil {
		if shown := new(showError); ctx.Err() != nil || errors.As(err, &shown) || q.Mode == ModeLLM {
			return Answer{}, fmt.Errorf("asking the language model: %w", err)
		}
		e.noteFailure(ctx, err, time.Since(began))
		return e.inQuotes(quote, w.usage, failed(err, zh), zh)
	}
	silent := w.notFound || len(w.result.Citations) == 0
	if silent && !w.notFound && !cite.Silence(w.text) {
		if w.stopped {
			a := e.stopped(zh)
			a.Mode, a.Model, a.Tokens = ModeLLM, e.writer.Model(), w.usage
			return a, nil
		}
		e.log.WarnContext(ctx, "nothing of the language model's answer held; answering in quotes", "model", e.writer.Model())
		return e.inQuotes(quote, w.usage, unchecked(w, zh), zh)
	}
	draft := Draft{Outcome: Answered, Model: e.writer.Model()}
	if silent {
		draft.Outcome = NotFound
	}
	checked := w.result
	checked.Text = w.text
	a := e.assemble(draft, checked, found, zh)
	a.Mode, a.Tokens = ModeLLM, w.usage
	a.Notice = joinNotices(leftOut(w.result.Checks.SentencesWithdrawn, zh), cutShort(w.cut, zh), endedEarly(w.stopped, zh))
	return a, nil
}

// noteFailure tells the log why a model did not answer, and gives it a rest
// where it was the model that failed.
func (e *Engine) noteFailure(ctx context.Context, err error, took time.Duration) {
	if errors.Is(err, ErrBudget) {
		e.log.InfoContext(ctx, "the budget of the language model is used up; answering in quotes", "model", e.writer.Model())
		return
	}
	e.rest.after(err, took)
	e.log.WarnContext(ctx, "the language model failed; answering in quotes", "model", e.writer.Model(), "error", err)
}

// A rest spares the asker the wait for a model that has just kept another one
// waiting in vain.
type rest struct {
	mu    sync.Mutex
	until time.Time
	err   error
}

const (
	longWait = 5 * time.Second  // a failure that takes longer brings on a rest
	resting  = 20 * time.Second // for so long
)

// now returns why the model is not asked, nil when it is.
func (r *rest) now() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.until) {
		return r.err
	}
	return nil
}

func (r *rest) after(err error, took time.Duration) {
	if took < longWait {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until, r.err = time.Now().Add(resting), err
}

// inQuotes answers in the corpus's own sentences, and says why.
func (e *Engine) inQuotes(quote func() (Answer, error), used Usage, why string, zh bool) (Answer, error) {
	a, err := quote()
	if err != nil {
		return Answer{}, err
	}
	if a.Refused {
		why += pick(zh, ".", "。")
	} else {
		why += pick(zh, ", so these are the report's own sentences.", "，以下是报告原文。")
	}
	a.Tokens, a.Notice = used, joinNotices(why, a.Notice)
	return a, nil
}

// failed says why a model did not answer.
func failed(err error, zh bool) string {
	reason := ""
	var known interface{ Reason() string }
	switch {
	case errors.As(err, &known):
		reason = known.Reason()
	case errors.Is(err, context.DeadlineExceeded):
		reason = "it took too long"
	}
	switch {
	case zh && chineseReasons[reason] != "":
		return "语言模型未能回答（" + chineseReasons[reason] + "）"
	case zh:
		return "语言模型未能回答"
	case reason == "":
		return "The language model did not answer"
	}
	return "The language model did not answer (" + reason + ")"
}

// chineseReasons are the reasons that a Writer gives, for a Chinese asker.
var chineseReasons = map[string]string{
	"it could not be reached":        "无法连接",
	"it refused the key":             "密钥被拒绝",
	"it does not have the model":     "没有该模型",
	"it is over its limit":           "请求过多",
	"its quota is used up":           "额度已用完",
	"it is overloaded or failing":    "服务过载或出错",
	"it took too long":               "等待超时",
	"it refused the request":         "请求被拒绝",
	"it was interrupted":             "被中断",
	"its response could not be used": "返回的内容无法使用",
	"it declined to answer":          "拒绝回答",
	"its content filter stopped it":  "被内容过滤器拦截",
	"it was cut off":                 "回答中断",
	"its settings cannot work":       "设置有误",
	"today's budget is used up":      "今天的额度已用完",
}

// unchecked says why nothing of what a model wrote is shown.
func unchecked(w written, zh bool) string {
	switch {
	case w.result.Checks.SentencesWithdrawn > 0:
		return pick(zh, "What the language model wrote did not hold against the report", "语言模型的回答与报告原文不符")
	case w.cut:
		return pick(zh, "The language model reached its limit of tokens before it answered", "语言模型在回答之前已用完字数")
	}
	return pick(zh, "The language model gave no answer", "语言模型没有给出回答")
}

func leftOut(n int, zh bool) string {
	switch {
	case n == 0:
		return ""
	case zh:
		return "有" + spelledChinese(n) + "句话因与报告原文不符而未予显示。"
	case n == 1:
		return "One sentence was left out because it did not hold against the report."
	}
	return upperFirst(spelled(n)) + " sentences were left out because they did not hold against the report."
}

func cutShort(cut, zh bool) string {
	if !cut {
		return ""
	}
	return pick(zh, "The answer grew too long and was cut off.", "回答过长，已被截断。")
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// passagesFor chooses what the model is given for a question: the whole corpus
// where that is wanted, else the best passages.
func (e *Engine) passagesFor(found *retrieval.Result) (passages []corpus.Passage, nearest []int) {
	hits := best(found, passagesShown)
	if !e.whole {
		for _, h := range hits {
			passages = append(passages, h.Passage)
		}
		return passages, nil
	}
	number := make(map[string]int, len(e.corpus.Passages))
	for i, p := range e.corpus.Passages {
		number[p.ID] = i + 1
	}
	for _, h := range hits {
		nearest = append(nearest, number[h.Passage.ID])
	}
	return e.corpus.Passages, nearest
}

// passagesOfWhole chooses what the model is given for a question about the
// corpus as a whole: the leading passage of each part that an overview shows,
// and where there is room the one after it.
func (e *Engine) passagesOfWhole() []corpus.Passage {
	if e.whole {
		return e.corpus.Passages
	}
	const room = 16
	parts, _, most := e.parts()
	n := min(len(parts), most, room)
	var chosen []corpus.Passage
	for _, p := range spread(parts, n) {
		lead, _ := leadingSentence(p.passages)
		chosen = append(chosen, lead)
		if next := after(p.passages, lead); next != nil && n*2 <= room {
			chosen = append(chosen, *next)
		}
	}
	return chosen
}

func after(passages []corpus.Passage, p corpus.Passage) *corpus.Passage {
	for i := range passages[:len(passages)-1] {
		if passages[i].ID == p.ID {
			return &passages[i+1]
		}
	}
	return nil
}

// standalone makes a follow-up question stand alone: the model rewrites it
// where there is one, and what it writes is used if every name and number in it
// comes from the conversation; else it is done by carryOver.
func (e *Engine) standalone(ctx context.Context, question string, q Question) (string, Usage) {
	if len(q.History) == 0 || !e.models(q.Mode) || !followsUp(question) {
		return carryOver(question, q.History), Usage{}
	}
	history := q.History[max(0, len(q.History)-carriedTurns):]
	ctx, stop := untilStopped(ctx, q.Stop)
	defer stop()
	rewritten, used, err := e.writer.Rewrite(ctx, Request{Question: question, Purse: q.Purse}, history)
	if err != nil {
		if ctx.Err() == nil {
			e.log.WarnContext(ctx, "the language model did not rewrite a follow-up question", "error", err)
		}
		return carryOver(question, q.History), used
	}
	known := []string{question}
	for _, t := range history {
		known = append(known, t.Question, t.Answer)
	}
	const longest = 400 // characters
	rewritten = strings.Join(strings.Fields(rewritten), " ")
	if n := utf8.RuneCountInString(rewritten); n == 0 || n > longest || !cite.Repeats(rewritten, known...) {
		e.log.DebugContext(ctx, "a rewritten question was not used")
		return carryOver(question, q.History), used
	}
	return rewritten, used
}

// sameWords reports whether two questions differ in nothing that is read:
// white space, case, the mark at their end.
func sameWords(a, b string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.Join(strings.Fields(strings.TrimRight(s, "?？.。! ")), " "))
	}
	return plain(a) == plain(b)
}

// followsUp reports whether a question may depend on the ones before: it looks
// like it, or has a word that points to something.
func followsUp(question string) bool {
	if followUpOf(question) != standsAlone {
		return true
	}
	if InChinese(question) {
		return strings.ContainsAny(question, "他她它这那此其")
	}
	for _, w := range splitWords(question) {
		switch {
		case points(w.text), w.text == "there", w.text == "then", w.text == "one", w.text == "ones", w.text == "same", w.text == "else",
			w.text == "former", w.text == "latter", w.text == "other", w.text == "another":
			return true
		}
	}
	return false
}
