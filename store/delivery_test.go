package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
	"astromesh/store/storetest"
)

// report is a delivery report about the one row of a case; wamid "w1" unless said.
func report(outbox string, d channel.Delivery, failed string) store.Report {
	r := store.Report{MessageID: "w1", OutboxID: outbox, Delivery: string(d), Rank: d.Rank(), At: 5000}
	if d == channel.DeliveryFailed {
		r.Error, r.ErrorCode = failed, 131026
		r.Again = failed == "passing"
	}
	return r
}

// Reports and the answer to the send come in any order, and repeated.
func TestReportsInAnyOrder(t *testing.T) {
	const (
		sent, delivered, read, failed = channel.DeliverySent, channel.DeliveryDelivered, channel.DeliveryRead, channel.DeliveryFailed
		answer                        = channel.Delivery("the answer to the send")
		lost                          = channel.Delivery("no answer to the send")
	)
	for name, c := range map[string]struct {
		steps           []channel.Delivery
		failed          string
		state, delivery string
	}{
		"in order":                    {[]channel.Delivery{answer, sent, delivered, read}, "", "sent", "read"},
		"backwards":                   {[]channel.Delivery{answer, read, delivered, sent}, "", "sent", "read"},
		"before the answer":           {[]channel.Delivery{sent, delivered, answer}, "", "sent", "delivered"},
		"twice":                       {[]channel.Delivery{answer, delivered, delivered, sent, sent}, "", "sent", "delivered"},
		"failed after sent":           {[]channel.Delivery{answer, sent, failed}, "gone", "failed", "failed"},
		"failed before sent":          {[]channel.Delivery{answer, failed, sent}, "gone", "failed", "failed"},
		"failed before the answer":    {[]channel.Delivery{failed, answer}, "gone", "failed", "failed"},
		"failed but arrived":          {[]channel.Delivery{answer, failed, delivered}, "gone", "sent", "delivered"},
		"arrived, then failed":        {[]channel.Delivery{answer, delivered, failed}, "gone", "sent", "delivered"},
		"passing":                     {[]channel.Delivery{answer, sent, failed}, "passing", "due", ""},
		"passing before the answer":   {[]channel.Delivery{failed, answer}, "passing", "due", ""},
		"passing, sent comes late":    {[]channel.Delivery{answer, failed, sent}, "passing", "due", ""},
		"passing, but it had arrived": {[]channel.Delivery{answer, failed, delivered}, "passing", "sent", "delivered"},
		"unsure, then a report":       {[]channel.Delivery{lost, sent}, "", "sent", "sent"},
		"unsure, no report":           {[]channel.Delivery{lost}, "", "unsure", ""},
		"unknown word":                {[]channel.Delivery{answer, "warning"}, "", "sent", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.New(t)
			accept(t, s, "m1")
			id := answerOne(t, s)
			rows, err := s.ClaimOutbox(10)
			if err != nil || len(rows) != 1 {
				t.Fatalf("claim: %v, %d rows", err, len(rows))
			}
			for _, step := range c.steps {
				switch step {
				case answer:
					err = s.MarkSent(rows[0].Seq, "w1")
				case lost:
					err = s.MarkUnsure(rows[0].Seq, store.Failure{})
				default:
					_, err = s.Accept(nil, []store.Report{report(id, step, c.failed)})
				}
				if err != nil {
					t.Fatalf("%s: %v", step, err)
				}
			}
			lines, err := s.Transcript(context.Background(), rows[0].ConversationID, 0, 10)
			if err != nil || lines[0].State != c.state || lines[0].Delivery != c.delivery {
				t.Errorf("state %q delivery %q, %v; want %q %q", lines[0].State, lines[0].Delivery, err, c.state, c.delivery)
			}
		})
	}
}

func answerOne(t *testing.T, s *store.Store) string {
	t.Helper()
	return answer(t, s, "t1", claim(t, s), "hello")[0]
}

// A report without our id (an older program sent it) finds its row by the
// channel's id, also when it came before that was known.
func TestAReportWithoutOurID(t *testing.T) {
	s := storetest.New(t)
	accept(t, s, "m1")
	answerOne(t, s)
	rows, err := s.ClaimOutbox(10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(nil, []store.Report{report("", channel.DeliveryDelivered, "")}); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkSent(rows[0].Seq, "w1"); err != nil {
		t.Fatal(err)
	}
	lines, err := s.Transcript(context.Background(), rows[0].ConversationID, 0, 10)
	if err != nil || lines[0].Delivery != "delivered" {
		t.Errorf("delivery = %q, %v", lines[0].Delivery, err)
	}
}

// A reply that is held back holds back what comes after it in its conversation,
// and in no other.
func TestRepliesLeaveInOrder(t *testing.T) {
	s := storetest.New(t)
	accept(t, s, "m1")
	answer(t, s, "t1", claim(t, s), "one", "two")
	if _, err := s.Accept([]store.Inbox{{MessageID: "m2", Kind: "text", Treatment: "answer", Payload: from("34600999888", "")}}, nil); err != nil {
		t.Fatal(err)
	}
	answer(t, s, "t2", claim(t, s), "other")
	due := func() (texts []string, rows []store.Due) {
		rows, err := s.ClaimOutbox(10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			texts = append(texts, r.Text)
		}
		return texts, rows
	}
	texts, rows := due()
	if strings.Join(texts, " ") != "one other" {
		t.Fatalf("claimed %q", texts)
	}
	if again, _ := due(); len(again) != 0 {
		t.Fatalf("claimed %q while one is on its way", again)
	}
	if err := s.MarkDue(rows[0].Seq, time.Now().Add(time.Hour), true, store.Failure{}); err != nil {
		t.Fatal(err)
	}
	if later, _ := due(); len(later) != 0 {
		t.Fatalf("claimed %q past one that waits", later)
	}
	if err := s.MarkFailed(rows[0].Seq, store.Failure{Reason: "no"}); err != nil {
		t.Fatal(err)
	}
	if last, _ := due(); strings.Join(last, " ") != "two" {
		t.Fatalf("claimed %q after the failure", last)
	}
}

// What a crash left in sending waits for a report, then is decided about.
func TestUnsureRowsAreSettled(t *testing.T) {
	for _, resend := range []bool{true, false} {
		dir := t.TempDir()
		s := storetest.Open(t, dir, nil)
		accept(t, s, "m1")
		answerOne(t, s)
		if _, err := s.ClaimOutbox(10); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil { // the crash
			t.Fatal(err)
		}
		s = storetest.Open(t, dir, nil)
		if n, err := s.RecoverOutbox(); err != nil || n != 1 {
			t.Fatalf("recovered %d, %v", n, err)
		}
		if rows, err := s.SettleUnsure(time.Now().Add(-time.Hour), resend); err != nil || len(rows) != 0 {
			t.Fatalf("settled %d too early, %v", len(rows), err)
		}
		if rows, err := s.SettleUnsure(time.Now().Add(time.Hour), resend); err != nil || len(rows) != 1 {
			t.Fatalf("settled %d, %v", len(rows), err)
		}
		rows, err := s.ClaimOutbox(10)
		if err != nil || (len(rows) == 1) != resend {
			t.Errorf("resend %v: %d rows are due, %v", resend, len(rows), err)
		}
		conv, err := s.Conversation(context.Background(), 1)
		if err != nil || (conv.NeedsPerson != "") == resend {
			t.Errorf("resend %v: person %q, %v", resend, conv.NeedsPerson, err)
		}
	}
}

// That a send was refused says nothing against a report that it arrived.
func TestARefusalAfterAReport(t *testing.T) {
	s := storetest.New(t)
	accept(t, s, "m1")
	id := answerOne(t, s)
	rows, err := s.ClaimOutbox(10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(nil, []store.Report{report(id, channel.DeliveryDelivered, "")}); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkFailed(rows[0].Seq, store.Failure{Reason: "no"}); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Conversation(context.Background(), rows[0].ConversationID); err != nil || c.NeedsPerson != "" {
		t.Errorf("a person is asked to look at a reply that arrived: %q, %v", c.NeedsPerson, err)
	}
}

// A failure without our id that came before the answer to the send is not lost.
func TestAFailureWithoutOurIDBeforeTheAnswer(t *testing.T) {
	s := storetest.New(t)
	accept(t, s, "m1")
	answerOne(t, s)
	rows, err := s.ClaimOutbox(10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(nil, []store.Report{report("", channel.DeliveryFailed, "gone")}); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkSent(rows[0].Seq, "w1"); err != nil {
		t.Fatal(err)
	}
	lines, err := s.Transcript(context.Background(), rows[0].ConversationID, 0, 10)
	if err != nil || lines[0].State != "failed" || lines[0].Error != "gone" {
		t.Errorf("state %q, error %q, %v", lines[0].State, lines[0].Error, err)
	}
	if c, err := s.Conversation(context.Background(), rows[0].ConversationID); err != nil || c.NeedsPerson == "" {
		t.Errorf("nobody is asked to look: %v", err)
	}
}

// A crash may come between Meta's answer and our record of it.
func TestSentSinceCountsWhatMayHaveGoneOut(t *testing.T) {
	s := storetest.New(t)
	for _, id := range []string{"m1", "m2"} {
		accept(t, s, id)
		answer(t, s, "t"+id, claim(t, s), "hello")
	}
	first, err := s.ClaimOutbox(10)
	if err != nil || len(first) != 1 {
		t.Fatalf("claim: %v, %d rows", err, len(first))
	}
	if err := s.MarkSent(first[0].Seq, "w1"); err != nil {
		t.Fatal(err)
	}
	if second, err := s.ClaimOutbox(10); err != nil || len(second) != 1 {
		t.Fatalf("claim: %v, %d rows", err, len(second))
	}
	before := time.Now().Add(-time.Minute)
	if n, err := s.RecoverOutbox(); err != nil || n != 1 {
		t.Fatalf("recovered %d, %v", n, err)
	}
	if sent, err := s.SentSince(context.Background(), before); err != nil || len(sent) != 2 {
		t.Errorf("%d sends count, %v; want 2", len(sent), err)
	}
	if sent, err := s.SentSince(context.Background(), time.Now().Add(time.Minute)); err != nil || len(sent) != 0 {
		t.Errorf("%d sends of the future, %v", len(sent), err)
	}
}
