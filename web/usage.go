package web

import (
	"context"
	"time"

	"astromesh/store"
	"astromesh/web/view"
)

// modelUse is what each model did today and in the last two weeks, those that
// answered most first.
func (s *Server) modelUse(ctx context.Context) ([]view.ModelUse, error) {
	now := time.Now()
	y, m, d := now.Date()
	weeks, err := s.Store.ModelUsage(ctx, time.Date(y, m, d-homeDays+1, 0, 0, 0, 0, now.Location()))
	if err != nil {
		return nil, err
	}
	today, err := s.Store.ModelUsage(ctx, time.Date(y, m, d, 0, 0, 0, 0, now.Location()))
	if err != nil {
		return nil, err
	}
	of := map[string]view.Use{}
	for _, u := range today {
		of[u.Candidate] = useOf(u)
	}
	list := make([]view.ModelUse, 0, len(weeks))
	for _, u := range weeks {
		list = append(list, view.ModelUse{Name: u.Candidate, Today: of[u.Candidate], Weeks: useOf(u)})
	}
	view.SortUse(list)
	return list, nil
}

func useOf(u store.Usage) view.Use {
	ms := func(sum int64) time.Duration {
		return time.Duration(sum) * time.Millisecond / time.Duration(max(u.Calls, 1))
	}
	return view.Use{Answers: u.Calls, In: u.TokensIn, Out: u.TokensOut, Wait: ms(u.WaitMS), Load: ms(u.LoadMS), Read: ms(u.PromptMS), Write: ms(u.WriteMS)}
}
