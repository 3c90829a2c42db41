package main

import (
	"net/http"
	"strings"
	"testing"

	"footnote/bot/slackbot/slacksim"
)

func TestServeEndsWhenTheAppIsRemovedAndStartsAgainAfterwards(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"socket", "http"} {
		t.Run(transport, func(t *testing.T) {
			ws, env := workspace(t, slacksim.Options{})
			var args []string
			if transport == "http" {
				args = []string{"--http"}
			}
			begin := func() *served {
				s := serve(t, env, args...)
				if transport == "http" {
					if err := ws.UseHTTP(t.Context(), s.url+"/slack/events"); err != nil {
						t.Fatal(err)
					}
				}
				s.until("readiness", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
				return s
			}
			s := begin()
			ws.Uninstall()
			if status := s.ends(); status != 1 {
				t.Errorf("status %d", status)
			}
			for _, want := range []string{"footnote: the app was removed from the workspace", "hint: to have it back, install it again"} {
				if !strings.Contains(s.said(), want) {
					t.Errorf("it does not say %q:\n%s", want, s.said())
				}
			}
			noSecrets(t, ws, s.said())
			ws.Reinstall()
			again := begin()
			ws.AddUser(slacksim.UserSpec{Name: "alice"}).Say(ws.Channel("general"), "How many large models had been released in China by October?")
			again.until("the answer", func() bool { return strings.Contains(ws.Transcript(), "238 large models") })
		})
	}
}
