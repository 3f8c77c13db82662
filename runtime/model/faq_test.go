package model

import "testing"

func FuzzFAQ(f *testing.F) {
	f.Add("Where are you?", "where are you")
	f.Add("营业时间", "\xff\x00")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, question, message string) {
		index := newFAQIndex([]faqEntry{{[]string{question}, "a"}, {[]string{"something quite different"}, "b"}})
		if answer, ok := index.find(question); len(wordsOf(question)) > 0 && (!ok || answer != "a" && answer != "b") {
			t.Fatalf("a question does not find itself: %q", answer)
		}
		first, _ := index.find(message)
		if again, _ := index.find(message); first != again {
			t.Fatalf("%q and %q", first, again)
		}
	})
}
