package tool

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a Windows machine has no time zone files of its own

	"astromesh/runtime/model"
)

//go:embed datetime_now.md
var datetimeNowWords string

// datetimeNow tells the time in a zone. It is a pure function of the clock.
type datetimeNow struct {
	now  func() time.Time
	zone *time.Location // where the model names none
}

func newDatetimeNow(d Declared, src Sources) (Made, error) {
	now := src.Now
	if now == nil {
		now = time.Now
	}
	name := text(d.Config, "timezone", "time_zone", "tz")
	if name == "" {
		return one(&datetimeNow{now: now, zone: now().Location()}), nil
	}
	zone, err := location(name)
	if err != nil {
		return Made{}, err
	}
	return one(&datetimeNow{now: now, zone: zone}), nil
}

func (d *datetimeNow) Spec() model.ToolSpec {
	return model.ToolSpec{
		Name:        "datetime_now",
		Description: strings.TrimSpace(datetimeNowWords),
		Parameters: json.RawMessage(`{"type":"object","properties":{"timezone":{"type":"string",` +
			`"description":"IANA time zone such as Europe/Madrid. Leave it out for the local time of the business."}}}`),
	}
}

func (d *datetimeNow) Call(_ context.Context, c Call) (string, error) {
	zone := d.zone
	if name := text(c.Arguments, "timezone", "time_zone", "tz"); name != "" {
		z, err := location(name)
		if err != nil {
			return "", err
		}
		zone = z
	}
	t := d.now().In(zone)
	out, err := json.Marshal(struct {
		Local    string `json:"local"`
		ISO      string `json:"iso"`
		Weekday  string `json:"weekday"`
		TimeZone string `json:"time_zone"`
	}{
		t.Format("Monday, 2 January 2006, 15:04"), t.Format(time.RFC3339), t.Weekday().String(), zoneName(t),
	})
	return string(out), err
}

// location finds a zone by its IANA name, forgiving a model's spelling:
// "europe/madrid", "America/New York".
func location(name string) (*time.Location, error) {
	name = strings.ReplaceAll(strings.TrimSpace(name), " ", "_")
	tries := []string{name, strings.ToUpper(name), titled(name)}
	for _, try := range tries {
		if strings.EqualFold(try, "local") {
			return time.Local, nil
		}
		if zone, err := time.LoadLocation(try); err == nil && try != "" {
			return zone, nil
		}
	}
	return nil, fmt.Errorf("there is no time zone %q: use an IANA name such as Europe/Madrid or UTC", clip(name, 40))
}

// titled writes each word of a zone's name with a capital letter.
func titled(name string) string {
	b := []byte(strings.ToLower(name))
	for i := range b {
		if (i == 0 || b[i-1] == '/' || b[i-1] == '_') && b[i] >= 'a' && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

// zoneName is the zone's IANA name, or its offset where the machine's own zone
// has no name ("Local").
func zoneName(t time.Time) string {
	if name := t.Location().String(); name != "Local" {
		return name
	}
	return t.Format("UTC-07:00")
}
