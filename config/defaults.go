package config

import "time"

// DefaultGraphVersion is the version of Meta's Graph API that this release was
// built against.
const DefaultGraphVersion = "v25.0"

// DefaultChannels is channels.yaml where it says nothing. ASTROMESH_GRAPH_VERSION
// takes the place of DefaultGraphVersion.
func DefaultChannels(env Env) Channels {
	var c Channels
	c.Channels.WhatsApp = WhatsApp{
		GraphVersion:      DefaultGraphVersion,
		RateLimit:         RateLimit{WindowSeconds: seconds(60), MaxMessages: 30},
		Debounce:          Debounce{QuietSeconds: seconds(2), MaxSeconds: seconds(15)},
		LoopGuard:         LoopGuard{WindowSeconds: seconds(60), MaxMessages: 20},
		TypingIndicator:   true,
		MarkAsRead:        true,
		UnsurePolicy:      "resend",
		UnsureWaitSeconds: seconds(60),
		Messages:          DefaultMessages(),
	}
	if env != nil {
		if version, set := env("ASTROMESH_GRAPH_VERSION"); set && version != "" {
			c.Channels.WhatsApp.GraphVersion = version
		}
	}
	return c
}

// DefaultProviders is providers.yaml where it says nothing.
func DefaultProviders() Providers {
	var p Providers
	p.Spec.Routing.CircuitBreaker = CircuitBreaker{FailureThreshold: 3, RecoveryTimeout: seconds(60)}
	return p
}

// DefaultRuntime is runtime.yaml where it says nothing.
func DefaultRuntime() Runtime {
	var r Runtime
	r.Spec.RetryFor = Duration(2 * time.Minute)
	return r
}

// ApplyTo fills what an agent's orchestration leaves open from
// spec.defaults.orchestration.
func (r Runtime) ApplyTo(a *Agent) {
	from, to := r.Spec.Defaults.Orchestration, &a.Spec.Orchestration
	if to.Pattern == "" {
		to.Pattern = from.Pattern
	}
	if to.MaxIterations == 0 {
		to.MaxIterations = from.MaxIterations
	}
	if to.TimeoutSeconds == 0 && to.Timeout == 0 {
		to.TimeoutSeconds, to.Timeout = from.TimeoutSeconds, from.Timeout
	}
}

// DefaultMessages are the sentences for a customer, in the three languages that
// most of them write in.
func DefaultMessages() Messages {
	return Messages{
		Error: Localized{
			"en": "Sorry, I can't answer right now. Somebody from our team will get back to you as soon as possible.",
			"es": "Perdona, ahora mismo no puedo responderte. Alguien de nuestro equipo te escribirá lo antes posible.",
			"pt": "Desculpe, não consigo responder agora. Alguém da nossa equipe vai falar com você assim que possível.",
		},
		TooLong: Localized{
			"en": "That message is a little too long for me. Could you send me the main point in fewer words?",
			"es": "Ese mensaje es demasiado largo para mí. ¿Me cuentas lo principal con menos palabras?",
			"pt": "Essa mensagem é um pouco longa demais para mim. Pode me contar o principal em menos palavras?",
		},
		Blocked: Localized{
			"en": "I'm sorry, I can't help with that here. Is there anything else about our business I can do for you?",
			"es": "Lo siento, con eso no puedo ayudarte por aquí. ¿Te ayudo con algo más de nuestro negocio?",
			"pt": "Sinto muito, com isso não posso ajudar por aqui. Posso ajudar com mais alguma coisa do nosso negócio?",
		},
		Unsupported: Localized{
			"en": "I can't open this kind of message yet. Could you write it to me as text?",
			"es": "Todavía no puedo abrir este tipo de mensaje. ¿Me lo escribes con palabras?",
			"pt": "Ainda não consigo abrir esse tipo de mensagem. Pode me escrever em texto?",
		},
	}
}

func seconds(n int) Duration { return Duration(time.Duration(n) * time.Second) }
