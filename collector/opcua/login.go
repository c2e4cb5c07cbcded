package opcua

import (
	"context"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/login"
)

// logIn creates and activates the session. gopcua's own calls would do it with
// whatever certificate the server shows then; here it must be the one that
// was checked.
func (x *session) logIn(ctx context.Context, in login.Login) error {
	if again, err := x.reactivate(ctx, in); again || err != nil {
		return err
	}
	ask := in.CreateRequest("andon " + x.source.name)
	ask.RequestedSessionTimeout = float64(sessionTimeout / time.Millisecond)
	created, err := call[*ua.CreateSessionResponse](ctx, x, ask)
	if err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	x.token = created.AuthenticationToken
	x.source.metrics.sessions.Inc()
	if err := in.VerifySession(created, ask.ClientNonce); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	req, err := in.Activation(created)
	if err != nil {
		return fmt.Errorf("activate session: %w", err)
	}
	resp, err := call[*ua.ActivateSessionResponse](ctx, x, req)
	if err == nil {
		x.activated(created, resp)
	}
	return in.Explain(err)
}
