package pgtest

import "syscall"

// endWithUs has a server end with the tests, however they end.
func endWithUs(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
