package guardrail

import "testing"

func TestSmoke(t *testing.T) {
	c, err := NewPII(PIIOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"mail ana.perez+x@mail.ejemplo.com.", "call me at 612345678", "612 34 56 78", "(555) 123-4567", "+34 612 345 678 20", "llámame al 612.345.678 o +52 1 55 1234 5678",
		"tarjeta 4111 1111 1111 1111 12/27 123", "ES91 2100 0418 4502 0005 1332", "ssn 078-05-1120", "server 192.168.1.1 v1.2.3.4 2001:db8::1", "pedido 123456789 a las 20:30 el 23.11.2026 10:30",
		"cuesta 1.234,56 € o $1,299.00", "DNI 12345678Z", "CPF 529.982.247-25", "６１２３４５６７８ 6\u200b12\u00a034 56 78", "7700 900123", "tel 07700 900123", "9-14 17-20", "40.416775, -3.703790",
		"wa.me/34612345678", "https://x.com/p/34612345678", "550e8400-e29b-41d4-a716-446655440000", "020 7946 0958", "Orden 112-1234567-1234567", "我的电话是13812345678请打给我"} {
		t.Log(s, " => ", c.Check(s).Text)
	}
}
