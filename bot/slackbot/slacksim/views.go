package slacksim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Limits of views (docs.slack.dev, "Views", "views.open method").
const (
	maxViewTitle   = 24
	maxPrivate     = 3000
	maxViewSize    = 250 << 10
	maxViewStack   = 3
	triggerLife    = 3 * time.Second
	maxCallbackID  = 255
	homeView       = "home"
	modalView      = "modal"
	submitRequired = "must define `submit` to use an `input` block in modals [json-pointer:/view]"
)

// A trigger lets the app open one view for a person who just did something.
type trigger struct {
	user    *User
	expires time.Time
	used    bool
}

// A View is a modal or a person's Home tab. What the workspace returns is a copy.
type View struct {
	ID, Type, UserID string
	CallbackID       string
	ExternalID       string
	PrivateMetadata  string
	Title            string
	Submit, Close    string
	Blocks           []Block
	Hash             string
	Updates          int
	Closed           bool

	seq           int
	root          string
	state         values // what the person changed
	notifyOnClose bool
	clearOnClose  bool
}

func (v *View) clone() *View {
	c := *v
	c.Blocks = slices.Clone(v.Blocks)
	c.state = nil
	return &c
}

// Modal returns the modal that u sees, or nil.
func (u *User) Modal() *View {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	if len(u.modals) == 0 {
		return nil
	}
	return u.modals[len(u.modals)-1].clone()
}

// Home returns the Home tab that the app published for u, or nil.
func (u *User) Home() *View {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	if u.home == nil {
		return nil
	}
	return u.home.clone()
}

// newTrigger gives out a trigger_id; the caller holds mu.
func (ws *Workspace) newTrigger(u *User) string {
	ws.ids["trigger"]++
	n := ws.ids["trigger"]
	id := fmt.Sprintf("%d.%d.%032x", 1000000+n, 2000000+n, 0x5eed0000+n)
	ws.triggers[id] = &trigger{user: u, expires: ws.clock.Now().Add(triggerLife)}
	return id
}

// triggered checks a call's modal and uses up its trigger_id.
func (c *call) triggered() (*User, *View, *apiError) {
	if failure := c.require("trigger_id", "view"); failure != nil {
		return nil, nil, failure
	}
	v, failure := c.viewFor(modalView, nil)
	if failure != nil {
		return nil, nil, failure
	}
	t := c.ws.triggers[c.args["trigger_id"]]
	switch {
	case t == nil:
		return nil, nil, fail("invalid_trigger_id")
	case t.used:
		return nil, nil, fail("exchanged_trigger_id")
	case c.ws.clock.Now().After(t.expires):
		return nil, nil, fail("expired_trigger_id")
	}
	t.used = true
	return t.user, v, nil
}

func openView(c *call) (reply, *apiError) {
	u, v, failure := c.triggered()
	if failure != nil {
		return nil, failure
	}
	u.closeAll()
	return c.ws.show(u, v), nil
}

func pushView(c *call) (reply, *apiError) {
	u, v, failure := c.triggered()
	switch {
	case failure != nil:
		return nil, failure
	case len(u.modals) == 0:
		return nil, fail("not_found")
	case len(u.modals) >= maxViewStack:
		return nil, fail("push_limit_reached")
	}
	return c.ws.show(u, v), nil
}

// show puts a modal on top of the person's stack; the caller holds mu.
func (ws *Workspace) show(u *User, v *View) reply {
	v.UserID, v.root = u.ID, v.ID
	if len(u.modals) > 0 {
		v.root = u.modals[0].ID
	}
	u.modals = append(u.modals, v)
	ws.addView(v)
	return reply{"view": ws.viewJSON(v)}
}

func (ws *Workspace) addView(v *View) {
	v.seq = ws.nextSeq()
	ws.views[v.ID] = v
	ws.touch()
}

func (u *User) closeAll() {
	for _, v := range u.modals {
		v.Closed = true
	}
	u.modals = nil
}

func updateView(c *call) (reply, *apiError) {
	if failure := c.require("view"); failure != nil {
		return nil, failure
	}
	old := c.ws.views[c.args["view_id"]]
	if external := c.args["external_id"]; external != "" {
		old = c.ws.external(external)
	}
	switch {
	case old == nil || old.Closed || old.Type != modalView:
		return nil, fail("not_found")
	case c.args["hash"] != "" && c.args["hash"] != old.Hash:
		return nil, fail("hash_conflict")
	}
	v, failure := c.viewFor(modalView, old)
	if failure != nil {
		return nil, failure
	}
	c.ws.replace(old, v)
	return reply{"view": c.ws.viewJSON(old)}, nil
}

// replace gives a view new contents; the caller holds mu.
func (ws *Workspace) replace(old, v *View) {
	v.ID, v.UserID, v.root, v.seq, v.Updates = old.ID, old.UserID, old.root, old.seq, old.Updates+1
	v.state = old.state // fields of the same block_id and action_id keep what stands in them
	*old = *v
	ws.touch()
}

func publishView(c *call) (reply, *apiError) {
	if failure := c.require("user_id", "view"); failure != nil {
		return nil, failure
	}
	u := c.ws.users[c.args["user_id"]]
	switch {
	case u == nil:
		return nil, invalidArguments("invalid user [json-pointer:/user_id]")
	case c.ws.opts.HomeDisabled:
		return nil, fail("not_enabled")
	case u.home != nil && c.args["hash"] != "" && c.args["hash"] != u.home.Hash:
		return nil, fail("hash_conflict")
	}
	v, failure := c.viewFor(homeView, u.home)
	if failure != nil {
		return nil, failure
	}
	if u.home != nil {
		c.ws.replace(u.home, v)
		return reply{"view": c.ws.viewJSON(u.home)}, nil
	}
	v.UserID, v.root, u.home = u.ID, v.ID, v
	c.ws.addView(v)
	return reply{"view": c.ws.viewJSON(v)}, nil
}

func (ws *Workspace) external(id string) *View {
	for _, v := range ws.views {
		if v.ExternalID == id && !v.Closed {
			return v
		}
	}
	return nil
}

// viewFor reads and checks the view of a call; old is the view it replaces.
func (c *call) viewFor(kind string, old *View) (*View, *apiError) {
	if len(c.args["view"]) > maxViewSize {
		return nil, fail("view_too_large")
	}
	var object map[string]any
	if err := c.decode("view", &object); err != nil {
		return nil, invalidArguments("must be an object [json-pointer:/view]")
	}
	return c.ws.parseView(object, kind, old)
}

func (ws *Workspace) parseView(object map[string]any, kind string, old *View) (*View, *apiError) {
	v, errs := readView(object, kind)
	if len(errs) > 0 {
		return nil, detailed("invalid_arguments", errs)
	}
	if other := ws.external(v.ExternalID); v.ExternalID != "" && other != nil && other != old {
		return nil, fail("duplicate_external_id")
	}
	v.ID = ws.newID("V")
	v.Hash = fmt.Sprintf("%d.%08x", ws.clock.Now().Unix(), ws.ids["V"])
	return v, nil
}

func readView(object map[string]any, kind string) (*View, []string) {
	c := &blockCheck{}
	str := func(name string, atMost int) string {
		c.str("/view", object, name, 0, atMost, false)
		s, _ := object[name].(string)
		return s
	}
	v := &View{Type: kind, CallbackID: str("callback_id", maxCallbackID), ExternalID: str("external_id", maxCallbackID),
		PrivateMetadata: str("private_metadata", maxPrivate)}
	if object["type"] != kind {
		c.addf("/view/type", "must be one of: %s", kind)
	}
	if kind == modalView {
		c.text("/view", object, "title", "plain_text", 1, maxViewTitle, true)
		c.text("/view", object, "submit", "plain_text", 1, maxViewTitle, false)
		c.text("/view", object, "close", "plain_text", 1, maxViewTitle, false)
		v.Title, v.Submit, v.Close = plain(object["title"]), plain(object["submit"]), plain(object["close"])
		v.notifyOnClose, _ = object["notify_on_close"].(bool)
		v.clearOnClose, _ = object["clear_on_close"].(bool)
	}
	list, ok := object["blocks"].([]any)
	if !ok {
		c.addf("/view", "missing required field: blocks")
	}
	for _, b := range list {
		block, _ := b.(map[string]any)
		v.Blocks = append(v.Blocks, maps.Clone(block))
	}
	where := inModal
	if kind == homeView {
		where = inHome
	}
	blocks := checkBlocks(v.Blocks, where)
	for _, e := range blocks.errs {
		c.errs = append(c.errs, inView(e))
	}
	if blocks.input && kind == modalView && v.Submit == "" {
		c.errs = append(c.errs, submitRequired)
	}
	v.Blocks = nameBlocks(v.Blocks)
	return v, c.errs
}

// inView makes a path of blocks one of a view's blocks.
func inView(message string) string {
	return strings.Replace(message, "[json-pointer:/blocks", "[json-pointer:/view/blocks", 1)
}

func plain(v any) string {
	o, _ := v.(map[string]any)
	s, _ := o["text"].(string)
	return s
}

func (ws *Workspace) viewJSON(v *View) map[string]any {
	text := func(s string) any {
		if s == "" {
			return nil
		}
		return map[string]any{"type": "plain_text", "text": s, "emoji": true}
	}
	return map[string]any{
		"id": v.ID, "team_id": ws.Team.ID, "type": v.Type, "title": text(v.Title), "submit": text(v.Submit), "close": text(v.Close),
		"blocks": v.Blocks, "private_metadata": v.PrivateMetadata, "callback_id": v.CallbackID, "external_id": v.ExternalID,
		"state": map[string]any{"values": stateIn(v.Blocks, v.state)}, "hash": v.Hash,
		"clear_on_close": v.clearOnClose, "notify_on_close": v.notifyOnClose, "root_view_id": v.root, "previous_view_id": nil,
		"app_id": ws.AppID, "app_installed_team_id": ws.Team.ID, "bot_id": ws.BotID,
	}
}
