package app

import (
	"fmt"
	"regexp"
	"strings"
)

// caller is a telephone number as Meta writes it: digits only, with the country's
// code in front.
type caller string

// callerForm is a number of E.164: 7 digits are the shortest that anybody has.
var callerForm = regexp.MustCompile(`^[1-9][0-9]{6,14}$`)

// UnmarshalText takes a number as people write it: +34 600 111 222.
func (c *caller) UnmarshalText(text []byte) error {
	digits := strings.NewReplacer("+", "", " ", "", "-", "", ".", "", "(", "", ")", "").Replace(string(text))
	if !callerForm.MatchString(digits) {
		return fmt.Errorf("%q is not a telephone number: write it with the country's code, as 447700900123", text)
	}
	*c = caller(digits)
	return nil
}
