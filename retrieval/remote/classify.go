package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"syscall"
)

// Classify says what a failed call means: status is that of the response, 0
// for none; code and message are the server's own, "" for none; err is the
// cause. It knows the codes of OpenAI, Azure, Ollama, vLLM and llama.cpp, and
// the errors of the network.
func Classify(s Server, model string, status int, code, message string, err error) *Error {
	e := &Error{Host: s.Host(), Model: model, Status: status, Detail: s.tidy(message), Err: err, baseURL: s.safeURL(), local: s.isLocal()}
	if err != nil && s.secret() && strings.Contains(err.Error(), s.Key) {
		e.Err = contextError(err)
	}
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind = Interrupted
	case status >= 400:
		e.Kind = byStatus(status, strings.ToLower(code), strings.ToLower(message))
	default:
		var said string
		e.Kind, said = byError(err)
		if said != "" {
			e.Detail = s.tidy(said)
		}
	}
	return e
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

func byStatus(status int, code, message string) Kind {
	switch code {
	case "model_not_found", "deploymentnotfound", "invalid_model":
		return UnknownModel
	case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active":
		return OutOfQuota
	case "invalid_api_key":
		return Unauthorized
	}
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
	case status >= 500:
		return Overloaded
	}
	return Refused
}

// byError names an error of the network, or of reading what came over it; said
// is what to tell of it, "" to leave the detail as it is.
func byError(err error) (kind Kind, said string) {
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
		return Broken, "the connection was cut off"
	}
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return Unreachable, network.Err.Error()
	}
	return Broken, ""
}
