package whatsapp

import (
	"fmt"
	"strings"
)

// Bounds of a description: what a person would still read out.
const (
	maxNameRunes = 200
	maxListed    = 20
)

// describeLocation: "[Location: NAME, ADDRESS (41.38, 2.17)]".
func describeLocation(body node) string {
	names := joined(", ", body.get("name"), body.get("address"))
	point := joined(", ", body.get("latitude"), body.get("longitude"))
	switch {
	case names == "" && point == "":
		return "[Location]"
	case names == "":
		return "[Location: " + point + "]"
	case point == "":
		return "[Location: " + names + "]"
	}
	return "[Location: " + names + " (" + point + ")]"
}

// describeContacts: one "[Contact: NAME, PHONE, …]" a line. name and phones may
// both be missing.
func describeContacts(list node) string {
	var lines []string
	rest := 0
	for _, c := range list.elements() {
		if !c.isObject() {
			continue
		}
		if len(lines) == maxListed {
			rest++
			continue
		}
		name := c.get("name")
		parts := []string{firstOf(joined("", name.get("formatted_name")),
			joined(" ", name.get("first_name"), name.get("last_name")))}
		for _, phone := range c.get("phones").elements() {
			parts = append(parts, joined("", firstNode(phone.get("phone"), phone.get("wa_id"))))
		}
		for _, email := range c.get("emails").elements() {
			parts = append(parts, joined("", email.get("email")))
		}
		parts = append(parts, joined("", c.get("org").get("company")))
		lines = append(lines, bracket("Contact", parts))
	}
	if rest > 0 {
		lines = append(lines, fmt.Sprintf("[and %d more contacts]", rest))
	}
	return strings.Join(lines, "\n")
}

// describeOrder: "[Order: 2 × SKU at 7.99 EUR, …]" and what the customer wrote
// with it. Prices are kept as they are written on the wire.
func describeOrder(body node) string {
	var items []string
	rest := 0
	for _, item := range body.get("product_items").elements() {
		if !item.isObject() {
			continue
		}
		if len(items) == maxListed {
			rest++
			continue
		}
		words := firstOf(joined("", item.get("quantity")), "1") + " × " +
			firstOf(joined("", item.get("product_retailer_id")), "?")
		if price := joined(" ", item.get("item_price"), item.get("currency")); price != "" {
			words += " at " + price
		}
		items = append(items, words)
	}
	if rest > 0 {
		items = append(items, fmt.Sprintf("and %d more", rest))
	}
	text := bracket("Order", items)
	if words := strings.TrimSpace(body.get("text").text()); words != "" {
		text += "\n" + cutRunes(words, maxTextRunes)
	}
	return text
}

func bracket(title string, parts []string) string {
	var kept []string
	for _, part := range parts {
		if part != "" && len(kept) < maxListed+1 {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return "[" + title + "]"
	}
	return "[" + title + ": " + strings.Join(kept, ", ") + "]"
}

// joined puts the texts that are not empty on one line, with sep between them.
func joined(sep string, nodes ...node) string {
	var kept []string
	for _, n := range nodes {
		if s := flat(n.text(), maxNameRunes); s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, sep)
}

func firstNode(nodes ...node) node {
	for _, n := range nodes {
		if n.text() != "" {
			return n
		}
	}
	return nil
}
