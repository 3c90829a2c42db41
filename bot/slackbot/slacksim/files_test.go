package slacksim

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// fetch downloads a file with the bot's token.
func fetch(t *testing.T, ws *Workspace, f *File) (int, []byte, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ws.URL()+"/files-pri/"+f.ID+"/"+f.Name, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+ws.BotToken())
	response, err := ws.HTTPClient().Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return response.StatusCode, b, err
}

func TestFilesAreUploadedTogether(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	big := bytes.Repeat([]byte("x"), 20<<20)
	files := []*File{{Name: "a.txt", Content: []byte("a")}, {Name: "big.txt", Content: big}}
	m := alice.Upload(general, "two reports", files)
	if m.Subtype != "file_share" || len(m.Files) != 2 || files[1].ID == "" {
		t.Fatalf("posted %+v", m)
	}
	all := events(ws)
	if len(all) != 3 || all[0]["subtype"] != "file_share" || all[1]["file_id"] != files[0].ID || all[2]["file_id"] != files[1].ID {
		t.Errorf("events %v", all)
	}
	if status, b, err := fetch(t, ws, files[1]); status != 200 || !bytes.Equal(b, big) || err != nil {
		t.Errorf("%d, %d bytes, %v", status, len(b), err)
	}
	info, _ := form(t, ws, "files.info", "file", files[0].ID)["file"].(map[string]any)
	if where, _ := info["channels"].([]any); len(where) != 1 || where[0] != general.ID {
		t.Errorf("the file is in %v", where)
	}
}

func TestADeletedFileLeavesATombstone(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	f := &File{Name: "a.txt", Content: []byte("a")}
	alice.Upload(general, "a report", []*File{f})
	alice.DeleteFile(f.ID)
	all := events(ws)
	gone, changed := all[len(all)-2], all[len(all)-1]
	if gone["type"] != "file_deleted" || gone["file_id"] != f.ID || gone["file"] != nil {
		t.Errorf("event %v", gone)
	}
	message, _ := changed["message"].(map[string]any)
	if s := string(mustJSON(message["files"])); s != `[{"id":"`+f.ID+`","mode":"tombstone"}]` || message["edited"] != nil {
		t.Errorf("the message is %v", message)
	}
	if before := string(mustJSON(changed["previous_message"])); !strings.Contains(before, "a.txt") {
		t.Errorf("before it was %s", before)
	}
	wantError(t, form(t, ws, "files.info", "file", f.ID), "file_deleted")
	if status, _, err := fetch(t, ws, f); status != 404 || err != nil {
		t.Errorf("the download answers %d, %v", status, err)
	}
	if !strings.Contains(ws.Transcript(), "[file deleted]") {
		t.Error(ws.Transcript())
	}
	alice.DeleteFile(f.ID)
	if n := len(events(ws)); n != len(all) {
		t.Error("deleted twice")
	}
}

func TestFilesAreSeenWhereTheBotIs(t *testing.T) {
	ws, alice, _ := sim(t, Options{})
	f := &File{Name: "a.txt", Content: []byte("a")}
	secret := ws.AddChannel(ChannelSpec{Name: "secret", Kind: Private})
	alice.Upload(secret, "", []*File{f})
	secret.Remove(ws.Bot)
	wantError(t, form(t, ws, "files.info", "file", f.ID), "file_not_found")
	if status, _, _ := fetch(t, ws, f); status != 404 {
		t.Errorf("the download answers %d", status)
	}
}

func TestDownloadsGoWrong(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	f := &File{Name: "a.txt", Content: []byte("the north won")}
	alice.Upload(general, "", []*File{f})
	ws.Inject(Fault{Kind: Malformed, Method: Download, Call: 1})
	ws.Inject(Fault{Kind: ServerError, Method: Download, Call: 2})
	ws.Inject(Fault{Kind: Slow, Method: Download, Call: 3, Delay: 50 * time.Millisecond})
	ws.Inject(Fault{Kind: Reset, Method: Download, Call: 4, Times: 2}) // clients try once more
	if _, b, err := fetch(t, ws, f); !errors.Is(err, io.ErrUnexpectedEOF) || string(b) != "the no" {
		t.Errorf("broken off: %q, %v", b, err)
	}
	if status, _, err := fetch(t, ws, f); status != 503 || err != nil {
		t.Errorf("broken: %d, %v", status, err)
	}
	begun := time.Now()
	if _, b, err := fetch(t, ws, f); string(b) != "the north won" || err != nil || time.Since(begun) < 50*time.Millisecond {
		t.Errorf("slow: %q, %v, after %v", b, err, time.Since(begun))
	}
	if _, _, err := fetch(t, ws, f); err == nil {
		t.Error("the connection was not reset")
	}
	if status, _, err := fetch(t, ws, f); status != 200 || err != nil {
		t.Errorf("mended: %d, %v", status, err)
	}
}
