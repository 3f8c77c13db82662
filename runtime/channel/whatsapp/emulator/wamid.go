package emulator

import "encoding/base64"

// Direction bytes inside a message id, as decoded from real samples.
const (
	wamidInbound  = 0x12
	wamidOutbound = 0x11
)

// newWAMID makes a message id in Meta's binary layout: "wamid." and standard
// base64 (so + / = occur) of 1C 18 len phone 15 02 00 direction 18 len id 00.
// Inbound ids carry 20 hex digits and outbound ones 18, as in the samples.
// address is cut at 255 bytes, the most its length byte can say.
func (e *Emulator) newWAMID(address string, direction byte) string {
	digits := 18
	if direction == wamidInbound {
		digits = 20
	}
	id := e.randomText(digits, "0123456789ABCDEF")
	if len(address) > 255 {
		address = address[:255]
	}
	raw := append([]byte{0x1C, 0x18, byte(len(address))}, address...)
	raw = append(raw, 0x15, 0x02, 0x00, direction, 0x18, byte(len(id)))
	raw = append(raw, id...)
	raw = append(raw, 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}
