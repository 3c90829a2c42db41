package slacksim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of Block Kit, in characters (code points) or items.
const (
	maxMessageBlocks = 50    // docs.slack.dev, "Blocks"
	maxViewBlocks    = 100   // docs.slack.dev, "Blocks"
	maxMarkdown      = 12000 // docs.slack.dev, "Markdown block" and "chat.startStream method"
	maxBlocksText    = 13200 // measured: slackapi/bolt-js issue 2509
	maxSection       = 3000  // docs.slack.dev, "Section block"
	maxFields        = 10    // docs.slack.dev, "Section block"
	maxField         = 2000  // docs.slack.dev, "Section block"
	maxHeader        = 150   // docs.slack.dev, "Header block"
	maxContext       = 10    // docs.slack.dev, "Context block"
	maxActions       = 25    // docs.slack.dev, "Actions block"
	maxContextAction = 5     // docs.slack.dev, "Context actions block"
	maxImageText     = 2000  // docs.slack.dev, "Image block"
	maxLabel         = 2000  // docs.slack.dev, "Input block"
	maxTableRows     = 100   // docs.slack.dev, "Table block"
	maxTableColumns  = 20    // docs.slack.dev, "Table block"
	maxText          = 3000  // docs.slack.dev, "Text object"
	maxID            = 255   // block_id and action_id: docs.slack.dev, "Blocks", "Block elements"
	maxButton        = 75    // docs.slack.dev, "Button element"
	maxValue         = 2000  // docs.slack.dev, "Button element"
	maxURL           = 3000  // docs.slack.dev, "Button element"
	maxOverflow      = 5     // docs.slack.dev, "Overflow menu element"
	maxOptions       = 100   // docs.slack.dev, "Select menu element"
	maxChoices       = 10    // docs.slack.dev, "Checkboxes", "Radio button group"
	maxOption        = 75    // docs.slack.dev, "Option object"
	maxOptionValue   = 150   // docs.slack.dev, "Option object"
	maxInput         = 3000  // docs.slack.dev, "Plain-text input element"
	maxPlaceholder   = 150   // docs.slack.dev, "Select menu element"
)

// A surface is where blocks stand; it decides which are allowed.
type surface int

const (
	inMessage surface = iota
	inModal
	inHome
)

// A blockCheck collects what is wrong with a list of blocks, in Slack's words.
type blockCheck struct {
	surface surface
	errs    []string
	ids     map[string]bool
	chars   int // of all texts
	stored  int // blocks after Slack translated the markdown ones
	input   bool
}

func checkBlocks(blocks []Block, where surface) *blockCheck {
	c := &blockCheck{surface: where, ids: map[string]bool{}}
	limit := maxMessageBlocks
	if where != inMessage {
		limit = maxViewBlocks
	}
	for i, b := range blocks {
		c.block("/blocks/"+strconv.Itoa(i), b)
	}
	if max(len(blocks), c.stored) > limit {
		c.errs = []string{tooMany("/blocks", limit)}
	}
	return c
}

func (c *blockCheck) addf(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Sprintf(format, args...)+" [json-pointer:"+path+"]")
}

func tooMany(path string, limit int) string {
	return fmt.Sprintf("no more than %d items allowed [json-pointer:%s]", limit, path)
}

func (c *blockCheck) block(path string, b Block) {
	c.stored++
	c.id(path, b, "block_id")
	if id, _ := b["block_id"].(string); id != "" {
		if c.ids[id] {
			c.addf(path+"/block_id", "block_id already exists: %s", id)
		}
		c.ids[id] = true
	}
	kind, _ := b["type"].(string)
	if !slices.Contains(allowed(c.surface), kind) {
		c.addf(path+"/type", "unsupported type: %s", kind)
		return
	}
	switch kind {
	case "section":
		c.section(path, b)
	case "header":
		c.text(path, b, "text", "plain_text", 1, maxHeader, true)
	case "markdown":
		c.markdown(path, b)
	case "context":
		c.elements(path, b, maxContext, c.contextElement)
	case "actions":
		c.elements(path, b, maxActions, c.actionElement)
	case "context_actions":
		c.elements(path, b, maxContextAction, c.contextAction)
	case "image":
		c.image(path, b)
	case "input":
		c.inputBlock(path, b)
	case "rich_text":
		c.richText(path, b)
	case "table":
		c.table(path, b)
	case "video":
		c.text(path, b, "title", "plain_text", 1, 200, true)
		c.str(path, b, "alt_text", 1, maxImageText, true)
		c.str(path, b, "video_url", 1, maxURL, true)
		c.str(path, b, "thumbnail_url", 1, maxURL, true)
	}
}

// allowed lists the blocks of a surface (docs.slack.dev, "Blocks", each
// block's "Available in surfaces").
func allowed(s surface) []string {
	all := []string{"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
	switch s {
	case inMessage:
		return append(all, "context_actions", "file", "markdown", "table", "task_card", "plan", "card", "carousel", "container", "data_table", "data_visualization")
	case inModal:
		return append(all, "alert", "card")
	default:
		return append(all, "card", "carousel")
	}
}

func (c *blockCheck) section(path string, b Block) {
	fields, hasFields := b["fields"].([]any)
	if _, ok := b["text"]; ok || !hasFields {
		c.text(path, b, "text", "", 1, maxSection, true)
	}
	if len(fields) > maxFields {
		c.errs = append(c.errs, tooMany(path+"/fields", maxFields))
	}
	for i := range fields {
		c.textObject(path+"/fields/"+strconv.Itoa(i), fields[i], "", 1, maxField)
	}
	if hasFields && len(fields) == 0 {
		c.addf(path+"/fields", "must provide at least 1 items")
	}
	if a, ok := b["accessory"]; ok {
		c.no(path+"/accessory", a, inputOnly)
		c.element(path+"/accessory", a)
	}
}

func (c *blockCheck) markdown(path string, b Block) {
	c.str(path, b, "text", 1, maxMarkdown, true)
	text, _ := b["text"].(string)
	c.chars += utf8.RuneCountInString(text)
	c.stored += translated(text) - 1
}

// translated counts the blocks that Slack stores for a markdown text: one for
// each heading, table and rule, and one for each run of anything else between
// them. The markdown block's page says only that there may be several; that
// the limit of 50 counts them is from others' measurements.
func translated(markdown string) int {
	n, last := 0, ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		kind := "text"
		switch {
		case line == "":
			continue
		case strings.HasPrefix(line, "#") && strings.HasPrefix(strings.TrimLeft(line, "#"), " "):
			kind = "heading"
		case strings.HasPrefix(line, "|"):
			kind = "table"
		case len(line) >= 3 && strings.Trim(line, "-") == "" || len(line) >= 3 && strings.Trim(line, "*") == "":
			kind = "rule"
		}
		if kind != last || kind == "heading" || kind == "rule" {
			n++
		}
		last = kind
	}
	return max(n, 1)
}

func (c *blockCheck) image(path string, b Block) {
	_, file := b["slack_file"].(map[string]any)
	if !file {
		c.str(path, b, "image_url", 1, maxURL, true)
	}
	c.str(path, b, "alt_text", 1, maxImageText, true)
	c.text(path, b, "title", "plain_text", 1, maxImageText, false)
}

func (c *blockCheck) inputBlock(path string, b Block) {
	c.input = true
	c.text(path, b, "label", "plain_text", 1, maxLabel, true)
	c.text(path, b, "hint", "plain_text", 1, maxLabel, false)
	if e, ok := b["element"]; ok {
		c.no(path+"/element", e, []string{"button", "workflow_button", "image", "overflow"})
		c.element(path+"/element", e)
		return
	}
	c.addf(path, "missing required field: element")
}

// inputOnly are the elements that stand in an input block alone
// (docs.slack.dev, "Block elements", "Works with block types").
var inputOnly = []string{"plain_text_input", "rich_text_input", "email_text_input", "url_text_input", "number_input", "file_input"}

// no refuses elements of some types.
func (c *blockCheck) no(path string, v any, types []string) {
	o, _ := v.(map[string]any)
	if kind, _ := o["type"].(string); slices.Contains(types, kind) {
		c.addf(path+"/type", "unsupported type: %s", kind)
	}
}

func (c *blockCheck) table(path string, b Block) {
	rows, ok := b["rows"].([]any)
	if !ok {
		c.addf(path, "missing required field: rows")
		return
	}
	if len(rows) > maxTableRows {
		c.errs = append(c.errs, tooMany(path+"/rows", maxTableRows))
	}
	for i, r := range rows {
		cells, _ := r.([]any)
		if len(cells) > maxTableColumns {
			c.errs = append(c.errs, tooMany(path+"/rows/"+strconv.Itoa(i), maxTableColumns))
		}
		for _, cell := range cells {
			object, _ := cell.(map[string]any)
			text, _ := object["text"].(string)
			c.chars += utf8.RuneCountInString(text)
		}
	}
}

// richText checks the outline of a rich_text block and counts its characters.
func (c *blockCheck) richText(path string, b Block) {
	elements, ok := b["elements"].([]any)
	if !ok {
		c.addf(path, "missing required field: elements")
		return
	}
	for i, e := range elements {
		object, _ := e.(map[string]any)
		switch object["type"] {
		case "rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted":
		default:
			c.addf(path+"/elements/"+strconv.Itoa(i)+"/type", "unsupported type: %v", object["type"])
		}
	}
	walk(elements, func(object map[string]any) {
		if link, _ := object["url"].(string); utf8.RuneCountInString(link) > maxURL {
			c.addf(path, "must be less than %d characters", maxURL+1)
		}
		if text, _ := object["text"].(string); object["type"] == "text" {
			c.chars += utf8.RuneCountInString(text)
		}
	})
}

// walk calls f for every JSON object in v, outer ones first.
func walk(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			walk(e, f)
		}
	case map[string]any:
		f(v)
		for _, k := range sortedKeys(v) {
			walk(v[k], f)
		}
	}
}
