// Package runtime is the map of the house: the way of a message, step by step,
// with the file where each step lives. It holds no code and nobody imports it.
//
// The word in brackets is the stage: the same word names the folder or table,
// the log line and the event. "Inbox" and "outbox" are tables whose rows have a
// state; a step that changes one says so.
//
// # In: from Meta's request to the 200
//
//  1. [webhook] Meta posts to us. The raw bytes are read, 3 MB at most:
//     web/webhook.go
//  2. [webhook] The signature is checked over those bytes, in constant time and
//     before anything is decoded: runtime/channel/whatsapp/signature.go
//  3. [webhook] The bytes become events. A strange element is named and set
//     aside, the good ones beside it live on: runtime/channel/whatsapp/webhook.go
//  4. [inbox] All events of the request are put on disk in one durable commit,
//     unique by the message's id, so that Meta may repeat itself. Row: new.
//     store/inbox.go
//  5. [inbox] Only now the 200 is sent, and the dispatcher is woken:
//     web/webhook.go
//
// Up to here there is no model, no call to Graph and no lock between requests:
// one goroutine, store/writer.go, writes what many requests bring, in groups.
//
// # Thinking: from the row to the written reply
//
//  6. [dispatch] The dispatcher claims rows and hands each to its conversation:
//     one goroutine owns one conversation, keeps its order, and waits for a
//     pause, so that a burst of short messages is one turn. Row: claimed.
//     runtime/inbox/dispatcher.go, runtime/inbox/conversation.go
//  7. [send] The customer sees that the message was read and that somebody
//     types, for as long as the turn runs: runtime/inbox/attend.go
//  8. [media] Pictures and files are fetched into memory, never onto the disk:
//     runtime/channel/whatsapp/media.go
//  9. [guardrail] The input guardrails let the text through, rewrite it or block
//     it: runtime/guardrail/chain.go
//  10. [memory] The history window of this customer with this agent, and the
//     summary of what came before it: runtime/memory/window.go
//  11. [model], [tool] The prompt is put together, what never changes first, and
//     model and tools take turns until there is an answer:
//     runtime/agent/prompt.go, runtime/agent/loop.go, runtime/model/router.go,
//     runtime/tool/registry.go
//  12. [guardrail] The output guardrails, then the last gate: no reasoning, no
//     tool call and no control token reaches a customer. The text is then put
//     into WhatsApp's own formatting and cut where a message would be too long:
//     runtime/guardrail/gate.go, runtime/channel/whatsapp/format.go
//
// Steps 9 to 12, less the formatting, are one turn: runtime/agent/turn.go
// lists them by name, and runtime/inbox/turn.go runs it and waits while no model
// can be reached. A turn that is repeated bears the same id, and what its tools
// want done besides the answer (a message, a person called, a value kept) is
// written with step 13 or not at all: runtime/inbox/effects.go,
// runtime/tool/effects.go
//
// # Out: from the written reply to the customer's phone
//
//  13. [outbox] The turn is committed: memory, transcript, replies (row: due) and
//     the inbox rows (done, their raw text wiped) in one transaction.
//     store/turn.go
//  14. [outbox], [send] The relay claims what is due, paces it, sends it and
//     writes down what became of it. Row: due, sending, then sent, due later,
//     failed or unsure. runtime/outbox/relay.go, runtime/channel/whatsapp/send.go
//  15. [delivery] Meta's reports move the reply on: sent, delivered, read,
//     played, never backwards: store/delivery.go
//
// When the customer has then been quiet for some seconds, older turns are folded
// into the summary, the window moves, and the model's server reads the next prompt
// ahead, all of which gives way to whoever writes: runtime/inbox/ahead.go,
// runtime/agent/ahead.go, runtime/memory/step.go
//
// # What a crash costs
//
// Before 13 the turn is made again, from what is on disk since 4. Between 13 and
// 14 nothing is lost. Inside 14 Meta may have taken a reply that we never wrote
// down as sent: such a row is unsure after the next start. Each send carries its
// outbox id, so a report of Meta that names it settles the matter. If none comes
// within unsure_wait_seconds the reply was not taken and goes out again, or a
// person is asked (unsure_policy). Nothing is ever sent again blindly.
//
// What a customer wrote is on disk in the raw only between 4 and 13. After that
// there is only what the input guardrails let through. A log line names the
// conversation, never the number or the text.
package runtime
