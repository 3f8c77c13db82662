package app

import "testing"

func TestCaller(t *testing.T) {
	for text, want := range map[string]string{
		"447700900123": "447700900123", "+34 600 111 222": "34600111222", "+1 (555) 010-9999": "15550109999", "34.600.111.222": "34600111222",
		"": "", "abc": "", "+": "", "12345": "", "0600111222": "", "34600111222333444": "", "34600111222x": "",
	} {
		var c caller
		if err := c.UnmarshalText([]byte(text)); string(c) != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, c, err)
		}
	}
}
