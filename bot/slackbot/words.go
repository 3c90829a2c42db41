package slackbot

import (
	"strconv"
	"time"
)

// What the bot says when there is no answer: what happened, and what to do next.

// statusReading completes "Footnote …" while an answer is written.
func statusReading(zh bool) string {
	return pick(zh, "is reading the report…", "正在阅读报告…")
}

// firstLine stands where an answer will, in a workspace without statuses.
func firstLine(zh bool) string {
	return pick(zh, "Reading the report…", "正在阅读报告…")
}

// promptsTitle stands above suggested questions.
func promptsTitle(zh bool) string {
	return pick(zh, "Ask the report, for example:", "可以这样向报告提问：")
}

// onlyTheAskerStops is for somebody else who presses Slack's stop button.
func onlyTheAskerStops(zh bool) string {
	return pick(zh, "Only the one who asked can stop this answer. It goes on.", "只有提问者本人可以停止此回答。回答将继续。")
}

func searchFailed(zh bool) string {
	return pick(zh,
		"I could not search the report just now. Nothing is lost: please ask again in a little while, or edit your question and I will try once more.",
		"我刚才没能检索报告。您的问题没有丢失：请稍后再问，或编辑您的问题，我会再试一次。")
}

func searchWaits(zh bool) string {
	return pick(zh,
		"I cannot search the report at the moment. Your question is not lost: I will answer it here as soon as I can.",
		"我暂时无法检索报告。您的问题没有丢失：一旦可以，我会在这里回答。")
}

// A denial is why somebody is not answered.
type denial int

const (
	deniedChannel denial = iota // not in this channel
	deniedPerson                // not this person
	deniedGuest                 // guests and people from outside are not answered
)

func notAllowed(why denial, zh bool) string {
	switch why {
	case deniedChannel:
		return pick(zh,
			"I am not set up to answer in this channel. Please ask me in a channel where I am, or in a direct message; whoever runs me can add this one.",
			"我没有被设置为在此频道回答问题。请在我所在的其他频道或私信中提问；管理我的人可以添加此频道。")
	case deniedPerson:
		return pick(zh,
			"I may not answer your questions about this report yet. If you need it, please ask whoever runs me to let you in.",
			"我目前还不能回答您关于这份报告的问题。如有需要，请联系管理我的人为您开通。")
	}
	return pick(zh,
		"I can answer only members of this workspace, not guests or people from other organizations. Please have a member ask for you.",
		"我只能回答本工作区成员的问题，不包括访客或其他组织的人员。您可以请一位成员代为提问。")
}

// askedTooOften names the wait, rounded up.
func askedTooOften(wait time.Duration, zh bool) string {
	return pick(zh,
		"That is more questions than I can take just now. Please ask again "+inAbout(wait, false)+".",
		"您的问题有点多，我一时答不过来。请"+inAbout(wait, true)+"再问。")
}

func inAbout(wait time.Duration, zh bool) string {
	n, unit, chinese := int((wait+time.Minute-1)/time.Minute), "minute", "分钟"
	switch {
	case wait <= time.Second:
		return pick(zh, "in a moment", "稍后")
	case wait <= 50*time.Second:
		n, unit, chinese = int((wait+10*time.Second-1)/(10*time.Second))*10, "second", "秒"
	case n > 90:
		n, unit, chinese = int((wait+time.Hour-1)/time.Hour), "hour", "小时"
	}
	if n != 1 {
		unit += "s"
	}
	return pick(zh, "in about "+strconv.Itoa(n)+" "+unit, "约"+strconv.Itoa(n)+chinese+"后")
}

func cannotIdentify(zh bool) string {
	return pick(zh,
		"I could not check who you are, so I cannot answer yet: I seem to lack the permission users:read. Whoever runs me can find out with “footnote doctor”; please ask again after that.",
		"我无法确认您的身份，因此暂时不能回答：我似乎缺少 users:read 权限。管理我的人可以运行“footnote doctor”进行检查，之后请再问一次。")
}

func sourceNotKept(zh bool) string {
	return pick(zh,
		"This source is no longer kept. Please ask the question again to see what the report says now.",
		"此来源已不再保留。请重新提问，查看报告目前的内容。")
}

// answerNotKept is for somebody who presses a button below an answer that was
// replaced or erased.
func answerNotKept(zh bool) string {
	return pick(zh,
		"This answer has changed since, or is no longer kept. Please ask the question again.",
		"此回答已有变化或已不再保留。请重新提问。")
}

func pick(zh bool, english, chinese string) string {
	if zh {
		return chinese
	}
	return english
}
