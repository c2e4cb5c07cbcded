package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"andon/plant"
	"andon/production"
)

// An orderBody is one order in the API. That of the configuration has no id.
type orderBody struct {
	ID         string `json:"id"`
	Line       string `json:"line"`
	Order      string `json:"order"`
	Product    string `json:"product"`
	Quantity   int64  `json:"quantity"`
	From       moment `json:"from"`
	To         moment `json:"to"` // null until it ends or the next begins
	Due        moment `json:"due"`
	DoneBefore int64  `json:"done_before"`
	Running    bool   `json:"running"` // by its times
	User       string `json:"user"`
	Comment    string `json:"comment"`
	// Attainment is null of an order that has not begun, or long ago.
	Attainment *attainmentBody `json:"attainment"`
}

type ordersBody struct {
	Orders []orderBody `json:"orders"`
}

// serveOrders answers with the orders of every line, by line and start.
func (s *Server) serveOrders(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path := s.place(q)
	if err := q.done(); err != nil {
		return err
	}
	orders, err := s.o.Outlook.Orders(r.Context(), path)
	if err != nil {
		return err
	}
	a := ordersBody{Orders: []orderBody{}}
	now := plant.At(s.o.Now())
	for _, o := range orders {
		a.Orders = append(a.Orders, orderBody{ID: o.ID, Line: o.Line, Order: o.Order, Product: o.Product, Quantity: o.Quantity,
			From: moment(o.From), To: moment(o.To), Due: moment(o.Due), DoneBefore: o.DoneBefore,
			Running: o.From <= now && (o.To == 0 || now < o.To), User: o.User, Comment: o.Comment, Attainment: attainmentOf(o.Attainment)})
	}
	return writeJSON(w, http.StatusOK, a)
}

type orderRequest struct {
	Action  string `json:"action"` // start, end or change
	Line    string `json:"line"`
	User    string `json:"user"`
	Comment string `json:"comment"`
	orderArgs
}

// orderArgs go to the engine as they are; what is missing stays as it is.
type orderArgs struct {
	Order      string     `json:"order,omitempty"`
	Product    *string    `json:"product,omitempty"`
	Quantity   *int64     `json:"quantity,omitempty"`
	From       *time.Time `json:"from,omitempty"`
	To         *time.Time `json:"to,omitempty"`
	Due        *time.Time `json:"due,omitempty"`
	DoneBefore *int64     `json:"done_before,omitempty"`
}

type orderDone struct {
	Line    string `json:"line"`
	Order   string `json:"order"`
	Command string `json:"command"` // id of the command on the stream
	User    string `json:"user"`
	Time    moment `json:"time"`
}

// serveOrder starts, ends or corrects an order.
func (s *Server) serveOrder(w http.ResponseWriter, r *http.Request) error {
	req, err := readWrite(s, r, func(q *orderRequest) *string { return &q.User })
	if err != nil {
		return err
	}
	cmd, err := s.orderCommand(req)
	if err != nil {
		return err
	}
	if err := s.command(r, cmd); err != nil {
		return orderProblem(err)
	}
	return writeJSON(w, http.StatusOK, orderDone{Line: cmd.Target, Order: req.Order, Command: cmd.ID, User: cmd.User, Time: moment(cmd.Time)})
}

func (s *Server) orderCommand(req orderRequest) (plant.Command, error) {
	verbs := map[string]string{"start": plant.VerbOrderStart, "end": plant.VerbOrderEnd, "change": plant.VerbOrderChange}
	cmd := plant.Command{ID: rand.Text(), Verb: verbs[req.Action], Target: req.Line, User: req.User,
		Comment: strings.TrimSpace(req.Comment), Time: plant.At(s.o.Now())}
	if cmd.Verb == "" {
		return cmd, badRequest("bad_order", "action: want start, end or change")
	}
	if err := checkText("user", cmd.User, 1, maxUser); err != nil {
		return cmd, err
	}
	if err := checkText("comment", cmd.Comment, 0, maxComment); err != nil {
		return cmd, err
	}
	line := func(a *plant.Area) bool {
		return slices.ContainsFunc(a.Lines, func(l *plant.Line) bool { return l.Path == req.Line })
	}
	if !slices.ContainsFunc(s.o.Tree.Areas, line) {
		return cmd, problem{http.StatusNotFound, "unknown_line", "line: want the path of a line; see /api/v1/equipment"}
	}
	var err error
	cmd.Args, err = json.Marshal(req.orderArgs)
	return cmd, err
}

// orderProblem says why an order was not taken.
func orderProblem(err error) error {
	switch {
	case errors.Is(err, production.ErrBadOrder):
		return badRequest("bad_order", err.Error())
	case errors.Is(err, production.ErrUnknownOrder):
		return problem{http.StatusConflict, "unknown_order", err.Error()}
	case errors.Is(err, production.ErrOrderRuns):
		return problem{http.StatusConflict, "order_runs", err.Error()}
	}
	return err
}
