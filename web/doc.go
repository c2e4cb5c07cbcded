// Package web serves andon to people and programs over HTTP: the andon board
// and the alarm list as pages, the API under /api/v1 with its OpenAPI
// description, live events (SSE), health and metrics.
//
// Reading needs no login; the address it listens on decides who can read.
// Writing needs the token, as a Bearer header or through the login form, and
// is never done here: it becomes a command on the area's stream, with the
// name of the person, and the engine carries it out. Every write leaves an
// audit line in the log.
//
// Pages work without script, load nothing from elsewhere and keep a strict
// content security policy. A Server is safe for concurrent use.
package web
