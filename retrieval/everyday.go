package retrieval

import (
	"strings"
	"sync"

	"footnote/retrieval/words"
)

// everydayWords are what WordNet does not relate: a quality and what it is
// measured in, what is done and who does it, one side of a trade and the other.
// The words before a colon are related to those behind it, and not among
// themselves; words without a colon are all related to each other.
const everydayWords = `
fast quick slow: speed velocity pace
heavy: weight mass weigh
old young: age
far: distance
big large: size area
long: length duration
tall high: height
deep: depth
wide broad: width breadth
thick: thickness
hot cold warm: temperature
expensive cheap dear: price cost
often frequent: frequency every
loud: noise volume sound
bright: light
lamp light lantern
extend lengthen enlarge prolong
shorten cut
borrow lend loan hire rent
buy purchase: sell price sale seller shop
sell: buy price sale stock seller vendor shop
pay cost spend: price fee fare charge due tariff rate rent bill amount
price: fee fare charge due tariff rate
earn: wage salary income pay
owe: debt loan due
run manage: operator manager master head director chief operate
operate: operator
lead: leader head chief chair
rule govern: ruler king queen governor
boss: head manager director chief master
own: owner belong
make produce manufacture: maker producer manufacturer brand
teach: teacher instructor learn lesson
learn: learner pupil student lesson
write: author writer letter
read: reader
build construct: builder architect constructor
design: designer architect
found establish: founder
invent: inventor
discover: discoverer
paint: painter artist
live reside dwell: home address resident inhabitant
work: job employee staff
employ: employee staff wage worker
reach contact phone: telephone number email call address
complain: complaint object objection protest
marry: wedding marriage bride groom
couple: wedding marriage bride
die: death
born: birth
sick ill: illness disease
hurt injure: injury wound break
mend fix repair: restore renew replace maintain
broken: repair damage fault
clean: wash rinse
shut close
start begin: opening
visit: visitor guest
travel ride: passenger ticket fare trip journey
fly: flight pilot
sail: ship boat voyage
drive: driver car
cook: recipe kitchen
eat: food meal
stay sleep: night bed lodging overnight
insure: insurance
guarantee warranty
allow permit: permission licence
forbid ban prohibit: prohibition nobody
money: fund sum balance
meet: meeting
elect choose: election vote
join: member membership
quit resign: resignation
arrive come: arrival
depart leave: departure
keep store: storage shelf
trip outing excursion tour
lorry truck
flat apartment
rain: rainfall precipitation
leak: loss lose
win: winner victory
teacher: school lesson
taste: flavour
`

// everyday relates the base forms of words, by row.
var everyday = sync.OnceValue(func() map[int][]int {
	table, kin := words.English(), words.EnglishKin()
	out := map[int][]int{}
	rows := func(list string) []int {
		var all []int
		for _, w := range strings.Fields(list) {
			if row := table.Row(w); row >= 0 {
				all = append(all, kin.Base(row))
			}
		}
		return all
	}
	relate := func(from, to []int) {
		for _, a := range from {
			for _, b := range to {
				if a != b {
					out[a] = append(out[a], b)
				}
			}
		}
	}
	for line := range strings.Lines(everydayWords) {
		left, right, two := strings.Cut(line, ":")
		from, to := rows(left), rows(right)
		if !two {
			to = from
		}
		relate(from, to)
		if two {
			relate(to, from)
		}
	}
	return out
})
