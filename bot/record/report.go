package record

import "time"

// A Report is a file that people handed in to be asked about, in one place. The
// file's content is kept elsewhere, under its hash.
type Report struct {
	Team    string
	Channel string
	// ThreadTS is the thread that it is for, empty for the whole channel.
	ThreadTS string
	File     string // the file's id
	Name     string
	Hash     string // SHA-256 of the content
	Size     int64
	User     string    // who handed it in
	At       time.Time // when; zero means now
}
