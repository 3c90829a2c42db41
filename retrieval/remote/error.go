package remote

import (
	"fmt"
	"strings"
)

// A Kind is what went wrong with a model server, by what can be done about it.
type Kind int

// The kinds of failure.
const (
	Broken       Kind = iota // the response is malformed
	Unreachable              // no connection: refused, no such host, TLS
	Unauthorized             // the key, or its rights
	UnknownModel             // the server does not have it, or not for this key
	WrongAddress             // it is no model server, or not at this path
	RateLimited              // too many requests, for now
	OutOfQuota               // no money left
	Overloaded               // the server failed: 5xx
	TimedOut                 // no answer within the time there was
	Refused                  // the request itself: 400 and the like
	Interrupted              // the caller's context was cancelled
	CutOff                   // the response ended before its end
	WrongType                // the response is none of a model server, a page mostly
	Declined                 // the model would not answer
	Filtered                 // a content filter stopped it
)

// An Error is a failed call of a model server. It holds neither the key nor
// what was sent.
type Error struct {
	Kind   Kind
	Host   string
	Model  string
	Status int // of the response; 0 when there was none
	// Detail is what the server or the network said, cut and cleaned; "" for
	// nothing worth saying.
	Detail string
	// Setting names the environment variable that chose the model; "" means
	// FOOTNOTE_CHAT_MODEL.
	Setting string
	// TooLarge says that a refused request is larger than the server takes.
	TooLarge bool
	// Err is the cause; nil where its text would give away the key or
	// something that was sent.
	Err error

	baseURL string
	local   bool
}

func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	text := e.problem()
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

func (e *Error) problem() string {
	at := "the model server at " + e.Host
	switch e.Kind {
	case Unreachable:
		return at + " cannot be reached"
	case Unauthorized:
		if e.Status == 403 {
			return at + " does not allow this"
		}
		return at + " does not accept the key"
	case UnknownModel:
		return fmt.Sprintf("%s does not know the model %s", at, e.Model)
	case WrongAddress:
		return at + " does not answer at this address"
	case RateLimited:
		return at + " is over its limit of requests"
	case OutOfQuota:
		return at + " reports that the quota is used up"
	case Overloaded:
		if e.Status < 400 {
			return at + " failed"
		}
		return fmt.Sprintf("%s failed (status %d)", at, e.Status)
	case TimedOut:
		return at + " did not answer in time"
	case Refused:
		return at + " refused the request"
	case Interrupted:
		return "the call of " + at + " was interrupted"
	case CutOff:
		return at + " gave a response that cannot be used: it was cut off"
	case WrongType:
		return at + " gave a response that is none of a model server"
	case Declined:
		return at + " declined to answer"
	case Filtered:
		return "the content filter of " + at + " stopped it"
	}
	return at + " gave a response that cannot be used"
}

// Hint says what a person can do; "" for nothing.
func (e *Error) Hint() string {
	setting := e.Setting
	if setting == "" {
		setting = "FOOTNOTE_CHAT_MODEL"
	}
	switch e.Kind {
	case Unreachable:
		return "is the server running? OPENAI_BASE_URL is " + e.baseURL
	case Unauthorized:
		return fmt.Sprintf("check OPENAI_API_KEY: it has to be one for %s, with the right to use %s", e.Host, e.Model)
	case UnknownModel:
		if e.local {
			return fmt.Sprintf("let %s name a model that the server has, or fetch it (with Ollama: ollama pull %s)", setting, e.Model)
		}
		return fmt.Sprintf("let %s name a model (on Azure, a deployment) that %s has", setting, e.Host)
	case WrongAddress, WrongType:
		return fmt.Sprintf("is OPENAI_BASE_URL right? It is %s; for most servers it ends in /v1", e.baseURL)
	case RateLimited:
		return "try again in a while, or have the limit raised"
	case OutOfQuota:
		return fmt.Sprintf("see to the balance or the spending limit of the account at %s", e.Host)
	case Overloaded, TimedOut, Broken, CutOff:
		return fmt.Sprintf("try again in a while; if it stays so, see the log or the status page of %s", e.Host)
	case Declined, Filtered:
		return fmt.Sprintf("put the question otherwise, or let %s name another model", setting)
	case Refused:
		if e.TooLarge {
			return fmt.Sprintf("the server takes less at once than it was sent: have its limit raised (with llama.cpp: --ubatch-size), or let %s name another model than %s", setting, e.Model)
		}
		return fmt.Sprintf("check whether %s, %s, suits this use", setting, e.Model)
	}
	return ""
}

// Reason says in a few words why there is no answer, of the server as "it".
func (e *Error) Reason() string {
	switch e.Kind {
	case Unreachable, WrongAddress:
		return "it could not be reached"
	case Unauthorized:
		return "it refused the key"
	case UnknownModel:
		return "it does not have the model"
	case RateLimited:
		return "it is over its limit"
	case OutOfQuota:
		return "its quota is used up"
	case Overloaded:
		return "it is overloaded or failing"
	case TimedOut:
		return "it took too long"
	case Refused:
		return "it refused the request"
	case Interrupted:
		return "it was interrupted"
	case CutOff:
		return "it was cut off"
	case Declined:
		return "it declined to answer"
	case Filtered:
		return "its content filter stopped it"
	}
	return "its response could not be used"
}

const maxDetail = 200 // characters

// tidy makes a server's message fit for a line: without control characters,
// cut, and without the key, nor one that the server has masked.
func (s Server) tidy(message string) string {
	if s.secret() {
		message = strings.ReplaceAll(message, s.Key, "[key]")
	}
	message = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(message, "\ufffd"))
	words := strings.Fields(message)
	for i, w := range words {
		if strings.Contains(w, "***") {
			words[i] = "[key]"
		}
	}
	runes := []rune(strings.Join(words, " "))
	if len(runes) > maxDetail {
		return string(runes[:maxDetail-1]) + "…"
	}
	return string(runes)
}

// secret says that the key is one: local servers take any word, such as
// "ollama", which may stand in a message for other reasons.
func (s Server) secret() bool { return len(s.Key) >= 8 }
