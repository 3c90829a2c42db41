package slacksim

import (
	"testing"
)

// BenchmarkEvents is how fast events reach an app that acknowledges at once.
func BenchmarkEvents(b *testing.B) {
	ws := New(nil, Options{Events: []string{"message.channels"}})
	defer ws.Close()
	alice := ws.AddUser(UserSpec{Name: "alice"})
	general := ws.Channel("general")
	_, address, err := client(ws).StartSocketModeContext(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	conn, _, err := ws.Dialer().Dial(address, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	for b.Loop() {
		alice.Post(general, "x")
		var e envelope
		for e.EnvelopeID == "" {
			if err := conn.ReadJSON(&e); err != nil {
				b.Fatal(err)
			}
		}
		if err := conn.WriteJSON(map[string]any{"envelope_id": e.EnvelopeID}); err != nil {
			b.Fatal(err)
		}
	}
}
