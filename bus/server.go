package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nuid"

	"andon/bus/salvage"
	"andon/plant/setting"
)

// accounts separates the stream from what MQTT clients do: a client that
// publishes to telemetry/… reaches a subject of its own account only. Both
// names are folders of the store and never change.
const accounts = `accounts { ANDON { jetstream: enabled }, MQTT { jetstream: enabled } }`

// ownAccount is the one of them that has the stream.
const ownAccount = "ANDON"

// ownUser is the name under which we connect to our own server.
const ownUser = "andon-bus"

// listenTimeout bounds how long our own server takes to listen once it has
// read its streams, which after a crash may take minutes.
const listenTimeout = 10 * time.Second

// A host is the NATS server of our own. It can be started anew under a client
// that stays: nats-server keeps refusing messages after the disk was full,
// until it is started again.
type host struct {
	cfg      Config
	log      *serverLog
	lock     *os.File
	password string // of ownUser, known to this process only
	wanted   int64  // bytes that the streams may get by the configuration

	mu      sync.Mutex // guards the following
	srv     *server.Server
	mqttAt  string
	free    int64 // bytes that the server may store in all: most of what is free or its own
	stopped bool
}

// newHost takes the folder for streams of wanted bytes in all, moves what is damaged in it to aside and starts
// the server.
func newHost(cfg Config, wanted int64, aside string, log *slog.Logger) (*host, error) {
	dir := string(cfg.Dir)
	if dir == "" {
		return nil, errors.New("dir: want a folder for the stream, or a url")
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	h := &host{cfg: cfg, wanted: wanted, log: &serverLog{log: log, said: map[string]time.Time{}}, lock: lock, password: nuid.Next() + nuid.Next()}
	if err := removeLooks(dir); err != nil { // they would keep what retention removes
		log.Warn("a copy of the stream that a command left is still there", "err", err)
	}
	err = salvaged(dir, aside, log)
	if err == nil {
		err = h.start()
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return h, nil
}

// options builds the server's options. They are made anew for every start,
// since the server writes into them.
func (h *host) options() (*server.Options, error) {
	o := &server.Options{}
	if err := o.ProcessConfigString(accounts); err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	o.ServerName = "andon"
	o.JetStream, o.StoreDir, o.SyncAlways = true, string(h.cfg.Dir), true
	o.NoSigs, o.DisableJetStreamBanner, o.DontListen = true, true, true
	own, mqtt := o.Accounts[0], o.Accounts[1]
	if own.Name != ownAccount {
		own, mqtt = mqtt, own
	}
	o.Users = append(o.Users, &server.User{Username: ownUser, Password: h.password, Account: own,
		AllowedConnectionTypes: only(jwt.ConnectionTypeInProcess)})
	if h.cfg.Listen != "" {
		password, err := setting.Read(h.cfg.Password, h.cfg.PasswordFile)
		if err != nil {
			return nil, err
		}
		o.DontListen = false
		o.Host, o.Port, _ = splitAddress(h.cfg.Listen)
		o.Users = append(o.Users, &server.User{Username: h.cfg.User, Password: password.Reveal(), Account: own,
			AllowedConnectionTypes: only(jwt.ConnectionTypeStandard)})
	}
	if h.cfg.MQTT.Listen == "" {
		return o, nil
	}
	return o, h.addMQTT(o, mqtt)
}

func (h *host) addMQTT(o *server.Options, account *server.Account) error {
	password, err := setting.Read(h.cfg.MQTT.Password, h.cfg.MQTT.PasswordFile)
	if err != nil {
		return err
	}
	o.MQTT.Host, o.MQTT.Port, _ = splitAddress(h.cfg.MQTT.Listen)
	if h.mqttAt != "" { // the same free port again after a restart
		_, o.MQTT.Port, _ = splitAddress(h.mqttAt)
	}
	user := &server.User{Username: h.cfg.MQTT.User, Password: password.Reveal(), Account: account,
		AllowedConnectionTypes: only(jwt.ConnectionTypeMqtt)}
	if user.Username == "" {
		user.Username, user.Password = "anybody", nuid.Next()
		o.MQTT.NoAuthUser = user.Username
	}
	o.Users = append(o.Users, user)
	return nil
}

func only(connectionType string) map[string]struct{} {
	return map[string]struct{}{connectionType: {}}
}

// start starts a server. h.mu is held, or nobody else knows h yet.
//
// Streams keep what they reserved when the disk had more room. The server then
// changes none of them, not even to reserve less, unless its own limit lets
// it: it gets one, and the streams are made to fit by fitDisk.
func (h *host) start() error {
	stored, err := stored(string(h.cfg.Dir))
	if err != nil {
		return fmt.Errorf("look at the store: %w", err)
	}
	if err := h.startWith(0); err != nil {
		return err
	}
	info, err := h.srv.Jsz(nil)
	if err != nil {
		return fmt.Errorf("look at the store: %w", err)
	}
	// It counts what is free and not what the streams have already, which
	// must not be dropped because others fill the disk.
	limit := info.Config.MaxStore
	h.free = limit + stored/4*3
	if need := max(int64(info.ReservedStore), min(h.free, h.wanted)); need > limit {
		stop(h.srv)
		h.srv = nil
		return h.startWith(need + h.free)
	}
	return nil
}

// startWith starts a server that may store most bytes, what the disk has room
// for when 0.
func (h *host) startWith(most int64) error {
	o, err := h.options()
	if err != nil {
		return err
	}
	o.JetStreamMaxStore = most
	srv, err := server.NewServer(o)
	if err != nil {
		return err
	}
	srv.SetLoggerV2(h.log, false, false, false)
	srv.Start()
	err = h.log.fatal()
	if err == nil && !srv.ReadyForConnections(listenTimeout) {
		err = errors.New("does not listen")
	}
	if err != nil {
		stop(srv)
		return fmt.Errorf("start the NATS server: %w", err)
	}
	h.srv = srv
	if o.MQTT.Port != 0 {
		h.mqttAt = net.JoinHostPort(o.MQTT.Host, strconv.Itoa(o.MQTT.Port))
	}
	return nil
}

func stop(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

// InProcessConn connects to the server that runs now.
func (h *host) InProcessConn() (net.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.srv == nil {
		return nil, errors.New("the NATS server is down")
	}
	return h.srv.InProcessConn()
}

// sick returns why the server takes no messages, nil when it is well.
func (h *host) sick() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return nil
	}
	if h.srv == nil {
		return errors.New("the NATS server is down")
	}
	if s := h.srv.Healthz(nil); s.Error != "" {
		return errors.New(s.Error)
	}
	return nil
}

// restart stops the server and starts it again. When it does not start, the
// next restart tries again.
func (h *host) restart() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return nil
	}
	if h.srv != nil {
		stop(h.srv)
		h.srv = nil
	}
	return h.start()
}

// room returns how many bytes the server may store in all.
func (h *host) room() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.free
}

// mqttAddress returns where MQTT clients are taken, "" when nowhere.
func (h *host) mqttAddress() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.mqttAt
}

// close shuts the server down and gives the folder free. When ctx is done
// before the server is, the folder stays locked until the process ends.
func (h *host) close(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.stopped = true
		if h.srv != nil {
			stop(h.srv)
			h.srv = nil
			if err := salvage.Closed(string(h.cfg.Dir)); err != nil {
				h.log.log.Warn("the next start will check all files of the stream", "err", err)
			}
		}
		h.lock.Close()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("shut the NATS server down: %w", ctx.Err())
	}
}
