package engine

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// serverLog is what the embedded server says, in the log of the process: what is of note for people at its own level, all else
// for debugging.
type serverLog struct {
	log *slog.Logger

	mu    sync.Mutex // guards worst
	worst string
}

// last is the last that went wrong, in words.
func (l *serverLog) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.worst == "" {
		return "it did not say why"
	}
	return l.worst
}

func (l *serverLog) say(level slog.Level, format string, v []any) {
	text := fmt.Sprintf(format, v...)
	if level == slog.LevelWarn && strings.Contains(text, " outdated") {
		level = slog.LevelDebug // what a killed server leaves, which is read anew: nothing is lost by it
	}
	if level >= slog.LevelWarn {
		l.mu.Lock()
		l.worst = strings.TrimSpace(text)
		l.mu.Unlock()
	}
	l.log.Log(context.Background(), level, "state: "+text)
}

func (l *serverLog) Noticef(format string, v ...any) { l.say(slog.LevelDebug, format, v) }
func (l *serverLog) Debugf(format string, v ...any)  { l.say(slog.LevelDebug, format, v) }
func (l *serverLog) Tracef(format string, v ...any)  { l.say(slog.LevelDebug, format, v) }
func (l *serverLog) Warnf(format string, v ...any)   { l.say(slog.LevelWarn, format, v) }
func (l *serverLog) Errorf(format string, v ...any)  { l.say(slog.LevelError, format, v) }
func (l *serverLog) Fatalf(format string, v ...any)  { l.say(slog.LevelError, format, v) }
