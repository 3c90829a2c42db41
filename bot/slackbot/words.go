package slackbot

import (
	"fmt"
	"time"
)

// What the bot says in its own words, in the asker's language.

const (
	statusReading = "is reading the report…"
	firstLine     = "Reading the report…"
	moreSources   = "More sources of the answer above"
	outdated      = "The report has changed since this answer was given; the quote is as it stood then."
)

func inWords(zh bool, english, chinese string) string {
	if zh {
		return chinese
	}
	return english
}

func searchFailed(zh bool) string {
	return inWords(zh,
		"I could not search the report just now; something on my side is broken. Your question is kept, and whoever runs me can see it. Please ask again in a little while, or edit your question and I will try at once.",
		"我现在无法搜索报告，是我这边出了问题。你的问题已经保存，管理员可以看到。请稍后再问，或者编辑你的问题，我会马上再试。")
}

func notInThisChannel(zh bool) string {
	return inWords(zh,
		"I am not set up to answer in this channel. Please ask in one where I am, or ask whoever runs me to add this one.",
		"我没有获准在这个频道回答问题。请到我所在的频道提问，或者请管理员添加这个频道。")
}

func notForThisPerson(zh bool) string {
	return inWords(zh,
		"I am only set up to answer certain people here, and you are not among them yet. Whoever runs me can add you.",
		"我只获准回答部分成员的问题，你暂时不在其中。管理员可以添加你。")
}

func notForOutsiders(zh bool) string {
	return inWords(zh,
		"I am only set up to answer full members of this workspace. If you need an answer, please ask a member to ask for you.",
		"我只获准回答本工作区正式成员的问题。如需答案，请请一位成员代为提问。")
}

func cannotCheck(zh bool) string {
	return inWords(zh,
		"I cannot check who may ask me, because I lack a permission in this workspace. Please tell whoever runs me to run “footnote doctor”.",
		"我在这个工作区缺少一项权限，无法确认谁可以提问。请告知管理员运行“footnote doctor”。")
}

func askedTooOften(wait time.Duration, zh bool) string {
	minutes := int((wait + time.Minute - 1) / time.Minute)
	if minutes <= 1 {
		return inWords(zh,
			"That is more questions than I may answer at a time. Please ask again in a minute.",
			"问题超过了我一次能回答的数量。请过一分钟再问。")
	}
	return inWords(zh,
		fmt.Sprintf("That is more questions than I may answer at a time. Please ask again in about %d minutes.", minutes),
		fmt.Sprintf("问题超过了我一次能回答的数量。请大约%d分钟后再问。", minutes))
}

func sourceGone(zh bool) string {
	return inWords(zh,
		"This source is no longer kept: the answer was renewed, or it is older than answers are kept. Ask the question again to see its sources.",
		"这个来源已不再保存：答案已更新，或已超过保存期限。请重新提问以查看来源。")
}
