package whatsapp

import (
	"fmt"
	"time"

	"astromesh/runtime/channel"
)

const (
	reasonUnknown     = "It is not certain whether WhatsApp took this message: the connection broke before a usable answer came. It is not sent again until that is settled, so that the customer does not get it twice."
	reasonUnreachable = "Meta's server could not be reached. Check this machine's internet connection; the message is tried again."
	reasonToken       = "Meta refuses the access token. Create a permanent token for a system user in Meta's Business settings and enter it; the waiting messages are sent then."
)

// rule is what one of Meta's codes means for a send.
type rule struct {
	outcome channel.Outcome
	wait    time.Duration // before the next try, where Meta names one; 0 = the relay decides
	reason  string        // for the owner
}

// ruleOf knows the codes that matter for sending (Meta's error table of 2026).
// Rejected holds only those that Meta refuses before processing. Codes 1, 2,
// 131000 and 131016 also ask to "try again", and the message may have gone out
// all the same: a doubled message is worse than a late one.
func ruleOf(code int) (r rule, known bool) {
	switch code {
	case 0, 190:
		return rule{channel.TokenRefused, 0, reasonToken}, true
	case 1, 2, 131000, 131016:
		return rule{channel.Unknown, 0, "WhatsApp had a fault of its own, and it is not certain whether it took this message. It is not sent again until that is settled."}, true
	case 4, 80007, 613:
		return rule{channel.Rejected, 0, "Meta's limit of calls for this account is reached. The message waits and is sent when the limit allows."}, true
	case 130429:
		return rule{channel.Rejected, 0, "More messages were sent in a second than WhatsApp allows for this number. The message waits and is sent again."}, true
	case 131056:
		return rule{channel.PairLimited, 0, "Too many messages went to this one customer in a short time. The message waits; other customers are not affected."}, true
	case 131057:
		return rule{channel.Rejected, time.Minute, "The number is in maintenance at Meta for about a minute. The message is sent after that."}, true
	case 133004:
		return rule{channel.Rejected, 0, "Meta's server is not available for the moment. The message is tried again."}, true
	case windowClosedCode:
		return rule{channel.WindowClosed, 0, "More than 24 hours have passed since the customer last wrote. Wait until they write again, or send a message template approved by Meta."}, true
	}
	reason := refusedReason(code)
	return rule{channel.Refused, 0, reason}, reason != ""
}

// refusedReason holds the codes that no second try mends.
func refusedReason(code int) string {
	if code >= 200 && code <= 299 {
		code = 10 // a permission each
	}
	return firstOf(accountReason(code), messageReason(code))
}

// accountReason holds the codes that concern the account, the number or the token.
func accountReason(code int) string {
	switch code {
	case 3, 10, 131005:
		return "The access token lacks a permission. Give the system user whatsapp_business_messaging for this account, and create the token anew."
	case 33:
		return "Meta does not know this phone number id. Compare phone_number_id with the one under WhatsApp, API setup."
	case 100, 131008, 131009, 135000:
		return "Meta found the request faulty. If the phone number id is right, this is a fault of the program; please report it with the technical detail."
	case 368, 131031:
		return "Meta has locked this account. Open WhatsApp Manager, see what is asked for there, and request a review."
	case 130497:
		return "WhatsApp does not let this account write to customers in that country."
	case 131030:
		return "This is a test number, and the customer is not on its list. Add their number under WhatsApp, API setup, or use a real number."
	case 131037:
		return "The number has no approved display name yet. Request one in WhatsApp Manager."
	case 131042:
		return "There is a problem with the payment method. Mend it in Meta's billing settings; until then nothing is delivered."
	case 131045, 133006, 133010:
		return "The number is not registered with the Cloud API. Register it in WhatsApp Manager."
	case 133000, 133015:
		return "The number was deregistered or deleted a moment ago. Wait five minutes, then register it again."
	case 131048:
		return "WhatsApp has limited this number because customers blocked or reported it. Pause sending and look at its quality in WhatsApp Manager; trying again makes it worse."
	}
	return ""
}

// messageReason holds the codes that concern one message or one customer.
func messageReason(code int) string {
	switch code {
	case 130403:
		return "This customer is blocked by your number. Unblock them in WhatsApp Manager to write to them."
	case 130472:
		return "WhatsApp did not deliver this message because the customer takes part in an experiment of Meta's. Nothing is to be done."
	case 131021:
		return "The customer's number is the business number itself. Write from another phone to test."
	case 131026:
		return "WhatsApp cannot deliver to this customer: no WhatsApp on that number, an old version, or its terms not accepted. Try another way to reach them."
	case 131049:
		return "WhatsApp held this message back to keep the customer from getting too many. Wait at least a day before writing again."
	case 131050:
		return "The customer does not want marketing messages from this business. Do not write to them for marketing."
	case 131051:
		return "WhatsApp does not support this type of message."
	case 131052:
		return "The customer's file could not be loaded: it is too large or was lost on the way. Ask them to send it again."
	case 131053:
		return "WhatsApp could not load the file that was to be sent. Check its type and size."
	case 131062:
		return "This message needs the customer's phone number, and they hide it."
	case 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018:
		return "Meta refused the message template. Open it in WhatsApp Manager and see its state, language and parameters."
	case 137000:
		return "The customer's WhatsApp identity has changed. Make sure who they are before you write on."
	}
	return ""
}

// reasonForCode is the sentence for a code, or "".
func reasonForCode(code int) string {
	r, _ := ruleOf(code)
	return r.reason
}

// reasonOf is the sentence for a failed send.
func reasonOf(outcome channel.Outcome, code int, hasCode bool, subcode int) string {
	if outcome == channel.TokenRefused {
		return tokenReason(subcode)
	}
	if code == 100 && subcode == 33 {
		return refusedReason(33)
	}
	if reason := reasonForCode(code); hasCode && reason != "" {
		return reason
	}
	switch outcome {
	case channel.Rejected:
		return "Meta did not take the message at this moment. It is tried again."
	case channel.Unknown:
		return reasonUnknown
	}
	if hasCode {
		return fmt.Sprintf("Meta refused the message with its error %d. See the technical detail, and WhatsApp Manager for the state of the account.", code)
	}
	return "Meta refused the message without saying why. See WhatsApp Manager for the state of the account."
}

// tokenReason tells an expired token from one that was taken back.
func tokenReason(subcode int) string {
	switch subcode {
	case 463:
		return "The access token has expired. Create a permanent token for a system user in Meta's Business settings and enter it; the waiting messages are sent then."
	case 460, 467:
		return "The access token is no longer valid (password changed, or access withdrawn). Create a new one and enter it; the waiting messages are sent then."
	case 458:
		return "The app is no longer installed for the user who made the access token. Create a token for a system user and enter it; the waiting messages are sent then."
	case 492:
		return "The user who made the access token has no role in the business any more. Create a token for a system user and enter it; the waiting messages are sent then."
	}
	return reasonToken
}

// ReasonFor is one sentence for the owner about an error that came by webhook:
// what happened, and what to do.
func ReasonFor(e channel.Error) string {
	if reason := reasonForCode(e.Code); reason != "" && e.Code != 0 {
		return reason
	}
	words := scrub(firstOf(e.Details, e.Message, e.Title))
	if words == "" {
		return fmt.Sprintf("WhatsApp reported error %d without further words.", e.Code)
	}
	return fmt.Sprintf("WhatsApp reported error %d: %s", e.Code, words)
}

// Retryable reports whether a message that failed by webhook with this code may
// be sent again as it is. Only limits qualify: Meta refused the message before
// anybody saw it.
func Retryable(code int) bool { return code == 130429 || code == 131056 }
