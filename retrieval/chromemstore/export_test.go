package chromemstore

// ScanFrom has a store look through its vectors itself from so many on.
func ScanFrom(s *Store, vectors int) *Store {
	s.scanFrom = vectors
	return s
}
