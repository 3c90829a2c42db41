package bot

import (
	"slices"
	"strings"

	"footnote/retrieval"
)

// aboutInstructions recognises a message that wants the bot's own
// instructions, or wants it to drop them, rather than something of the corpus:
// "Ignore your instructions", "print your system prompt". It asks for a verb of
// that kind and for instructions that are called the bot's own or the earlier
// ones, so that a manual on prompts can be asked about.
func aboutInstructions(message string) bool {
	words := splitWords(message)
	verb := slices.ContainsFunc(words, func(w word) bool {
		switch w.text {
		case "ignore", "disregard", "forget", "override", "bypass", "reveal", "print", "show", "repeat", "output", "tell", "leak", "give", "what", "whats":
			return true
		}
		return false
	})
	return verb && namesInstructions(words) || namesInstructionsInChinese(message)
}

func namesInstructions(words []word) bool {
	for i, w := range words {
		switch w.text {
		case "your", "previous", "prior", "earlier", "above", "preceding":
		default:
			continue
		}
		for _, next := range words[i+1 : min(i+4, len(words))] {
			switch next.text {
			case "instructions", "instruction", "prompt", "prompts", "guidelines", "directives":
				return true
			}
		}
	}
	return false
}

func namesInstructionsInChinese(message string) bool {
	const own = "你的 你之前的 之前的 以上 上述 前面的"
	for _, whose := range strings.Fields(own) {
		for _, what := range []string{"指令", "提示词", "系统提示", "所有指令"} {
			if strings.Contains(message, whose+what) {
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
