package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

type versionCommand struct{}

func (versionCommand) Run(a *app) error {
	info, _ := debug.ReadBuildInfo()
	return a.out.print(version(info))
}

// version says what was built, from what revision where that is known, and
// with which Go; info may be nil.
func version(info *debug.BuildInfo) string {
	name, settings := release(info), map[string]string{}
	if info != nil {
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	var details []string
	if revision := settings["vcs.revision"]; revision != "" {
		details = append(details, revision[:min(12, len(revision))])
	}
	if when := settings["vcs.time"]; when != "" {
		details = append(details, when)
	}
	if settings["vcs.modified"] == "true" {
		details = append(details, "modified")
	}
	if len(details) > 0 {
		name += " (" + strings.Join(details, ", ") + ")"
	}
	return fmt.Sprintf("footnote %s %s %s/%s\n", name, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// release is the version of what was built; info may be nil.
func release(info *debug.BuildInfo) string {
	if info == nil || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
