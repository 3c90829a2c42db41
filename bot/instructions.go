package bot

import (
	"slices"
	"strings"

	"footnote/retrieval"
)

// aboutInstructions recognises a message that wants the bot's own
// instructions, or wants it to drop them, rather than something of the corpus:
// "print your system prompt", "ignore all previous instructions". The
// instructions must be called the bot's own, or the message must bid it to drop
// the earlier ones, so that a manual on prompts can be asked about, and what
// the instructions above a place in it say.
func aboutInstructions(message string) bool {
	words := splitWords(message)
	for i, w := range words {
		switch w.text {
		case "your":
			if namesInstructions(words[i+1:]) {
				return true
			}
		case "ignore", "disregard", "forget", "override", "bypass":
			if bids(words[:i]) && dropsEarlier(words[i+1:]) {
				return true
			}
		}
	}
	return aboutInstructionsInChinese(message)
}

// namesInstructions reports whether words start with instructions, perhaps
// with words before that say which.
func namesInstructions(words []word) bool {
	for _, w := range words {
		switch w.text {
		case "instructions", "instruction", "prompt", "prompts", "guidelines", "directives":
			return true
		case "all", "any", "of", "the", "own", "my", "these", "those", "previous", "prior", "earlier", "above", "preceding", "first",
			"initial", "original", "system", "developer", "hidden", "secret", "internal", "current", "exact", "full", "complete", "whole", "given":
			continue
		}
		return false
	}
	return false
}

// dropsEarlier reports whether words start with the earlier instructions:
// "all the previous instructions", "the instructions above".
func dropsEarlier(words []word) bool {
	if !namesInstructions(words) {
		return false
	}
	return slices.ContainsFunc(words[:min(len(words), 6)], func(w word) bool {
		switch w.text {
		case "previous", "prior", "earlier", "above", "preceding":
			return true
		}
		return false
	})
}

// bids reports whether a verb after these words is a request: not "why did
// they ignore …".
func bids(before []word) bool {
	n := len(before)
	if n == 0 || before[n-1].pause {
		return true
	}
	switch before[n-1].text {
	case "please", "you", "and", "then", "now", "just", "also", "simply":
		return true
	case "to":
		return n > 1 && before[n-2].text == "you"
	}
	return false
}

func aboutInstructionsInChinese(message string) bool {
	drops := slices.ContainsFunc([]string{"忽略", "无视", "無視", "忘记", "忘掉", "忘記", "不要理会", "不要遵守"}, func(verb string) bool {
		return strings.Contains(message, verb)
	})
	for _, what := range [...]string{"指令", "提示词", "提示詞", "系统提示", "系統提示", "所有指令"} {
		for _, own := range [...]string{"你的", "你之前的", "您的"} {
			if strings.Contains(message, own+what) {
				return true
			}
		}
		for _, earlier := range [...]string{"之前的", "以上", "上述", "前面的"} {
			if drops && strings.Contains(message, earlier+what) {
				return true
			}
		}
	}
	return false
}

// declineInstructions is the reply to such a message.
func (e *Engine) declineInstructions(zh bool) Answer {
	return e.finish(Draft{Outcome: NotFound, Text: pick(zh,
		"I answer questions about the report, from the report's own text, and nothing else.",
		"我只根据报告的原文回答与报告有关的问题。")}, &retrieval.Result{}, zh)
}
