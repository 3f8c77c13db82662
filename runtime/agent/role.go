package agent

import (
	"context"
	"errors"
	"fmt"

	"astromesh/runtime/model"
)

// askAs asks for the loop's role. Where none of the models that the file names for
// it can be reached the agent's own answer in their place, unless providers.yaml
// forbids a fallback: a turn waits only while no model at all is there.
func (l *loop) askAs(ctx context.Context, req model.Request) (model.Response, error) {
	a := l.agent
	reply, err := a.chatAs(l.role)(ctx, req)
	if !errors.Is(err, model.ErrUnavailable) || ctx.Err() != nil || !a.standsIn || a.roleChat(l.role) == nil {
		return reply, err
	}
	reply, own := a.chat(ctx, req)
	reply.Usage.Role = l.role
	if own == nil {
		l.notice("model", fmt.Sprintf("No model of the role %s can be reached, so the agent's own answered in its place: %s", l.role, reasonOf(err)))
	}
	return reply, own
}
