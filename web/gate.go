package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"andon/plant/setting"
)

// sessionAge is how long a login lasts: one long shift.
const sessionAge = 12 * time.Hour

// A gate decides who may write: programs with the token, people with a
// session that the token signed. Sessions are not kept anywhere; another
// token ends them all.
type gate struct {
	open   bool              // a token is set, so somebody may write
	digest [sha256.Size]byte // of the token
	key    []byte            // signs sessions
	secure bool              // cookies only over TLS
	tries  *tries
}

func newGate(token setting.Secret, secure bool) *gate {
	g := &gate{open: token != "", secure: secure, tries: newTries()}
	g.digest = sha256.Sum256([]byte(token.Reveal()))
	mac := hmac.New(sha256.New, []byte(token.Reveal()))
	mac.Write([]byte("andon session key"))
	g.key = mac.Sum(nil)
	return g
}

// right reports whether token is the token, in a time that does not tell how
// much of it is right.
func (g *gate) right(token string) bool {
	digest := sha256.Sum256([]byte(token))
	return g.open && subtle.ConstantTimeCompare(digest[:], g.digest[:]) == 1
}

// try compares token for one kind of login. The right one always passes:
// behind a proxy all share one address, and nobody may lock the others out.
func (g *gate) try(kind, addr, token string, now time.Time) error {
	if g.right(token) {
		return nil
	}
	if wait := g.tries.wrong(kind+" "+network(addr), now); wait > 0 {
		return tooManyTries(wait)
	}
	return problem{http.StatusUnauthorized, "token_wrong", "the token is wrong"}
}

// A writer is who gives a command.
type writer struct {
	user    string // "" when a program did not say yet
	program bool   // it came with the token itself
}

// admit returns who asks to write, or the problem that keeps them from it.
func (g *gate) admit(r *http.Request, now time.Time) (writer, error) {
	if !g.open {
		return writer{}, problem{http.StatusForbidden, "writes_off", "nobody may write: web.token is not set"}
	}
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return writer{}, problem{http.StatusUnauthorized, "token_missing", "send Authorization: Bearer and the token"}
		}
		return writer{program: true}, g.try("bearer", r.RemoteAddr, strings.TrimSpace(token), now)
	}
	if user := g.user(r, now); user != "" {
		return writer{user: user}, nil
	}
	return writer{}, problem{http.StatusUnauthorized, "token_missing", "send Authorization: Bearer and the token, or log in"}
}

// cookie is the session's name. The prefix __Host- makes browsers refuse it
// from other hosts and without TLS.
func (g *gate) cookie() string {
	if g.secure {
		return "__Host-andon"
	}
	return "andon"
}

// session returns the cookie of a person who logged in.
func (g *gate) session(user string, now time.Time) *http.Cookie {
	value := strconv.FormatInt(now.Add(sessionAge).Unix(), 10) + "." + base64.RawURLEncoding.EncodeToString([]byte(user))
	return g.bake(value+"."+g.sign(value), int(sessionAge/time.Second))
}

// farewell returns the cookie that ends a session.
func (g *gate) farewell() *http.Cookie { return g.bake("", -1) }

func (g *gate) bake(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: g.cookie(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: g.secure, SameSite: http.SameSiteStrictMode}
}

func (g *gate) sign(value string) string {
	mac := hmac.New(sha256.New, g.key)
	mac.Write([]byte(value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// user returns who is logged in, "" when nobody is.
func (g *gate) user(r *http.Request, now time.Time) string {
	c, err := r.Cookie(g.cookie())
	if err != nil || !g.open {
		return ""
	}
	dot := strings.LastIndexByte(c.Value, '.')
	if dot < 0 || !hmac.Equal([]byte(c.Value[dot+1:]), []byte(g.sign(c.Value[:dot]))) {
		return ""
	}
	expiry, name, _ := strings.Cut(c.Value[:dot], ".")
	if until, err := strconv.ParseInt(expiry, 10, 64); err != nil || now.Unix() >= until {
		return ""
	}
	user, err := base64.RawURLEncoding.DecodeString(name)
	if err != nil {
		return ""
	}
	return string(user)
}

func tooManyTries(wait time.Duration) problem {
	seconds := int((wait + time.Second - 1) / time.Second)
	return problem{http.StatusTooManyRequests, "too_many_tries",
		fmt.Sprintf("too many wrong tokens from this address: try again in %d s", seconds)}
}
