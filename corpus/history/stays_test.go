package history

import (
	"testing"
	"time"
)

func TestWhichVersionsStay(t *testing.T) {
	const day = 24 * time.Hour
	for _, test := range []struct {
		name         string
		place        int
		idle, latest time.Duration
		want         bool
	}{
		{"the latest", 0, 0, 0, true},
		{"the latest of sources long unopened", 0, 90 * day, 90 * day, false},
		{"the one before it, however old", 1, 1000 * day, 89 * day, true},
		{"the one before it, of sources long unopened", 1, 1000 * day, 90 * day, false},
		{"the third", 2, 89 * day, 0, true},
		{"an old one among the sixteen latest", 2, 90 * day, 0, false},
		{"the sixteenth", 15, 89 * day, 0, true},
		{"the seventeenth of this month", 16, 29 * day, 0, true},
		{"the seventeenth of last month", 16, 30 * day, 0, false},
		{"of so many that the disk would fill", 255, time.Hour, 0, true},
		{"of too many", 256, time.Hour, 0, false},
	} {
		if got := stays(test.place, test.idle, test.latest); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
