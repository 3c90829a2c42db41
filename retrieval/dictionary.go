package retrieval

// A dictionary numbers distinct strings from 0 in the order they come. All of
// it lies in three flat slices, so that it can be stored and used again as it
// is, without building a map.
type dictionary struct {
	// slots is an open-addressing hash table, a power of two long: the
	// number of a string plus one, 0 where it is free.
	slots []int32
	// ends are where each string ends in text.
	ends []int32
	text []byte
}

func (d *dictionary) size() int { return len(d.ends) }

// at is a string by its number.
func (d *dictionary) at(n int32) []byte {
	start := int32(0)
	if n > 0 {
		start = d.ends[n-1]
	}
	return d.text[start:d.ends[n]]
}

// find returns the number of a string, -1 if it is not there.
func (d *dictionary) find(s string) int32 {
	if len(d.slots) == 0 {
		return -1
	}
	return d.slots[d.slot(s)] - 1
}

// add returns the number of a string and whether it is new.
func (d *dictionary) add(s string) (int32, bool) {
	if 2*(len(d.ends)+1) > len(d.slots) {
		d.grow()
	}
	slot := d.slot(s)
	if n := d.slots[slot]; n > 0 {
		return n - 1, false
	}
	d.text = append(d.text, s...)
	d.ends = append(d.ends, int32(len(d.text)))
	d.slots[slot] = int32(len(d.ends))
	return int32(len(d.ends)) - 1, true
}

// slot is where a string is or would be.
func (d *dictionary) slot(s string) int {
	mask := len(d.slots) - 1
	i := int(hashString(s)) & mask
	for d.slots[i] > 0 && string(d.at(d.slots[i]-1)) != s {
		i = (i + 1) & mask
	}
	return i
}

func (d *dictionary) grow() {
	d.slots = make([]int32, max(64, 2*len(d.slots)))
	for n := range d.ends {
		d.slots[d.slot(string(d.at(int32(n))))] = int32(n) + 1
	}
}

// hashString is FNV-1a; it has to be the same in every process.
func hashString(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h ^ h>>15
}
