package bot

import (
	"context"
	"errors"

	"footnote/retrieval"
)

// errStopped ends what the asker has stopped.
var errStopped = errors.New("stopped by the asker")

// closed reports whether the asker wants no more.
func closed(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default: // a nil channel too
		return false
	}
}

// untilStopped returns a context that ends once the asker wants no more.
func untilStopped(ctx context.Context, stop <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if stop == nil {
		return ctx, cancel
	}
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// stopped is the answer when nothing was verified before the asker stopped.
func (e *Engine) stopped(zh bool) Answer {
	return e.finish(Draft{Outcome: Stopped, Text: pick(zh,
		"Stopped. Nothing had been found yet that I could show.",
		"已停止。当时还没有找到可以显示的内容。")}, &retrieval.Result{}, zh)
}

// endedEarly says that an answer ends where the asker stopped it.
func endedEarly(stopped, zh bool) string {
	if !stopped {
		return ""
	}
	return pick(zh, "Stopped as you asked; what stands here was checked.", "已按您的要求停止；这里显示的内容都已核对。")
}
