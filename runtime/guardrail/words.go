package guardrail

import "bytes"

// phoneWord knows words of en, es, pt, fr, de and it, without accents, that
// lead to a phone number, and the small words of such sentences.
func phoneWord(w string) signal {
	switch w {
	case "tel", "tels", "tlf", "tlfn", "tfno", "telf", "tfn", "tlfno", "fon", "ph", "mob", "cel", "cell", "cells", "call", "calls", "calling", "called",
		"text", "sms", "dial", "ring", "fax", "wa", "wsp", "wpp", "wapp", "wasap", "wsap", "zap", "zapzap", "fone", "fono", "fijo", "gsm",
		"portable", "hotline", "reach", "marca", "marque", "marcar", "llama", "llamar", "liga", "ligue", "ligar", "chama", "chame", "chamar", "zadzwon", "zavolejte", "bel", "nazovi", "nazovite", "chiama", "chiamami",
		"chiamare", "recapito", "appelez", "appelle", "appeler", "ruf", "rufen", "rufe", "erreichbar", "erreichen", "viber",
		"telegram", "bizum", "llamenme", "llamadme", "messages", "mensajes", "mensagens":
		return signalPhone
	case "komorka", "komorke", "hivjon", "hivj", "arayin", "puhelin", "puhelimeni", "soita", "bereikbaar", "suna", "sunati", "sunatima",
		"zavolej", "telp", "hubungi", "nomor", "hp", "sdt", "simu", "piga", "ligacao":
		return signalPhone // nl, pl, cs, hu, tr, fi, ro, id, vi, sw
	case "number", "numbers", "num", "numero", "numeros", "nr", "nro", "n", "numer", "nummer", "no":
		return signalNumber
	case "my", "mi", "mis", "mon", "meu", "mio", "meine", "meiner", "mein", "mijn", "moj", "moja", "muj", "moje", "min", "mitt", "our", "nuestro", "nosso", "nostro", "notre", "unsere", "his",
		"her", "su", "seu", "suo", "son", "their":
		return signalMine
	case "is", "es", "est", "ist", "jest", "sind", "was", "era", "are":
		return signalIs
	}
	return signalNone
}

// otherWord knows what else a long number can be.
func otherWord(w string) signal {
	switch w {
	case "order", "orders", "pedido", "pedidos", "orden", "ordenes", "ordine", "ordini", "commande", "commandes", "encomenda", "encomendas",
		"factura", "facturas", "fatura", "faturas", "fattura", "facture", "invoice", "invoices", "recibo", "recibos", "comprobante", "comprovante", "receipt", "recu", "ricevuta",
		"ticket", "tickets", "tiquet", "billete", "billetes", "bilhete", "biglietto", "boleto", "ref", "refs", "referencia", "reference", "referenz", "riferimento", "track", "tracked",
		"seguimiento", "rastreo", "rastreio", "rastrear", "rastrea", "guia", "shipment", "shipping", "parcel", "package", "paquete", "pacote",
		"colis", "paket", "pacco", "suivi", "spedizione", "albaran", "remito", "nota", "dispatch", "dhl", "ups",
		"fedex", "usps", "correos", "seur", "gls", "mrw", "bordereau", "lettre", "waybill", "awb", "zip", "cp", "plz", "cep", "postal", "postcode", "cap":
		return signalOther
	case "codigo", "codigos", "code", "codes", "cod", "codice", "kode", "cupon", "cupom", "coupon", "voucher", "gutschein", "sku", "skus", "ean",
		"isbn", "upc", "gtin", "asin", "barcode", "serial", "serie", "imei", "modelo", "model", "modele", "modell", "modello", "articulo",
		"artigo", "article", "articolo", "item", "lote", "lot", "batch", "lotto", "uid", "uuid", "pin", "otp", "clave", "senha", "password",
		"passwort", "contrasena", "token", "key", "hash", "timestamp", "epoch", "build", "version", "firmware", "error", "fehler":
		return signalOther
	case "case", "caso", "incidencia", "expediente", "reclamo", "reclamacion", "protocolo", "protocol", "contrato", "contract", "contrat",
		"contratto", "poliza", "apolice", "policy", "police", "polizza", "reserva", "reservas", "reservation", "booking", "buchung", "prenotazione",
		"localizador", "pnr", "vuelo", "flight", "voo", "vol", "mesa", "table", "tavolo", "tisch", "sala", "room", "habitacion", "quarto",
		"zimmer", "vin", "patente", "placa", "passport", "pasaporte", "passaporte", "isin", "mpn", "nsu", "nis", "oc", "arxiv", "doi", "swift", "bic", "transaction", "transaccion",
		"transacao", "transazione", "operacion", "autorizacion", "authorization", "folio", "radicado", "tramite", "oficio", "acta", "medidor",
		"suministro", "cups", "contador", "meter", "routing", "aba", "clabe", "cbu", "cvu", "iso", "din", "row", "fila", "seat", "asiento", "gate", "puerta", "piso",
		"planta", "page", "pagina", "seite", "puntos", "points", "pontos":
		return signalOther
	case "ordre", "bestelling", "klantnummer", "factuur", "faktura", "faktury", "zamowienie", "zamowienia", "ordernummer", "tilaus", "tilausnumero", "siparis",
		"rendeles", "comanda", "objednavka", "objednavky", "narudzba", "racun", "pesanan", "sporing", "sparing":
		return signalOther // nl, pl, sv, no, fi, tr, hu, ro, cs, hr, id
	case "price", "precio", "preco", "prix", "preis", "prezzo", "total", "importe", "valor", "amount", "montant", "betrag", "importo", "suma",
		"monto", "saldo", "balance", "qty", "cantidad", "quantidade", "quantity", "menge", "unidades", "units", "stock", "visits", "visitas",
		"views", "followers", "seguidores", "poblacion", "population", "habitantes", "euros", "dollars", "dolares", "pesos", "reais", "usd",
		"eur", "mxn", "cop", "clp", "ars", "lat", "lon", "latitud", "longitud", "coordenadas", "coordinates", "gps", "pixel", "pixels", "bytes":
		return signalOther
	case "customer", "cliente", "client", "kunde", "cuenta", "account", "conta", "compte", "konto", "conto", "id", "member", "socio", "membro",
		"user", "usuario", "producto", "product", "produto", "produit", "prodotto", "produkt", "envio", "compra", "compras", "purchase", "achat", "acquisto", "solicitud", "solicitacao", "request", "anfrage", "dossier", "buch",
		"part", "turno", "claim", "sinistro", "siniestro", "atendimento", "chamado", "sprawy":
		return signalWeak
	case "card", "cards", "tarjeta", "tarjetas", "cartao", "carte", "karte", "karten", "kartennummer", "kartennr", "kreditkartennummer", "carta", "kreditkarte", "visa", "mastercard", "amex", "maestro",
		"credit", "debit", "charge", "cc", "credito", "debito", "pay", "paid", "payment", "pago", "pagar", "pague", "pagado", "pagamento", "paiement",
		"zahlung", "cvv", "cvc", "diners", "discover", "jcb", "unionpay", "elo", "hipercard":
		return signalCard
	case "ssn", "ss", "social", "security":
		return signalSSN
	case "cpf", "cnpj", "nif", "nie", "dni", "cif", "vat", "iva", "rut", "ruc", "curp", "rfc", "cedula", "cuit", "cuil", "siret", "siren", "tin",
		"rg", "doc", "documento", "documentos", "du", "facturar", "facturame", "facturarme", "facturen", "afip", "arca", "cgc", "cdi", "pis", "nit", "niss", "nss", "cnh", "steuernummer", "ustid", "tva":
		return signalTax
	}
	return signalNone
}

// wordSignal looks a folded word up. Languages that build long words are
// served by the beginnings in stemSignal.
func wordSignal(w []byte) signal {
	if len(w) > 40 {
		w = w[len(w)-40:]
	}
	if w[0] >= 0x80 {
		return foreignSignal(w)
	}
	if s := phoneWord(string(w)); s != signalNone {
		return s
	}
	if s := otherWord(string(w)); s != signalNone {
		return s
	}
	if len(w) >= 5 {
		return stemSignal(w)
	}
	return signalNone
}

func stemSignal(w []byte) signal {
	for _, stem := range [...]string{"telef", "telep", "tlph", "phone", "whats", "watsap", "guasap", "handy", "mobil", "movil", "celul",
		"cellul", "smartph", "rufnum", "ruckruf", "anruf", "llam", "rappel", "joign", "contact", "contat", "kontakt", "richiam"} {
		if bytes.HasPrefix(w, []byte(stem)) {
			return signalPhone
		}
	}
	for _, stem := range [...]string{"bestell", "auftrag", "rechnung", "sendung", "kundenn", "vorgang", "artikel", "seriennum", "buchung",
		"vertrag", "matric", "referen", "factur", "fattur", "barcode", "barras", "tracking", "verifi", "confirmati", "confirmaci", "confirmaca"} {
		if bytes.HasPrefix(w, []byte(stem)) {
			return signalOther
		}
	}
	return signalNone
}

// foreignSignal is for scripts other than Latin; some write without blanks, so
// the word may stand anywhere in the run.
func foreignSignal(w []byte) signal {
	for _, s := range [...]string{"电话", "電話", "手机", "手機", "携帯", "联系", "拨打", "전화", "연락", "휴대", "тел", "звон", "мобил", "номер телефона",
		"هاتف", "جوال", "موبايل", "اتصل", "واتس", "טלפון", "נייד", "τηλ", "κινητ", "โทร", "เบอร์"} {
		if bytes.Contains(w, fold(s).b) {
			return signalPhone
		}
	}
	for _, s := range [...]string{"订单", "訂單", "单号", "編號", "编号", "注文", "주문", "заказ", "счет", "накладн", "трек", "طلب", "فاتورة", "הזמנה",
		"παραγγελ", "κωδικ"} {
		if bytes.Contains(w, fold(s).b) {
			return signalOther
		}
	}
	return signalNone
}
