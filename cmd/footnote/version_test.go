package main

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersionSaysWhatWasBuilt(t *testing.T) {
	built := &debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.0"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.time", Value: "2026-11-23T10:00:00Z"}, {Key: "vcs.modified", Value: "true"},
		},
	}
	for _, tt := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{built, "footnote v1.2.0 (0123456789ab, 2026-11-23T10:00:00Z, modified) go1."},
		{nil, "footnote (devel) go1."},
	} {
		if got := version(tt.info); !strings.HasPrefix(got, tt.want) {
			t.Errorf("version = %q, want %q…", got, tt.want)
		}
	}
}
