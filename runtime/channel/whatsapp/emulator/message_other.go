package emulator

import "encoding/json"

// Location is a place; name and address may be empty.
func (e *Emulator) Location(u User, latitude, longitude float64, name, address string) Item {
	return e.message(u, "location", name, object{}.with("latitude", latitude).
		with("longitude", longitude).opt("name", name).opt("address", address))
}

// Card is a shared contact. Without a Name the name object is missing, which
// happens.
type Card struct{ Name, Phone, Email string }

// Contacts shares cards.
func (e *Emulator) Contacts(u User, cards ...Card) Item {
	list := make([]object, 0, len(cards))
	text := ""
	for _, c := range cards {
		o := object{}
		if c.Name != "" {
			o = o.with("name", object{}.with("formatted_name", c.Name).with("first_name", c.Name))
			text = c.Name
		}
		if c.Phone != "" {
			o = o.with("phones", []object{object{}.with("phone", c.Phone).
				opt("wa_id", phoneDigits(c.Phone)).with("type", "CELL")})
		}
		if c.Email != "" {
			o = o.with("emails", []object{object{}.with("email", c.Email).with("type", "WORK")})
		}
		list = append(list, o)
	}
	return e.message(u, "contacts", text, list)
}

// OrderLine is one product of an order.
type OrderLine struct {
	ProductID string
	Quantity  int
	Price     float64
	Currency  string
}

// Order is a basket from the catalogue; text may be empty.
func (e *Emulator) Order(u User, catalogID, text string, lines ...OrderLine) Item {
	items := make([]object, 0, len(lines))
	for _, l := range lines {
		items = append(items, object{}.with("product_retailer_id", l.ProductID).
			with("quantity", l.Quantity).with("item_price", l.Price).with("currency", l.Currency))
	}
	return e.message(u, "order", text,
		object{}.with("catalog_id", catalogID).opt("text", text).with("product_items", items))
}

// Unsupported is a message Meta cannot pass on; inner ("edit", "poll" …) may be
// empty.
func (e *Emulator) Unsupported(u User, inner string) Item {
	var body any
	if inner != "" {
		body = object{}.with("type", inner)
	}
	it := e.message(u, "unsupported", "", body)
	it.tail = it.tail.with("errors", []object{
		errorObject(131051, "Message type is currently not supported.")})
	return it
}

// System says that u goes on under the number newPhone. Meta sends no contacts
// array with it. From now on both numbers are the same person.
func (e *Emulator) System(u User, newPhone string) Item {
	it := e.message(u, "system", "", object{}.
		with("body", "User "+u.Name+" changed from "+u.Phone+" to "+newPhone).
		with("wa_id", newPhone).opt("user_id", u.UserID).with("type", "user_changed_number"))
	it.contact, it.renamed = nil, User{Phone: newPhone}
	return it
}

// UserIDUpdate is the field user_id_update: a user id that became another one.
func (e *Emulator) UserIDUpdate(u User, newID string) Item {
	it := e.item(u, "user_id_update", "")
	it.field, it.list = "user_id_update", "user_id_update"
	it.head = object{}.opt("wa_id", u.phone()).
		with("detail", "User id changed.").
		with("user_id", object{}.with("previous", u.UserID).with("current", newID))
	it.renamed = User{UserID: newID}
	return it
}

// AccountError is an error that belongs to no message, such as 130429.
func (e *Emulator) AccountError(code int) Item {
	it := e.item(User{}, "errors", "")
	it.list, it.errors = "errors", []object{errorObject(code, "")}
	return it
}

// DashboardTest is what the Test button of the App Dashboard sends: fixed,
// made-up ids of another account and a message id without wamid prefix.
func (e *Emulator) DashboardTest() Item {
	u := User{Phone: "16315551181", UserID: "US.13491208655302741918",
		Username: "@testusername", Name: "test user name"}
	it := e.Text(u, "this is a text message")
	it.waba, it.ID = "0", "ABGGFlA5Fpa"
	it.number = Number{ID: "123456123", Display: "16505551111"}
	return it.WithTime(unixTime(1504902988))
}

// RawMessage is a message written by hand, posted inside the usual envelope.
func (e *Emulator) RawMessage(u User, element json.RawMessage) Item {
	it := e.message(u, "raw", "", nil)
	it.raw = element
	return it
}

// Raw is a whole webhook body written by hand. It is escaped if it is JSON,
// else sent byte for byte, and can only be posted alone.
func (e *Emulator) Raw(body string) Item {
	it := e.item(User{}, "raw", "")
	it.raw = json.RawMessage(body)
	return it
}
