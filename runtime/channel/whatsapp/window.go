package whatsapp

import "time"

// ServiceWindow is how long after a customer's last message a free-form answer
// may be sent. A reply by the business does not extend it.
const ServiceWindow = 24 * time.Hour

// WindowOpen reports whether a free-form message may still be sent at now. A
// zero lastInbound means that the last message is not known: Meta then judges.
func WindowOpen(lastInbound, now time.Time) bool {
	return lastInbound.IsZero() || !now.After(lastInbound.Add(ServiceWindow))
}
