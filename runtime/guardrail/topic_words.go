package guardrail

import (
	"slices"
	"strings"
)

// topicGroup is a topic that owners often forbid: the names that they give it,
// and the words that give it away. None of these words has another common
// meaning in a shop's conversation; where one had ("president": a suite; "shot":
// a coffee) it was left out.
type topicGroup struct{ names, words string }

// topicGroups are separated by commas; words in en, es, pt, fr, it and de.
func topicGroups() []topicGroup {
	return []topicGroup{
		{"politics, political, politica, politique, politik", "politics, politica, politique, politik, election, elections, eleccion, elecciones, eleicao, eleicoes, elezioni, wahlen, " +
			"parliament, parlamento, senator, senador, prime minister, primer ministro, government, gobierno, governo, gouvernement, regierung, democrat, republican, " +
			"socialist, communist, comunista, fascist, fascista, political party, partido politico, vote for, votar"},
		{"religion, religions, religious, religiao, religione", "religion, religiao, religione, church, iglesia, igreja, chiesa, kirche, muslim, musulman, muculmano, islam, " +
			"christianity, cristianismo, catholic, catolico, judaism, judaismo, bible, biblia, koran, quran, coran, atheist, ateismo"},
		{"violence, violent, violencia, gewalt, violenza", "violence, violent, violencia, violento, violenza, gewalt, murder, asesinato, asesinar, assassin, homicide, homicidio, massacre, masacre"},
		{"weapon, weapons, arms, arma, armas, armes, armi, waffen", "weapon, arma, armas, arme, waffe, firearm, handgun, pistol, pistola, rifle, ammunition, municion, municao, explosive, explosivo, bomb, bomba"},
		{"drug, drugs, droga, drogas, drogue, drogues, drogen", "drugs, droga, drogas, drogue, drogen, cocaine, cocaina, heroin, heroina, marijuana, marihuana, maconha, cannabis, weed, meth, lsd, ecstasy"},
		{"gambling, gamble, apuestas, apostas, betting, gluecksspiel, gioco d'azzardo", "gambling, betting, casino, apuestas, apostas, jogo de azar, juego de azar, poker, roulette, ruleta, roleta, scommesse, gluecksspiel, glucksspiel"},
		{"sex, sexual, adult content, pornography, nsfw, porn, sexo, pornografia", "sex, sexual, sexo, sexuell, sesso, porn, porno, pornography, pornografia, nude, nudes, erotic, erotico, escort"},
		{"medical advice, medical, medicine, health advice, medico, consejo medico, consejos medicos, conselho medico", "medical, medico, medecin, diagnosis, diagnostico, diagnostic, dosage, dosis, symptom, sintoma, " +
			"symptome, medication, medicamento, antibiotic, antibiotico, prescription drug, receta medica"},
		{"legal advice, legal, law, consejo legal, asesoria legal, asesoramiento legal, conselho juridico", "legal advice, lawyer, abogado, advogado, avocat, avvocato, anwalt, lawsuit, sue, litigation, asesoria legal, juridico"},
		{"financial advice, investment, investment advice, investing, finance, inversiones, investimentos", "investment, investing, invest, inversion, invertir, investimento, investir, cryptocurrency, bitcoin, criptomoneda, stock market"},
		{"crypto, cryptocurrency, criptomonedas, criptomoedas", "crypto, cryptocurrency, bitcoin, ethereum, cripto, criptomoneda, criptomoeda, blockchain"},
		{"hate, hate speech, racism, racismo, discurso de odio", "racism, racist, racismo, racista, nazi, hate speech, xenophobia, xenofobia, antisemitism"},
		{"suicide, self harm, selfharm, suicidio, autolesion", "suicide, suicidal, suicidio, suicida, suizid, selbstmord, self harm, kill myself, matarme, me matar, autolesion"},
	}
}

// knownAs gives the words of a topic that topicGroups knows by this name.
func knownAs(name string) []string {
	name = strings.Join(strings.FieldsFunc(string(fold(name).b), func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '/' }), " ")
	for _, g := range topicGroups() {
		for _, n := range strings.Split(g.names, ", ") {
			if n == name {
				return strings.Split(g.words, ", ")
			}
		}
	}
	return nil
}

// isHousePolicy tells whether word i is the "política" of "política de
// devoluciones": in Spanish, Portuguese, French and Italian politics and a shop's
// own rules are one word, and customers ask for the latter.
func isHousePolicy(words []word, i int) bool {
	if i+1 >= len(words) || !oneOf(strings.TrimSuffix(words[i].text, "s"), "politica", "politique", "politiche") {
		return false
	}
	for _, w := range words[i+1 : min(i+5, len(words))] {
		if isSmallWord(w.text) || oneOf(w.text, "d", "su", "sua", "vuestra", "tu", "l", "della", "dei", "delle", "sui", "vos", "sus") {
			continue
		}
		return slices.ContainsFunc([]string{"devol", "privac", "cambio", "envio", "reembol", "garant", "cancel", "cooki", "retou", "rembours", "confiden",
			"livrai", "troca", "entrega", "frete", "resi", "reso", "rimbors", "tienda", "loja", "empresa", "pago", "pagam", "uso", "datos", "dados", "precio",
			"comercial", "compra", "venta", "venda", "reserva", "spediz", "mascota", "segurid", "reclam", "descuent", "descont"}, func(stem string) bool { return strings.HasPrefix(w.text, stem) })
	}
	return false
}
