package llmsim

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Replier decides what the model says to a request. It must be safe for
// concurrent use.
type Replier func(Request) Reply

// A Reply is what the model says and how it arrives.
type Reply struct {
	Text  string
	Cut   Cut
	First time.Duration // before the first token
	Every time.Duration // between tokens
	// Flushed, when set, is called after each token of a stream was handed to
	// the network, from 0, in order.
	Flushed func(i int, token string, at time.Time)
	Fault   Fault
	Lies    []Case // the lies in the text, for [Server.Lies]
}

// A Cut is how a text falls into tokens.
type Cut int

// CutWords makes a token of each word with the space before it, of each mark
// and of each Chinese character, as tokenizers do. CutRunes makes one of each
// character. CutRagged cuts anywhere between two characters, inside of words
// and markers, in lengths from 1 to 5 that are a function of the text. CutNone
// sends the text whole.
const (
	CutWords Cut = iota
	CutRunes
	CutRagged
	CutNone
)

// Tokens cuts a text; joined, the tokens are the text.
func Tokens(text string, cut Cut) []string {
	var tokens []string
	for text != "" {
		n := 0
		switch cut {
		case CutRunes:
			_, n = utf8.DecodeRuneInString(text)
		case CutRagged:
			n = runes(text, 1+int(hash(text)%5))
		case CutNone:
			n = len(text)
		default:
			n = wordToken(text)
		}
		tokens = append(tokens, text[:n])
		text = text[n:]
	}
	return tokens
}

// runes is the length in bytes of up to n runes.
func runes(text string, n int) int {
	end := 0
	for ; n > 0 && end < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return end
}

// wordToken is the length of the first token of CutWords.
func wordToken(text string) int {
	end := 0
	for i, r := range text {
		if r != ' ' {
			end = i
			break
		}
		end = i + 1
	}
	if end == len(text) {
		return end
	}
	first, size := utf8.DecodeRuneInString(text[end:])
	if !wordRune(first) {
		return end + size
	}
	for i, r := range text[end:] {
		if !wordRune(r) {
			return end + i
		}
	}
	return len(text)
}

func wordRune(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r)
}

func hash(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// randomFor is a random source that is a function of a text and a seed.
func randomFor(text string, seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(hash(text), seed))
}

// Fixed says the same text every time.
func Fixed(text string) Replier {
	return func(Request) Reply { return Reply{Text: text} }
}

// Script gives one reply after the other; the last is repeated.
func Script(replies ...Reply) Replier {
	var mu sync.Mutex
	next := 0
	return func(Request) Reply {
		mu.Lock()
		defer mu.Unlock()
		if len(replies) == 0 {
			return Reply{}
		}
		i := min(next, len(replies)-1)
		next++
		return replies[i]
	}
}

// Failing has the first n replies of another replier go wrong, then heals.
func Failing(n int, fault Fault, then Replier) Replier {
	fails := first(n)
	return func(r Request) Reply {
		reply := then(r)
		if fails() {
			reply.Fault = fault
		}
		return reply
	}
}

// FirstRequests is an [Options.Fault] that strikes the first n requests and
// then heals.
func FirstRequests(n int, fault Fault) func(Request) Fault {
	fails := first(n)
	return func(Request) Fault {
		if fails() {
			return fault
		}
		return Fault{}
	}
}

// first reports true n times.
func first(n int) func() bool {
	var mu sync.Mutex
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		n--
		return n >= 0
	}
}

// Paced gives another replier's replies a delay before the first token and
// one between tokens.
func Paced(before, between time.Duration, then Replier) Replier {
	return func(r Request) Reply {
		reply := then(r)
		reply.First, reply.Every = before, between
		return reply
	}
}
