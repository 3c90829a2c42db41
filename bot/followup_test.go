package bot

import "testing"

func turns(questions ...string) []Turn {
	var history []Turn
	for _, q := range questions {
		history = append(history, Turn{Question: q, Answer: "It does. [1]"})
	}
	return history
}

func TestAFollowUpTakesOverWhatItPointsBackTo(t *testing.T) {
	for _, tt := range []struct {
		history  []Turn
		question string
		want     string
	}{
		{turns("Who is Wu Wei?"), "What did he say about the gap?", "What did he say about the gap? (Wu Wei)"},
		{turns("What did Wu Wei say about the gap?"), "And who said that?", "And who said that? (Wu Wei gap)"},
		{turns("Why is the gap widening?"), "Why?", "Why? (gap widening)"},
		{turns("How many models did China release in 2023?"), "And in 2022?", "And in 2022? (China models release)"},
		{turns("How many parameters does GPT-3 have?"), "What about GPT-4?", "What about GPT-4? (parameters)"},
		{turns("Which chip is the A100?"), "How much does it cost?", "How much does it cost? (A100)"},
		{turns("how tall is the lighthouse"), "Who built it?", "Who built it? (tall lighthouse)"},
		{turns("What is Kimi?"), "What does that mean?", "What does that mean? (Kimi)"},
		{turns("What is Kimi?"), "What is its context window?", "What is its context window? (Kimi)"},
		{turns("Who is Wu Wei?", "What did he say about the gap?"), "Why?", "Why? (Wu Wei gap)"},
		{turns("Who is Wu Wei?", "thanks!", "What is the report about?"), "Where does she work?", "Where does she work? (Wu Wei)"},
		{turns("Who is Li Qing?", "Who is Wu Wei?"), "Where does he work?", "Where does he work? (Wu Wei)"},
		{turns("吴伟说了什么？"), "他怎么看差距？", "他怎么看差距？ (吴伟)"},
		{turns("GPT-4的参数是多少？"), "为什么？", "为什么？ (gpt 参数 4)"},
		{turns("2023年发布了多少大模型？"), "那2022年呢？", "那2022年呢？ (发布 大模型)"},
		{turns("2023年发布了多少大模型？"), "谁说的？", "谁说的？ (发布 大模型 2023)"},
	} {
		if got := carryOver(tt.question, tt.history); got != tt.want {
			t.Errorf("after %q, %q became %q, want %q", tt.history[len(tt.history)-1].Question, tt.question, got, tt.want)
		}
	}
}

func TestAQuestionThatStandsAloneIsNotChanged(t *testing.T) {
	history := turns("What did Wu Wei say about the gap?")
	for _, question := range []string{
		"Who built the lighthouse?", "And who built the lighthouse?", "How many models did China release in 2022?",
		"What did workers say about their pay?", "What does it say about chips?", "Does it mention chips?",
		"How long does it take to train a model?", "Is it true that the gap is widening?", "What is it called when prices fall?", "Who said that the gap is widening?",
		"What did he tell Li Qing?", "Which company that makes chips is the largest?", "Why did this technology spread?",
		"How many models are there in the market this year?", "What is the market size?", "what did xu say about it?",
		"What happened in 2022?", "他人如何评价这项技术？", "市场规模是多少？", "吴伟怎么看差距？", "其他公司发布了哪些模型？",
		"これは何ですか", "Что он сказал?", "",
	} {
		if got := carryOver(question, history); got != question {
			t.Errorf("%q became %q", question, got)
		}
	}
	for _, history := range [][]Turn{nil, turns("hello", "What is the report about?", "who wrote the report?", "why?", "")} {
		if got := carryOver("Why did he say that?", history); got != "Why did he say that?" {
			t.Errorf("after nothing it became %q", got)
		}
	}
}

func TestAskSearchesAFollowUpAsItIsUnderstood(t *testing.T) {
	s := &wordSearch{confidence: 0.8}
	e := portEngine(t, s, quoteBest)
	a, err := e.Ask(t.Context(), Question{Text: "Thanks. Where did she live?", History: turns("Who was Marit?")})
	if err != nil {
		t.Fatal(err)
	}
	requireContract(t, e.corpus, a)
	const want = "Where did she live? (Marit)"
	if a.UnderstoodAs != want || s.queries[0] != want || a.Question != "Thanks. Where did she live?" {
		t.Errorf("understood as %q, searched %q", a.UnderstoodAs, s.queries)
	}
}

func FuzzCarryOver(f *testing.F) {
	f.Add("And in 2022?", "Who is Wu Wei?")
	f.Add("他呢？", "GPT-4的参数是多少？")
	f.Add("it", "’'s \xff")
	f.Fuzz(func(t *testing.T, question, before string) {
		text, _ := clean(question)
		if got := carryOver(text, turns(before)); len(got) < len(text) || got[:len(text)] != text {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
