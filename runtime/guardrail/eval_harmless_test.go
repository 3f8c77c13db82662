package guardrail

import "fmt"

// harmless makes a message with numbers that are nobody's.
func (g *generator) harmless() sample {
	shape := g.pick(
		"Order #########", "pedido nº ##########, gracias", "el pedido ######## no ha llegado", "Bestellung ###-#######-#######", "commande n° ##########", "encomenda #########",
		"############ is my order number", "Pedido #####, mesa ##", "ticket ########", "invoice INV-########", "Factura 2026/######", "fatura 00######", "Rechnung 2026-####-##",
		"tracking number ############", "1Z***************#", "guía #############", "rastreio QB#########BR", "Sendung ##############", "9400 #### #### #### #### ##",
		"$#,###.##", "cuesta 1#.###,## €", "R$ #.###,##", "#### USD", "12x de R$ ###,##", "total: ###.## EUR", "presupuesto de 12.###.### €", "#.###.### habitantes", "###,###,### people",
		"2026-11-2#", "2#/11/2026", "11/2#/26 at 10:3#", "2#.11.2026 um 14:3#", "el 2#-11-2026 a las 20:3#", "10:##:## - 12:3#", "2026112#10303#",
		"v#.##.#", "version 10.0.####.####", "ISBN 978-3-16-148410-0", "EAN 84########### ", "IMEI 35#############", "VIN 1HGCM82633A00####", "serial C02XL0#####", "sku AB-########",
		"40.41####, -3.70####", "CP 28###", "ZIP 941##-####", "CEP 01###-100", "PLZ 10###", "#### AB, huisnummer 14", "C/ Mayor ##, 3º B", "#### Main Street, Springfield 62###",
		"mesa para # a las 21:3#", "table ## for # people", "habitación 4##, 3 noches", "# x 500 g", "talla 3#-4#", "## kg, 1## cm", "score 21-1#, 19-21", "#### / 3 = ##",
		"code ###### is your verification code", "Tu código es ### ###", "PIN ####", "código de barras 84###########", "ref ****######", "cuenta ##########", "CLABE 0321800001183597##",
		"CBU 01700992200000677973##", "routing 0210000##", "sort code 12-34-##", "Meta id 178414000########", "wamid.HBgLMzQ2MDAx********", "https://shop.example/p/##########?id=#########",
		"#sale2026 @shop##", "5 12 23 34 41 49", "1 2 3 4 5 6 7 8", "lote L23####-07", "póliza ##########", "expediente 2026/#######", "RG 12.3##.###-9", "cédula 1.0##.###.###",
		"flight AA#### gate B##", "matrícula #### BCD", "***-***-****x", "sha 9f86d081884c7d659a2feaa0c55ad0##", "0x1F4A#", "12#.4 MB", "3.1415926535##", "80 %",
	)
	return sample{text: fmt.Sprintf(g.pick("%s", "Hola, %s", "%s ok?", "please check: %s", "%s."), g.fill(shape))}
}
