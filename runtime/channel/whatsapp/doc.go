// Package whatsapp speaks Meta's WhatsApp Business Cloud API and nothing else:
// it turns webhook bytes into the values of package channel, and those values
// into Graph calls. It knows no agents, no tables and no web framework.
package whatsapp
