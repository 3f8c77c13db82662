package guardrail

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// generator makes messages with one private number or with none.
type generator struct {
	*rand.Rand
	regions map[string]bool // whose phones it has written
}

func newGenerator(seed uint64) *generator {
	return &generator{rand.New(rand.NewPCG(seed, seed)), map[string]bool{}}
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// fill writes '#' as a digit, '?' as a letter, '*' as either.
func (g *generator) fill(shape string) string {
	b := []byte(shape)
	for i, c := range b {
		switch {
		case c == '#' || c == '*' && g.IntN(2) == 0:
			b[i] = byte('0' + g.IntN(10))
		case c == '?' || c == '*':
			b[i] = byte('A' + g.IntN(26))
		}
	}
	return string(b)
}

// until draws until a value is right.
func (g *generator) until(shape string, right func(d []byte) bool) string {
	for {
		if s := g.fill(shape); right([]byte(strings.ToLower(s))) {
			return s
		}
	}
}

// private makes a message with one private value.
func (g *generator) private() sample {
	k := kind(g.IntN(int(kindCount)))
	frame := g.frame(k)
	value := g.value(k)
	before, after, _ := strings.Cut(frame, "{}")
	return sample{before + value + after, []Finding{{PIIRule, k.entity(), len(before), len(before) + len(value)}}}
}

func (g *generator) frame(k kind) string {
	bare := []string{"{}", "Hi, {} thanks", "Hola soy Ana, {}", "{} ok?", "({})"}
	named := map[kind][]string{
		kindPhone: {"call me at {} please", "my number is {}", "Mi móvil es {}", "Llámame al {}, gracias", "meu telefone é {}", "me liga no {}", "Ruf mich an: {}",
			"mon numéro : {}", "il mio cellulare è {}", "Tel. {}", "WhatsApp {}", "contact: {} (after 5pm)"},
		kindSSN:  {"my SSN is {}", "social security number {}", "ssn: {}"},
		kindDNI:  {"mi DNI es {}", "DNI {}", "documento: {}", "dni nº {}"},
		kindCUIT: {"CUIT {}", "mi cuil es {}", "facturar a CUIT {}"}, kindCPF: {"meu CPF é {}", "cpf {}"}, kindCNPJ: {"CNPJ {}", "nosso cnpj: {}"},
		kindCURP: {"CURP {}", "mi curp es {}"}, kindRFC: {"RFC {}", "mi rfc: {}"}, kindNIF: {"mi DNI {}", "NIF: {}", "NIE {}"},
		kindCard: {"card {}", "mi tarjeta es {} caduca 12/28", "Karte: {}", "pay with {}"}, kindIBAN: {"IBAN {}", "transfer to {}.", "mi cuenta {}"},
		kindEmail: {"mail {}", "escríbeme a {}, gracias", "<{}>"}, kindIP: {"my ip is {}", "host {} is down"},
	}[k]
	if k == kindSSN || k == kindDNI || k == kindPhone && g.IntN(3) > 0 {
		return g.pick(named...)
	}
	return g.pick(append(bare, named...)...)
}

func (g *generator) value(k kind) string {
	switch k {
	case kindPhone:
		return g.phone()
	case kindCard:
		return g.card()
	case kindIBAN:
		return g.iban()
	case kindIP:
		return g.ip()
	case kindEmail:
		return g.pick("ana", "j.doe", "maria_lopez-22", "info+shop", "Ana.Núñez", "o'neil") + "@" + g.pick("example.com", "mail.example.co.uk", "correo.ejemplo.es", "xn--bcher-kva.example", "EXAMPLE.ORG")
	case kindSSN:
		return g.until(g.pick("###-##-####", "### ## ####"), func(d []byte) bool { return validSSN(digitsOf(d)) })
	case kindDNI:
		return g.pick(g.fill("2#.###.###"), g.fill("3#.###.###"), g.fill("4#######"), g.fill("9.###.###"))
	case kindCUIT:
		return g.until(g.pick("20-########-#", "27-########-#", "30-########-#", "23-##.###.###-#", "20########6"), func(d []byte) bool { return validCUIT(digitsOf(d)) && d[2] != '9' })
	case kindCPF:
		return g.until(g.pick("###.###.###-##", "### ### ### ##", "#########-##"), func(d []byte) bool { return validCPF(digitsOf(d)) })
	case kindCNPJ:
		return g.until(g.pick("##.###.###/####-##", "##############", "**.***.***/****-##"), func(d []byte) bool {
			code := []byte(strings.NewReplacer(".", "", "/", "", "-", "").Replace(string(d)))
			return validCNPJ(code) && !isMoment(code)
		})
	case kindCURP:
		return g.until(g.pick("????850312HDF???0#", "????990228MJC???0#"), isCURP)
	case kindRFC:
		return g.until(g.pick("????850312**#", "????990228**A"), func(d []byte) bool { return rfcDigit(d[:12]) == d[12] })
	default:
		return g.until(g.pick("########?", "########-?", "X#######?", "##.###.###-?"), func(d []byte) bool {
			_, ok := fold(string(d)).nifFrom(0)
			return ok
		})
	}
}

func digitsOf(d []byte) []byte {
	var out []byte
	for _, c := range d {
		if isDigit(c) {
			out = append(out, c)
		}
	}
	return out
}

// phone is a real number range of a country with its last digits drawn.
func (g *generator) phone() string {
	for {
		codes := append(likelyRegions(), otherRegions()...)
		code := codes[g.IntN(len(codes))]
		n := phonenumbers.GetExampleNumberForType(code, phonenumbers.MOBILE)
		if n == nil {
			continue
		}
		national := *n.NationalNumber/1000*1000 + uint64(g.IntN(1000))
		n.NationalNumber = &national
		if !phonenumbers.IsValidNumber(n) {
			continue
		}
		g.regions[code] = true
		abroad := phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
		return g.pick(abroad, phonenumbers.Format(n, phonenumbers.E164), "00"+abroad[1:], strings.ReplaceAll(abroad, " ", "."), strings.ReplaceAll(abroad, " ", "-"),
			strings.ReplaceAll(abroad, " ", "\u00a0"), "("+strings.Replace(abroad, " ", ") ", 1), abroad+g.pick(" ext. 12", " x12", " int. 4"),
			phonenumbers.Format(n, phonenumbers.RFC3966))
	}
}

func (g *generator) card() string {
	d := g.until(g.pick("4###############", "51##############", "2720############", "34#############", "6011############", "3528############", "36############", "62##############"), luhn)
	sep := g.pick("", " ", "-", ".", "\u00a0")
	if len(d) < 16 {
		return d[:4] + sep + d[4:10] + sep + d[10:]
	}
	return d[:4] + sep + d[4:8] + sep + d[8:12] + sep + d[12:]
}

func (g *generator) iban() string {
	country := g.pick("ES##################", "DE##################", "GBNWBK##############", "FR#######################", "NLABNA##########", "BR#######################P1",
		"PT#####################", "ITX######################", "MTMALT#####MTLCAST001S######", "NO###########", "CH#################", "PL########################")
	body := g.fill(country[2:])
	for len(body)+4 < ibanLen(strings.ToLower(country[:2])) {
		body += g.fill("#")
	}
	body = body[:ibanLen(strings.ToLower(country[:2]))-4]
	code := country[:2] + fmt.Sprintf("%02d", 98-ibanRemainder([]byte(strings.ToLower(body)), []byte(strings.ToLower(country[:2])+"00"))) + body
	switch g.IntN(3) {
	case 0:
		return strings.ToLower(code)
	case 1:
		var b strings.Builder
		for i, c := range code {
			if i > 0 && i%4 == 0 {
				b.WriteByte(' ')
			}
			b.WriteRune(c)
		}
		return b.String()
	}
	return code
}

func (g *generator) ip() string {
	if g.IntN(2) == 0 {
		return fmt.Sprintf("%d.%d.%d.%d", 1+g.IntN(223), g.IntN(256), g.IntN(256), 1+g.IntN(254))
	}
	var b [16]byte
	for i := range b {
		b[i] = byte(g.IntN(256))
	}
	b[0] = 0x20
	if g.IntN(2) == 0 {
		clear(b[4:12])
	}
	return netip.AddrFrom16(b).String()
}
