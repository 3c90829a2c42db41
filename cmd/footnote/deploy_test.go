package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"footnote/bot/slackbot"
	"footnote/bot/slackbot/slacksim"
)

// figureNames notes what is registered.
type figureNames map[string]bool

var fqName = regexp.MustCompile(`fqName: "([^"]+)"`)

func (f figureNames) Register(c prometheus.Collector) error {
	described := make(chan *prometheus.Desc, 100)
	c.Describe(described)
	close(described)
	for d := range described {
		f[fqName.FindStringSubmatch(d.String())[1]] = true
	}
	return nil
}

func (f figureNames) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		_ = f.Register(c)
	}
}

func (figureNames) Unregister(prometheus.Collector) bool { return true }

// Alerts and documents name no figure that is not there.
func TestEveryFigureThatIsNamedIsThere(t *testing.T) {
	ws := slacksim.New(t, slacksim.Options{})
	names := figureNames{}
	b, err := slackbot.New(t.Context(), &editions{}, nil, slackbot.Options{BotToken: ws.BotToken(), APIURL: ws.Env()["SLACK_API_URL"], Metrics: names})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	names.MustRegister(&ledgerFigures{}, corpusFigures{}, storeFigures{})
	named := regexp.MustCompile(`footnote_[a-z_]+`)
	for _, file := range []string{"../../docs/deploy/alerts.yml", "../../docs/operate.md", "../../docs/slack.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := named.FindAllString(string(text), -1)
		if len(found) == 0 && !strings.HasSuffix(file, "slack.md") {
			t.Errorf("%s names none", file)
		}
		for _, name := range found {
			base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
			if !names[name] && !names[base] && name != "footnote_" {
				t.Errorf("%s names %s; there are %q", file, name, slices.Sorted(maps.Keys(names)))
			}
		}
	}
}
