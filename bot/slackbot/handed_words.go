package slackbot

import (
	"fmt"
	"strings"
)

// What the bot says about files that it was handed.

// haveRead says which files were read.
func haveRead(files []countedFile, zh bool) string {
	if len(files) == 1 && files[0].passages > 0 {
		return pick(zh,
			fmt.Sprintf("I have read %s: %s.", files[0].name, passages(files[0].passages, zh)),
			fmt.Sprintf("我已读完%s：%s。", files[0].name, passages(files[0].passages, zh)))
	}
	var names []string
	for _, f := range files {
		name := f.name
		if f.passages > 0 {
			name += pick(zh, " (", "（") + passages(f.passages, zh) + pick(zh, ")", "）")
		}
		names = append(names, name)
	}
	return pick(zh, "I have read "+listed(names, zh)+".", "我已读完"+listed(names, zh)+"。")
}

func passages(n int, zh bool) string {
	if n == 1 && !zh {
		return "1 passage"
	}
	return fmt.Sprintf(pick(zh, "%d passages", "%d 个段落"), n)
}

// listed joins names: a, b and c.
func listed(names []string, zh bool) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], pick(zh, ", ", "、")) + pick(zh, " and ", "和") + names[last]
}

func askHere(files int, zh bool) string {
	if files > 1 {
		return pick(zh, "Ask about them in this thread.", "请在此讨论串中就它们提问。")
	}
	return pick(zh, "Ask about it in this thread.", "请在此讨论串中就它提问。")
}

// examples are questions to begin with.
func examples(questions []string, zh bool) string {
	var b strings.Builder
	for _, q := range questions {
		b.WriteString("\n– " + oneLine(q))
	}
	if b.Len() == 0 {
		return ""
	}
	return pick(zh, "\n\nFor example:", "\n\n例如：") + b.String()
}

// couldNotRead says what is wrong with a file, and what to do about it.
func couldNotRead(name string, why Trouble, formats []string, most int, zh bool) string {
	if name == "" {
		name = pick(zh, "the file", "该文件")
	}
	switch why {
	case TroubleFormat:
		return pick(zh,
			"I cannot read "+name+". I read "+listed(formats, false)+": save it as one of them, and hand it to me again.",
			"我无法读取"+name+"。我能读取"+listed(formats, true)+"：请另存为其中一种格式后再发给我。")
	case TroubleEmpty:
		return pick(zh, "There is no text in "+name+".", name+"中没有文字。")
	case TroubleEncoding:
		return pick(zh,
			"I cannot read "+name+": it is not in UTF-8. Save it as UTF-8 text, and hand it to me again.",
			"我无法读取"+name+"：它不是 UTF-8 编码。请另存为 UTF-8 文本后再发给我。")
	case TroubleLocked:
		return pick(zh,
			"I cannot read "+name+": it opens only with a password. Hand me a copy without one.",
			"我无法读取"+name+"：它需要密码才能打开。请发给我一份不带密码的副本。")
	case TroublePictures:
		return pick(zh,
			"I cannot read "+name+": its text is a picture. Have the text recognised (OCR), and hand me that file.",
			"我无法读取"+name+"：其中的文字是图片。请先做文字识别（OCR），再发给我。")
	case TroubleDamaged:
		return pick(zh,
			"I cannot read "+name+": it is damaged. Hand me another copy.",
			"我无法读取"+name+"：文件已损坏。请发给我另一份。")
	case TroubleTooLarge:
		return pick(zh,
			fmt.Sprintf("I cannot read %s: it is larger than %s. Hand me the part that matters.", name, megabytes(most)),
			fmt.Sprintf("我无法读取%s：它超过了 %s。请只发给我需要的部分。", name, megabytes(most)))
	case troubleCrowded:
		return pick(zh,
			"I did not read "+name+": this thread has as many files as I can take. Begin a new thread with it.",
			"我没有读取"+name+"：此讨论串中的文件已达上限。请用它新开一个讨论串。")
	case TroubleFull:
		return pick(zh,
			"I cannot keep "+name+": I have no room for more files. Whoever runs me can make some.",
			"我无法保存"+name+"：已没有存放文件的空间。请联系管理我的人。")
	case troubleGone:
		return pick(zh,
			"I cannot see "+name+" in Slack: it may have been deleted.",
			"我在 Slack 中看不到"+name+"：它可能已被删除。")
	case troubleExternal:
		return pick(zh,
			"I cannot read "+name+": it is kept outside Slack. Upload the file itself.",
			"我无法读取"+name+"：它存放在 Slack 之外。请直接上传文件本身。")
	case troubleRefused:
		return pick(zh,
			"Slack does not let me read "+name+": I may lack the permission files:read. Whoever runs me can find out with “footnote doctor”; please hand it to me again after that.",
			"Slack 不允许我读取"+name+"：我可能缺少 files:read 权限。管理我的人可以运行“footnote doctor”进行检查，之后请再发给我一次。")
	}
	return pick(zh,
		"I could not download "+name+" just now. Please hand it to me again in a little while.",
		"我刚才没能下载"+name+"。请稍后再发给我一次。")
}

// megabytes is a size as people say it.
func megabytes(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// reportGone answers a question about a report that is no longer there, rather
// than to answer it from another.
func reportGone(zh bool) string {
	return pick(zh,
		"The report that this thread is about is no longer kept: it was deleted, or it is too old. Hand it to me again, or ask about the usual report in a new thread.",
		"此讨论串所问的报告已不再保留：它已被删除，或时间过久。请再发给我一次，或另开讨论串询问常用报告。")
}

func nothingRead(zh bool) string {
	return pick(zh,
		"That report is no longer kept. Hand it to me again.",
		"该报告已不再保留。请再发给我一次。")
}

func useWidely(channel string, zh bool) string {
	if isDirect(channel) {
		return pick(zh, "Use it in this whole conversation", "用于整个对话")
	}
	return pick(zh, "Use it in this whole channel", "用于整个频道")
}

func useUsual(zh bool) string {
	return pick(zh, "Use the usual report again", "恢复使用常用报告")
}

func onlyReportUsers(zh bool) string {
	return pick(zh,
		"Only a few people, named by whoever runs me, can choose the report of a whole channel. In this thread everybody may ask about it.",
		"只有管理我的人指定的人员才能为整个频道选择报告。在此讨论串中，任何人都可以就它提问。")
}

func usedAlready(widely, zh bool) string {
	if widely {
		return pick(zh, "I answer from it here already.", "我在此处已经根据该报告回答。")
	}
	return pick(zh, "I answer from the usual report here already.", "我在此处已经根据常用报告回答。")
}

// nowAnswering tells a channel what it is answered from.
func nowAnswering(c choice, channel string) string {
	here := pick(c.ZH, "in this channel", "在此频道中")
	if isDirect(channel) {
		here = pick(c.ZH, "in this conversation", "在此对话中")
	}
	if len(c.Files) == 0 {
		return pick(c.ZH, "From now on I answer "+here+" from the usual report again.", "从现在起，我"+here+"重新根据常用报告回答。")
	}
	from := listed(c.Names, c.ZH)
	return pick(c.ZH, "From now on I answer "+here+" from "+from+".", "从现在起，我"+here+"根据"+from+"回答。")
}
