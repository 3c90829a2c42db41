package remote

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// A Fault is a response that came but cannot be used, as the adapter that read
// it found. [Classify] takes its kind and its words.
type Fault struct {
	Kind   Kind
	Detail string // "" for no more than the kind says
}

func (f *Fault) Error() string { return cmp.Or(f.Detail, (&Error{Kind: f.Kind}).Reason()) }

// Classify says what a failed call means: status is that of the response, 0
// for none; code and message are the server's own, "" for none; err is the
// cause. A message that repeats something of what was sent is left out, as is
// a page of HTML. It knows the codes of OpenAI, Azure, Ollama, vLLM and
// llama.cpp, and the errors of the network.
func Classify(s Server, model string, status int, code, message string, err error, sent ...string) *Error {
	e := &Error{Host: s.Host(), Model: model, Status: status, Err: err, baseURL: s.safeURL(), local: s.isLocal()}
	e.Kind, e.Detail = kindOf(status, strings.ToLower(code), message, err)
	e.TooLarge = e.Kind == Refused && (status == http.StatusRequestEntityTooLarge || tooLarge.MatchString(message))
	if isPage([]byte(e.Detail)) || repeats(e.Detail, sent) {
		e.Detail = ""
	}
	e.Detail = s.tidy(e.Detail)
	if err != nil && s.hides(err.Error(), sent) {
		e.Err = contextError(err)
	}
	return e
}

// hides reports whether the text of a cause is to go no further.
func (s Server) hides(text string, sent []string) bool {
	return s.secret() && strings.Contains(text, s.Key) || len(sent) > 0 && (len(text) > looked || repeats(text, sent))
}

// kindOf goes by the code first: a server may have begun its response before it
// looks at the account, and the status is 200 then.
func kindOf(status int, code, message string, err error) (kind Kind, detail string) {
	if errors.Is(err, context.Canceled) {
		return Interrupted, ""
	}
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault.Kind, fault.Detail
	}
	if kind, ok := byCode[code]; ok {
		return kind, message
	}
	if n, err := strconv.Atoi(code); err == nil && status < 400 && n >= 400 && n < 600 {
		status = n
	}
	if status >= 400 {
		return byStatus(status, strings.ToLower(message)), message
	}
	if passingCodes[code] {
		return Overloaded, message
	}
	kind, detail = byError(err)
	return kind, cmp.Or(detail, message)
}

// contextError keeps of an error what callers look for.
func contextError(err error) error {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}

// safeURL is the base URL without what could be secret in it.
func (s Server) safeURL() string {
	if s.checkURL() != nil {
		return "not one that can be shown"
	}
	return s.BaseURL()
}

// noModel matches what servers say of a model that they do not have.
var noModel = regexp.MustCompile(`model\b.{0,120}\b(not found|not exist|doesn't exist|not available|unknown|not loaded|no access|not have access)|(unknown|invalid|no such) model|deployment.{0,80}not exist`)

// tooLarge matches what servers say of a request, or of one text in it, that is
// larger than they take.
var tooLarge = regexp.MustCompile(`(?i)too (large|long|big|many)|batch size|(at most|maximum|max) .{0,40}(batch|inputs?|texts|tokens|requests|length|size)|exceed|larger than|context length`)

// physicalBatch is what llama.cpp says, with status 500, of a text that no other
// attempt makes shorter.
const physicalBatch = "too large to process"

// byCode are codes, and types where there is no code, that decide by themselves.
var byCode = map[string]Kind{
	"model_not_found": UnknownModel, "deploymentnotfound": UnknownModel, "invalid_model": UnknownModel,
	"insufficient_quota": OutOfQuota, "billing_hard_limit_reached": OutOfQuota, "billing_not_active": OutOfQuota,
	"invalid_api_key": Unauthorized, "authentication_error": Unauthorized,
	"rate_limit_exceeded": RateLimited, "rate_limit_error": RateLimited,
	"context_length_exceeded": Refused,
	"content_filter":          Filtered,
}

// passingCodes tell of a failure where no status does.
var passingCodes = map[string]bool{
	"server_error": true, "internal_server_error": true, "internalservererror": true, "internal_error": true,
	"overloaded_error": true, "service_unavailable": true, "api_error": true,
}

func byStatus(status int, message string) Kind {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthorized
	case (status == http.StatusNotFound || status == http.StatusForbidden || status == http.StatusBadRequest) && noModel.MatchString(message):
		return UnknownModel
	case status == http.StatusForbidden:
		return Unauthorized
	case status == http.StatusPaymentRequired:
		return OutOfQuota
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return WrongAddress
	case status == http.StatusTooManyRequests && strings.Contains(message, "exceeded your current quota"):
		return OutOfQuota
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return TimedOut
	case status >= 500 && !strings.Contains(message, physicalBatch):
		return Overloaded
	}
	return Refused
}

// byError names an error of the network, or of reading what came over it; said
// is what to tell of it, "" to leave the detail as it is.
func byError(err error) (kind Kind, said string) {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && syntax.Offset == 1 {
		return WrongType, "" // not even its beginning is JSON
	}
	if redirect, ok := errors.AsType[*redirectError](err); ok {
		return WrongAddress, redirect.Error()
	}
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() {
		return TimedOut, ""
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return Unreachable, "there is no such host"
		}
		return Unreachable, "its address could not be looked up"
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return Unreachable, certificate.Err.Error()
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || err != nil && strings.Contains(err.Error(), plainHTTP) {
		return Unreachable, "it does not speak https; http may do"
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Unreachable, "the connection was refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return CutOff, ""
	}
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return Unreachable, network.Err.Error()
	}
	return Broken, ""
}
