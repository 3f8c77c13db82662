package view

import (
	"context"
	"strconv"
	"time"
)

// CustomerFile is the page that an owner hands to a customer who asks what is
// kept. It is a file of its own: nothing in it leads to the dashboard.
type CustomerFile struct {
	Name       string
	Phone      string // digits; "" = hidden
	UserID     string // WhatsApp's name for the customer; "" = none
	Username   string
	Since      time.Time
	Made       time.Time
	Data       string // name of the file that holds the rest
	Answers    int    // whose making is in that file
	Threads    []CustomerThread
	Lines      []ChatLine
	Memory     []CustomerMemory
	Notes      []ChatNote
	Hits       []CustomerEntry
	Deliveries []CustomerDelivery
	Log        []CustomerEntry
}

// CustomerThread is a conversation on one of our numbers.
type CustomerThread struct {
	Since, LastIn, LastOut time.Time
	Agent                  string
	Received               int64
	Needs                  string // why a person is needed; "" = not
}

// CustomerMemory is one thing that an agent remembers.
type CustomerMemory struct {
	At                time.Time
	Agent, Role, Text string
}

// CustomerEntry is something that happened, in words.
type CustomerEntry struct {
	At   time.Time
	Text string
}

// CustomerDelivery is a message that was to be sent, and what WhatsApp reported.
type CustomerDelivery struct {
	At    time.Time
	Text  string
	Tick  string // what became of it
	Why   string // it failed, in words
	Steps []CustomerStep
}

// CustomerStep is one report.
type CustomerStep struct {
	At   time.Time
	Tick string
}

// zone names the zone that a file's times are in: "CET, UTC+01:00".
func zone(at time.Time) string { return at.Local().Format("MST, UTC-07:00") }

// section is a heading with the number of what stands below it.
func section(ctx context.Context, key string, n int) string {
	return T(ctx, "customer."+key) + " (" + strconv.Itoa(n) + ")"
}

// byWhom says who wrote a line.
func byWhom(ctx context.Context, author string) string {
	return T(ctx, "conversations.by_"+author)
}
