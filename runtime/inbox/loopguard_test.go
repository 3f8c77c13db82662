package inbox

import (
	"fmt"
	"testing"
	"time"
)

func TestLoopGuard(t *testing.T) {
	const window, most = time.Minute, 20
	start := time.Unix(1_000_000, 0)
	for name, c := range map[string]struct {
		every  time.Duration
		text   func(i int) string
		tripAt int // the message that is not answered, from 1; 0 = none of 60
	}{
		"a quick person":         {4 * time.Second, func(i int) string { return fmt.Sprint("message ", i) }, 0},
		"faster than a person":   {time.Second, func(i int) string { return fmt.Sprint("message ", i) }, 21},
		"one text over and over": {20 * time.Second, func(int) string { return "Thanks for  writing!" }, 5},
		"a word of consent":      {20 * time.Second, func(int) string { return "Sí " }, 9},
		"two texts in turn":      {20 * time.Second, func(i int) string { return []string{"Hello", "How can I help?"}[i%2] }, 9},
		"the same, days apart":   {24 * time.Hour, func(int) string { return "good morning" }, 0},
		"pictures without words": {10 * time.Second, func(int) string { return "" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var g loopGuard
			tripped := 0
			for i := range 60 {
				if why := g.judge(c.text(i), start.Add(time.Duration(i)*c.every), window, most); why != "" {
					tripped = i + 1
					break
				}
			}
			if tripped != c.tripAt {
				t.Errorf("tripped at %d, want %d", tripped, c.tripAt)
			}
		})
	}
}
