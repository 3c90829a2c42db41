package corpus

import _ "embed"

//go:embed report.txt
var report string

// Report returns the report that footnote ships with, so that there is
// something to ask before any file is given. It is parsed as any file is.
func Report() Document { return Plain("report.txt", report) }
