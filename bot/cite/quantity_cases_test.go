package cite

// quantityCases are sentences with what their evidence holds of them.
var quantityCases = []struct {
	evidence string
	yes, no  []string
}{
	{
		"The market will reach 13.23 billion yuan this year, with a growth rate of 110%.",
		[]string{"13.23 billion yuan", "13.23bn yuan", "RMB 13.23 billion", "市场规模将达132.3亿元", "13,230,000,000 yuan", "13 230 million yuan", "¥13.23bn", "人民币132.3亿元", "13.23 billion", "It grows by 110 percent.", "增长110%", "增长百分之一百一十", "１３.２３ billion yuan", "CNY 13.23 billion", "a 13.23-billion-yuan market", "grows 110 per cent"},
		[]string{"13.23", "13.23 million yuan", "13.24 billion yuan", "13.23 billion dollars", "$13.23 billion", "1323亿元", "13.23亿元", "132.3万元", "110", "grew 11%", "110 times", "13.2 billion yuan", "€13.23bn", "132.3亿美元", "grew 110 per mille", "13.23 billion km"},
	},
	{
		"In the survey of August 2023, among enterprises with more than 5,000 employees, 80% believe so for the next 18 months.",
		[]string{"80%", "８０％", "80 percent", "eighty per cent", "百分之八十", "八成", "80个百分点", "80 percentage points", "80 pct", "5000 employees", "5,000", "5'000", "5 000", "5k employees", "五千名员工", "5千名员工", "18 months", "18个月", "eighteen months", "十八个月", "an 18-month plan", "in August 2023", "Aug 2023", "2023年8月", "2023-08", "in 2023", "August", "2023年", "八月", "二〇二三年八月", "百分之80", "0.5万"},
		[]string{"80", "八成五", "81%", "18 years", "18年", "50,000 employees", "5,0000", "September 2023", "August 2022", "2023年9月", "15 August 2023", "2022", "500", "18 weeks", "5 million", "2023-09", "七月", "$5,000", "18%", "18 km"},
	},
	{
		"Bert had 300 million parameters; GPT-3 had 175 billion and GPT-4 about 1.8 trillion.",
		[]string{"300 million", "3亿", "300M parameters", "175B", "1750亿参数", "1.8 trillion", "1.8万亿", "1800 billion", "1.8tn", "1.8兆", "three hundred million", "三亿参数", "0.3 billion", "GPT-4 has 1.8 trillion", "GPT 4 has 1.8 trillion"},
		[]string{"300", "300 billion", "175 million", "1.8 billion", "4 models", "3 models", "1.8", "18000", "175", "GPT 5", "3千万", "三百万"},
	},
	{
		"GPT4-Turbo leads with 89.79, and ERNIE Bot 4.0 is 15.77 points away.",
		[]string{"89.79", "15.77 points", "ERNIE Bot 4.0", "GPT 4", "15.77分", "ERNIE Bot 4"},
		[]string{"89.8", "15.77 percentage points", "15.77%", "1577", "4.1", "15,77,0"},
	},
	{
		"It costs $10-20 million, or between 5 and 10 percent of sales; 3, 4 and 6% elsewhere.",
		[]string{"$10 million", "$20 million", "10 to 20 million dollars", "US$10–20 million", "5%", "10%", "5 to 10 percent", "5–10%", "3%", "4%", "6 percent", "1000万美元", "10 million", "between five and ten percent", "3% and 6%"},
		[]string{"20 million euros", "7%", "$5 million", "20%", "£10 million", "10 billion", "10 to 30 million dollars", "6"},
	},
	{
		"The plan runs 5 to 10 years, the 5- to 10-year plan, at 10 to 20 billion.",
		[]string{"5 years", "ten years", "5–10 years", "10-year", "five to ten years", "5年", "10 billion", "20 billion", "10年", "100亿"},
		[]string{"5 months", "20 years", "15 years", "5 billion", "10 million", "5个月"},
	},
	{
		"More than ten applications, three companies, a dozen labs and one hundred and thirty-two people.",
		[]string{"10 applications", "ten applications", "3 companies", "三家公司", "12 labs", "a dozen labs", "十二家", "132 people", "一百三十二人", "one hundred thirty-two", "壹佰叁拾贰", "132"},
		[]string{"11 applications", "4 companies", "13 labs", "130 people", "一百三十", "十三家", "twelve hundred", "1132", "32", "一百多"},
	},
	{
		"公司在2023年8月15日投资一百多万元，增长八成五，覆盖十二个城市，两千家门店，三年内翻番，约3.5万人。",
		[]string{"1 million yuan", "RMB 1 million", "100万元", "85%", "twelve cities", "12 cities", "2,000 stores", "2000家", "3 years", "three years", "三年", "15 August 2023", "August 15, 2023", "2023-08-15", "2023/8/15", "8月15日", "August 2023", "35,000 people", "3.5万", "三万五千人", "百分之八十五", "两千", "二〇二三年八月十五日"},
		[]string{"80%", "10 million yuan", "1 million dollars", "3 months", "200 stores", "20 cities", "16 August 2023", "2023-08-16", "3.5亿", "三个月", "2024年", "350,000", "1 million euros", "四年"},
	},
	{
		"August 2022 was wet; in May 2023 it was dry.",
		[]string{"August 2022", "May 2023", "2022", "2023", "in May", "2022年8月", "Aug. 2022", "2023-05"},
		[]string{"August 2023", "May 2022", "June 2023", "2023年8月", "5 August 2022", "2021", "2022-05"},
	},
	{
		"In June this year it began; the report is of 28 November 2023.",
		[]string{"June 2023", "November 2023", "28 November", "28th of November 2023", "November 28, 2023", "11月28日", "June", "28/11/2023", "11/28/2023", "Nov 28"},
		[]string{"July 2023", "June 2022", "27 November", "June 28", "28/12/2023", "28 June 2023"},
	},
	{
		"It was signed on 08/03/2021.",
		[]string{"8 March 2021", "August 3, 2021", "2021年3月8日", "in 2021", "2021-08-03"},
		[]string{"8 April 2021", "3 March 2021", "2020", "2021年3月9日"},
	},
	{
		"The war of 1914–18, the season 2023-24, the 1990s, the nineteenth century and 44 BC.",
		[]string{"1914", "1918", "1914-1918", "2023", "2024", "2023/24", "the '90s", "1990s", "90年代", "1990年代", "19th century", "19世纪", "十九世纪", "44 BC", "44 BCE", "公元前44年", "44 B.C. or so"},
		[]string{"1916", "1915-18", "2025", "1980s", "80年代", "18th century", "20世纪", "44 AD", "45 BC", "19 centuries", "1990年", "公元前45年", "AD 44"},
	},
	{
		"The late 8th and early 9th century, the 15th–17th centuries, the mid 14th-century plague, the 5th century BC and the 21st century.",
		[]string{"15th century", "17th century", "fifteenth century", "14th century", "14世纪", "twenty-first century", "21世纪", "5th century BC"},
		[]string{"the late 7th and early 9th century", "16th century", "5th century", "20th century", "14 centuries", "22世纪", "6th century BC"},
	},
	{
		"Revenue in Q3 2023 and in the third quarter of 2022.",
		[]string{"Q3 2023", "third quarter", "第三季度", "三季度", "3Q23", "2023Q3", "3rd quarter of 2022"},
		[]string{"Q2 2023", "fourth quarter", "第二季度", "Q3 2021", "4Q23", "three quarters"},
	},
	{
		"The river is 1,233 km long (766 miles), 5 km² wide, and flows 2,900 m3/s at 20 km/h.",
		[]string{"1,233 kilometres", "1233公里", "1 233 kilometers", "1233千米", "766 miles", "766 mi", "5 square kilometres", "5 km2", "5平方公里", "2,900 cubic metres per second", "20 kilometres per hour", "20 kph", "1233-km", "1,233", "766英里"},
		[]string{"1,233 miles", "766 km", "1,233,000 m", "5 km", "5 square miles", "20 km", "2900 m3", "20 mph", "1233米", "5 km3", "5 km4", "2,900 m4/s", "20 km/s"},
	},
	{
		"He waited half a year, two and a half hours, ½ mile, 2½ days and two-thirds of a week; three quarters agreed.",
		[]string{"half a year", "0.5 years", "半年", "2.5 hours", "两个半小时", "half a mile", "2 1/2 days", "two and a half days", "2/3", "two-thirds", "三分之二", "3/4", "四分之三", "⅔"},
		[]string{"half a month", "3.5 hours", "1/3", "one-third", "三分之一", "1/4 agreed", "2.5 weeks", "一年半"},
	},
	{
		"Output grew threefold, then 5 times, then 3x; ten-fold later.",
		[]string{"3x", "3-fold", "three times", "3倍", "三倍", "fivefold", "5x", "5倍", "tenfold", "10 times"},
		[]string{"4x", "twofold", "二倍", "6 times", "3%", "20倍", "3 years"},
	},
	{
		"The score was 3-2, the ratio 3:1, at 10:30, with version 4.5.1; call 010-1234-5678.",
		[]string{"3-2", "3:1", "10:30", "4.5.1", "010-1234-5678", "version 4.5.1", "３：１"},
		[]string{"3:2", "3-1", "10:31", "4.5.2", "4.5", "010-1234-5679", "2-3-1", "1:3", "4.5.1.0"},
	},
	{
		"The meeting is at 10.30am or 4 p.m. on the 15th.",
		[]string{"10:30 am", "4pm", "4 p.m.", "15th", "10.30 a.m."},
		[]string{"10:30 pm", "5pm", "4am", "16th", "10:45 am", "4%"},
	},
	{
		"It was −5°C at night, 12 °C by day; 40 degrees Fahrenheit.",
		[]string{"-5°C", "minus 5 degrees Celsius", "零下负5摄氏度", "12 degrees Celsius", "12℃", "40°F", "−5 °C"},
		[]string{"5°C", "-12°C", "40°C", "12°F", "6°C", "-6°C"},
	},
	{
		"Sales (%): north 45, south 55. Costs in US$: 120 and 340.",
		[]string{"45%", "55 percent", "$120", "340 dollars", "US$340"},
		[]string{"46%", "$130", "£120", "340 euros", "340 km"},
	},
	{
		"It paid £5m, €3.2bn, ₹2 crore, 5 lakh rupees, ₩900 and HK$7 million.",
		[]string{"5 million pounds", "GBP 5 million", "500万英镑", "€3.2 billion", "3.2 billion euros", "32亿欧元", "20 million rupees", "₹20,000,000", "500,000 rupees", "₹5,00,000", "900 won", "HKD 7 million", "7 million Hong Kong dollars", "700万港元", "5 million"},
		[]string{"$5 million", "€3.2 million", "2 crore dollars", "$7 million", "900 yen", "£5", "5 million km", "₹5 crore", "3.2", "700万美元"},
	},
	{
		"The parcel weighs 5 pounds, or 80 ounces.",
		[]string{"5 lb", "5 lbs", "five pounds", "5磅", "80 oz"},
		[]string{"5 kg", "80 pounds", "80 grams", "6 lb"},
	},
	{
		"1.234,5 and 3,5 and 1.234.567 in the German table.",
		[]string{"1234.5", "3.5", "1,234,567"},
		[]string{"1.235", "35", "1234567.8", "3.6"},
	},
	{
		"It costs tens of millions of dollars, and hundreds of people came.",
		[]string{"tens of millions of dollars", "tens of millions", "数千万美元", "数千万", "millions of dollars were spent", "数百人", "hundreds came"},
		[]string{"hundreds of millions", "tens of billions of dollars", "数亿美元", "thousands of people", "tens of millions of euros", "数千人"},
	},
	{
		"The amount reaches the 22 nd power of 10, 6.02×10^23 and 10⁶; room 007.",
		[]string{"22nd", "10", "1,000,000", "one million", "6.02×10^23", "room 007", "6.02 x 10²³"},
		[]string{"23rd", "10 million", "6.02×10^22", "room 008", "10⁷"},
	},
	{
		"From 15 to 16 August 2020 and on September 3–5, 1812.",
		[]string{"15 August 2020", "August 16, 2020", "15–16 August 2020", "3 September 1812", "September 5, 1812"},
		[]string{"17 August 2020", "4 September 1812", "15 September 1812", "16 August 1812"},
	},
	{
		"Amazon had 16,000 species; 90,790 tonnes; 10 Gbit/s, 128 GB, 500 kWh, 3 MW, 56 kbit/s.",
		[]string{"16000 species", "90,790 metric tons", "90,790吨", "10 Gbps", "128GB", "128 gigabytes", "500 kilowatt hours", "500千瓦时", "3 megawatts", "3兆瓦", "1.6万种", "56 kbps"},
		[]string{"128 MB", "10 Mbps", "500 kW", "3 GW", "128 Gb", "3 mW", "90,790 kg", "16 species", "10 GB"},
	},
	{
		"Between 1348 and 1350, 45 to 50 percent died; by 1990 the figure was 1 in 3.",
		[]string{"45%", "50 percent", "in 1348", "1350", "1348–1350", "45–50%", "1 in 3"},
		[]string{"1348%", "1349", "40 to 50 percent", "1991", "1 in 4"},
	},
	{
		"百度发布了238个大模型，万科和三星投资5.5亿美元，占比近三成，利率3.45%，用时1小时30分钟。",
		[]string{"238 models", "238", "$550 million", "550 million US dollars", "30%", "三成", "3.45 percent", "1 hour 30 minutes", "百度发布了238个模型", "USD 0.55 billion", "一小时三十分钟"},
		[]string{"239 models", "3.45", "$550", "550 million yuan", "3%", "1 hour 3 minutes", "20%", "2小时", "四成", "5.5亿元"},
	},
	{
		"The 18-year-old runner, 2 years older, ran 100km in 9 h with 3% fat.",
		[]string{"18 years old", "18岁", "100 kilometres", "100 km", "9 hours", "18-year-olds", "two years"},
		[]string{"19 years old", "100 miles", "9 minutes", "2 months", "3 years"},
	},
	{
		"oxygen-16 is stable; COVID-19 spread; section 1990 units; 2,023 units.",
		[]string{"oxygen-16", "COVID-19", "COVID 19"},
		[]string{"oxygen-17", "19 cases", "16 atoms", "2023年"},
	},
	{
		"A year later an hour was lost, for 1¼ miles.",
		[]string{"1 year", "one year", "one hour", "1小时", "一年", "1.25 miles"},
		[]string{"1 company", "2 years", "one month", "two hours", "1.5 miles"},
	},
	{
		"At present there are only about 10 manufacturers whose scale reaches 100 billion or more; 238 models were released as of October this year, 20 photos, one million dollars, two months, more than half a year.",
		[]string{"约10家厂商", "千亿级参数", "1000亿", "一千亿", "截至10月，共发布238个大模型", "20张照片", "$1 million", "100万美元", "两个月", "2 months", "October", "over one million dollars", "半年多", "a hundred billion", "100B", "二十张"},
		[]string{"百亿级参数", "100 million", "约11家", "截至9月", "两年", "$2 million", "1 million euros", "半个月", "二百三十九个", "twenty-one photos", "238%", "238 million"},
	},
	{
		"The U.S. Census of 2000 counted 427,652 people; 8.4% were Black. From 1965 to 1970 it fell 3 percentage points, by 2,500 cu ft/s, to 96 GPa.",
		[]string{"427,652", "427 652", "8.4 percent", "between 1965 and 1970", "3 pp", "3%", "96 gigapascals", "2,500 cubic feet per second", "in 2000", "2000年"},
		[]string{"427,653", "8.4 people", "1966", "96 MPa", "2,500 cubic feet", "2,500 m3/s", "2001", "4 percentage points"},
	},
	{
		"", nil,
		[]string{"15companies", "about19 firms", "Only ⑮ firms", "1\u200b5 firms", "１５ firms", "15 firms", "fifteen firms", "十五家", "1٫5", "½ of them", "half of them", "80%", "in May 2023", "三年", "three years", "five percent", "五个百分点", "5x", "1990s", "3-2", "v1.2.3 or 4.5.6", "mid-2023", "2e5", "$5", "十五", "一百", "百万元", "12,34", "2:1", "August", "20th century", "dozens of firms", "on the 15th", "the eleventh", "第十一", "2023年", "7B parameters", "100km", "3 companies", "USD5", "FY2023", "Q3", "AD79", "nineteen eighty-four", "Ⅻ is 12", "1/3", "one-third", "two and a half", "a hundred", "half a million"},
	},
}

// claimless are sentences without a quantity.
var claimless = []string{
	"Three companies joined, and one of them left.", "No company had zero users.", "The first model beat the second.",
	"第一名是百度，万一失败，一些公司十分关心。", "三家公司，一个问题。", "千万不要相信百姓的一切。",
	"GPT-4, GPT4-Turbo, H800, A100, Ernie4.0, GB2312, COVID-19, 5G, 3D and v2 are names.",
	"1. The model is small.", "2) It is large.", "(3) It is slow.", "一、模型很小。", "① It is new.",
	"One may think so, and another march on.", "It may fall.", "In the second half it was the 3rd to come.",
	"万科与三星合作。", "They doubled and tripled sales.", "Others believe in the hundred-model war.", "The 1st and 10th came.",
	"a second-hand car, one by one", "The US and the EU met.", "每一次都一样，一般来说一定。", "Baichuan2 and Qwen-72B", "",
}
