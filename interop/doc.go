// Package interop holds the tests of collector/opcua against a server that
// others have made: node-opcua, a program for Node.js in the folder server,
// with every security policy, users with passwords and with certificates,
// history, alarms, structures and enumerations. The server says what it told,
// and in the end that is compared with everything that came.
//
// They need Node.js 18 or later and the server's packages, which
// `make test-interop` fetches. Without them `go test` skips the tests, unless
// ANDON_TEST_INTEROP is set.
package interop
