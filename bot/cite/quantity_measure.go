package cite

import (
	"strings"
	"sync"
)

// A measure is a class of units that mean the same: km and kilometres are one,
// km and miles are two.
type measure uint8

// The measures that the grammar knows by name. Those of the table follow.
const (
	noMeasure measure = iota
	percentMeasure
	perMilleMeasure
	timesMeasure   // 3x, threefold, three times
	ordinalMeasure // 21st
	decadeMeasure  // the 1990s: value 1990
	centuryMeasure // the 19th century: value 19, -5 for the 5th BC
	quarterMeasure // the third quarter of a year: value 3
	vagueMeasure   // tens of millions: value 10,000,000
	firstMeasure   // of the table
)

// countable reports whether an amount of m is also a plain number of things.
func (m measure) countable() bool {
	return m == noMeasure || m == timesMeasure || m >= firstMeasure
}

// A measureSet is a set of measures.
type measureSet [4]uint64

func (s measureSet) has(m measure) bool { return s[m>>6]&(1<<(m&63)) != 0 }

func (s *measureSet) put(m measure) { s[m>>6] |= 1 << (m & 63) }

func (s measureSet) union(t measureSet) measureSet {
	for i := range s {
		s[i] |= t[i]
	}
	return s
}

type measureKind uint8

const (
	ratioKind measureKind = iota // percent, times
	currencyKind
	timeKind
	otherKind
)

// A unit is what a form of writing means: mostly one measure, for mph one per
// another.
type unit struct{ of, per measure }

// unitForms is the table below, turned round.
type unitForms struct {
	kinds []measureKind // by measure
	words map[string][]unit
	exact map[string][]unit // case matters
	// before holds the currencies that stand before the number, and may be
	// attached to it.
	before map[string][]unit
	// starts holds the first lexeme of each form, in lower case.
	starts map[string]bool
}

// A unitRow is a measure with its ways of writing, separated by "|": words in
// any case, and abbreviations whose case matters.
type unitRow struct {
	kind         measureKind
	words, exact string
}

var unitTable = []unitRow{
	{currencyKind, "dollar|dollars|us dollar|us dollars|usd|us$|美元|美金|美圆", "$"},
	{currencyKind, "hk dollar|hk dollars|hong kong dollar|hong kong dollars|hkd|hk$|港元|港币", ""},
	{currencyKind, "australian dollar|australian dollars|aud|a$|au$|澳元", ""},
	{currencyKind, "canadian dollar|canadian dollars|cad|c$|ca$|加元", ""},
	{currencyKind, "singapore dollar|singapore dollars|sgd|s$|新加坡元|新元", ""},
	{currencyKind, "taiwan dollar|taiwan dollars|new taiwan dollars|twd|nt$|台币|新台币", ""},
	{currencyKind, "yuan|renminbi|rmb|cny|chinese yuan|元|人民币|人民币元|块钱", "¥"},
	{currencyKind, "yen|jpy|japanese yen|日元|日圆", "¥"},
	{currencyKind, "euro|euros|eur|欧元", "€"},
	{currencyKind, "pound|pounds|gbp|pound sterling|pounds sterling|sterling|quid|英镑", "£"},
	{currencyKind, "rupee|rupees|inr|rs|indian rupees|卢比", "₹"},
	{currencyKind, "won|krw|韩元", "₩"},
	{currencyKind, "franc|francs|chf|swiss franc|swiss francs|法郎|瑞士法郎", ""},
	{currencyKind, "ruble|rubles|rouble|roubles|rub|卢布", "₽"},
	{currencyKind, "brazilian real|reais|brl|r$|雷亚尔", ""},
	{currencyKind, "cent|cents|美分", "¢"},
	{currencyKind, "pence|penny", ""},

	{otherKind, "millimetre|millimetres|millimeter|millimeters|毫米", "mm"},
	{otherKind, "centimetre|centimetres|centimeter|centimeters|厘米|公分", "cm"},
	{otherKind, "metre|metres|meter|meters|米|公尺", "m"},
	{otherKind, "kilometre|kilometres|kilometer|kilometers|kms|公里|千米", "km"},
	{otherKind, "mile|miles|英里", "mi"},
	{otherKind, "foot|feet|英尺", "ft"},
	{otherKind, "inch|inches|英寸", ""},
	{otherKind, "yard|yards|码", "yd"},
	{otherKind, "nautical mile|nautical miles|海里", "nmi"},
	{otherKind, "light year|light years|光年", "ly"},
	{otherKind, "nanometre|nanometres|nanometer|nanometers|纳米", "nm"},
	{otherKind, "micrometre|micrometres|micrometer|micrometers|micron|microns|微米", "μm|um"},
	{otherKind, "square metre|square metres|square meter|square meters|sq m|平方米|平米", "m2|sqm"},
	{otherKind, "square kilometre|square kilometres|square kilometer|square kilometers|sq km|平方公里|平方千米", "km2|sqkm"},
	{otherKind, "square mile|square miles|sq mi|sq miles|sq mile|平方英里", "mi2"},
	{otherKind, "square foot|square feet|sq ft|平方英尺", "ft2|sqft"},
	{otherKind, "square centimetre|square centimetres|square centimeter|square centimeters|平方厘米", "cm2"},
	{otherKind, "square millimetre|square millimetres|square millimeter|square millimeters|平方毫米", "mm2"},
	{otherKind, "hectare|hectares|公顷", "ha"},
	{otherKind, "acre|acres|英亩", ""},
	{otherKind, "mu|亩", ""},
	{otherKind, "litre|litres|liter|liters|升|公升", "l|L"},
	{otherKind, "millilitre|millilitres|milliliter|milliliters|毫升", "ml|mL"},
	{otherKind, "cubic metre|cubic metres|cubic meter|cubic meters|cu m|立方米", "m3"},
	{otherKind, "cubic foot|cubic feet|cu ft|立方英尺", "ft3"},
	{otherKind, "cubic kilometre|cubic kilometres|cubic kilometer|cubic kilometers|cubic km|立方公里", "km3"},
	{otherKind, "cubic centimetre|cubic centimetres|cubic centimeter|cubic centimeters|立方厘米", "cm3|cc"},
	{otherKind, "gallon|gallons|加仑", "gal"},
	{otherKind, "barrel|barrels|桶", "bbl"},
	{otherKind, "gram|grams|gramme|grammes|克", "g"},
	{otherKind, "kilogram|kilograms|kilogramme|kilogrammes|kilo|kilos|千克|公斤", "kg|kgs"},
	{otherKind, "milligram|milligrams|毫克", "mg"},
	{otherKind, "microgram|micrograms|微克", "μg|ug|mcg"},
	{otherKind, "tonne|tonnes|ton|tons|metric ton|metric tons|metric tonne|metric tonnes|吨", "t"},
	{otherKind, "pound|pounds|lb|lbs|磅", ""},
	{otherKind, "ounce|ounces|盎司", "oz"},
	{otherKind, "jin|斤", ""},

	{timeKind, "nanosecond|nanoseconds|纳秒", "ns"},
	{timeKind, "microsecond|microseconds|微秒", "μs|us"},
	{timeKind, "millisecond|milliseconds|毫秒", "ms"},
	{timeKind, "second|seconds|sec|secs|秒|秒钟", "s"},
	{timeKind, "minute|minutes|mins|分钟", "min"},
	{timeKind, "hour|hours|hr|hrs|小时|钟头", "h"},
	{timeKind, "day|days|天|日", ""},
	{timeKind, "week|weeks|wk|wks|周|星期|礼拜", ""},
	{timeKind, "month|months|个月", ""},
	{timeKind, "year|years|yr|yrs|年|周年|岁", ""},
	{timeKind, "decade|decades", ""},
	{timeKind, "century|centuries|世纪", ""},
	{timeKind, "millennium|millennia|millenniums", ""},

	{otherKind, "degree celsius|degrees celsius|celsius|degree centigrade|degrees centigrade|degrees c|摄氏度", "°C|°c|ºC"},
	{otherKind, "degree fahrenheit|degrees fahrenheit|fahrenheit|degrees f|华氏度", "°F|°f|ºF"},
	{otherKind, "kelvin|kelvins|开尔文", "°K"},
	{otherKind, "degree|degrees|度", "°|º"},

	{otherKind, "bit|bits|比特", ""},
	{otherKind, "byte|bytes|字节", ""},
	{otherKind, "kilobyte|kilobytes", "KB|kB|KiB"},
	{otherKind, "megabyte|megabytes|兆字节", "MB|MiB"},
	{otherKind, "gigabyte|gigabytes", "GB|GiB"},
	{otherKind, "terabyte|terabytes", "TB|TiB"},
	{otherKind, "petabyte|petabytes", "PB"},
	{otherKind, "exabyte|exabytes", "EB"},
	{otherKind, "kilobit|kilobits", "kbit|kb|Kb|Kbit"},
	{otherKind, "megabit|megabits", "Mbit|Mb"},
	{otherKind, "gigabit|gigabits", "Gbit|Gb"},
	{otherKind, "terabit|terabits", "Tbit|Tb"},

	{otherKind, "watt|watts|瓦|瓦特", "W"},
	{otherKind, "milliwatt|milliwatts|毫瓦", "mW"},
	{otherKind, "kilowatt|kilowatts|千瓦", "kW|KW"},
	{otherKind, "megawatt|megawatts|兆瓦", "MW"},
	{otherKind, "gigawatt|gigawatts|吉瓦", "GW"},
	{otherKind, "terawatt|terawatts", "TW"},
	{otherKind, "watt hour|watt hours|瓦时", "Wh"},
	{otherKind, "kilowatt hour|kilowatt hours|千瓦时", "kWh|KWh"},
	{otherKind, "megawatt hour|megawatt hours|兆瓦时", "MWh"},
	{otherKind, "gigawatt hour|gigawatt hours|吉瓦时", "GWh"},
	{otherKind, "terawatt hour|terawatt hours", "TWh"},
	{otherKind, "joule|joules|焦耳", "J"},
	{otherKind, "kilojoule|kilojoules|千焦", "kJ"},
	{otherKind, "megajoule|megajoules", "MJ"},
	{otherKind, "calorie|calories", "cal"},
	{otherKind, "kilocalorie|kilocalories|千卡|大卡", "kcal"},
	{otherKind, "horsepower|马力", "hp"},
	{otherKind, "volt|volts|伏特|伏", "V"},
	{otherKind, "kilovolt|kilovolts|千伏", "kV"},
	{otherKind, "hertz|赫兹", "Hz"},
	{otherKind, "kilohertz|千赫", "kHz"},
	{otherKind, "megahertz|兆赫", "MHz"},
	{otherKind, "gigahertz|吉赫", "GHz"},
	{otherKind, "pascal|pascals|帕", "Pa"},
	{otherKind, "kilopascal|kilopascals|千帕", "kPa"},
	{otherKind, "megapascal|megapascals|兆帕", "MPa"},
	{otherKind, "gigapascal|gigapascals", "GPa"},
	{otherKind, "atmosphere|atmospheres|大气压", "atm"},
	{otherKind, "bar", ""},
	{otherKind, "psi", ""},
	{otherKind, "knot|knots|节", "kn"},
	{otherKind, "decibel|decibels|分贝", "dB"},
	{otherKind, "basis point|basis points|bp|bps|基点|个基点", ""},
	{otherKind, "flops|petaflops|pflops", ""},
}

// namedRatios are the ways to write the measures that the grammar knows.
var namedRatios = map[measure]string{
	percentMeasure:  "%|percent|per cent|pct|percentage point|percentage points|pp|ppt|ppts|百分点|个百分点",
	perMilleMeasure: "‰|per mille|per mil|permille",
	timesMeasure:    "x|×|times|fold|倍",
}

// compoundForms are units that name two measures in one word.
var compoundForms = map[string][2]string{
	"mph": {"mile", "hour"}, "kph": {"km", "hour"}, "kmh": {"km", "hour"},
	"kbps": {"kbit", "second"}, "mbps": {"Mbit", "second"}, "gbps": {"Gbit", "second"}, "tbps": {"Tbit", "second"},
	"时速公里": {"km", "hour"},
}

// unitsByForm is built when it is first needed: most commands check nothing.
var unitsByForm = sync.OnceValue(func() *unitForms {
	f := &unitForms{
		kinds: make([]measureKind, firstMeasure, int(firstMeasure)+len(unitTable)),
		words: map[string][]unit{}, exact: map[string][]unit{}, before: map[string][]unit{},
		starts: map[string]bool{},
	}
	for m, forms := range namedRatios {
		f.put(f.words, forms, m)
	}
	for i, row := range unitTable {
		m := firstMeasure + measure(i)
		f.kinds = append(f.kinds, row.kind)
		f.put(f.words, row.words, m)
		f.put(f.exact, row.exact, m)
		if row.kind == currencyKind {
			f.put(f.before, row.words+"|"+row.exact, m)
		}
	}
	for form, pair := range compoundForms {
		f.words[form] = []unit{{f.one(pair[0]), f.one(pair[1])}}
	}
	for _, forms := range []map[string][]unit{f.words, f.exact} {
		for form := range forms {
			f.starts[lexemesOf(form)[0].lower] = true
		}
	}
	return f
})

func (f *unitForms) put(to map[string][]unit, forms string, m measure) {
	for form := range strings.SplitSeq(forms, "|") {
		if form != "" {
			to[form] = append(to[form], unit{of: m})
		}
	}
}

// one returns the measure of a form that names only one.
func (f *unitForms) one(form string) measure {
	if u := f.exact[form]; u != nil {
		return u[0].of
	}
	return f.words[form][0].of
}

func (f *unitForms) kind(m measure) measureKind { return f.kinds[m] }
