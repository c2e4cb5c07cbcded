package production

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"andon/plant"
)

// Why a command about an order is refused.
var (
	ErrBadOrder     = errors.New("bad order")     // what it says makes no sense
	ErrUnknownOrder = errors.New("unknown order") // there is none of that name, or none runs
	ErrOrderRuns    = errors.New("order runs")    // it was started and did not end
)

// An OrderRecord is an order that a person gave for a line. It takes the
// place of configured orders of the same name there. It runs from From to To,
// or until the next order begins.
type OrderRecord struct {
	ID         string        `json:"id"`   // of line, name and first start
	Line       string        `json:"line"` // path
	Order      string        `json:"order"`
	Product    string        `json:"product"`
	Quantity   int64         `json:"quantity"` // 0 when nobody said
	From       plant.Instant `json:"from"`
	To         plant.Instant `json:"to"`  // 0 for until the next one
	Due        plant.Instant `json:"due"` // 0 for none
	DoneBefore int64         `json:"done_before"`
	User       string        `json:"user"` // who spoke of it last
	Comment    string        `json:"comment"`
	Command    string        `json:"command"` // id of the last command
	Time       plant.Instant `json:"time"`    // of the last command
}

// orderArgs are the arguments of order.start, order.end and order.change. What
// is missing stays as it is.
type orderArgs struct {
	Order      string     `json:"order"`
	Product    *string    `json:"product"`
	Quantity   *int64     `json:"quantity"`
	From       *time.Time `json:"from"`
	To         *time.Time `json:"to"`
	Due        *time.Time `json:"due"`
	DoneBefore *int64     `json:"done_before"`
}

// farOrder is how far ahead orders may be planned.
const farOrder = 400 * 24 * time.Hour

// Command does what a person wants with an order: order.start begins one on
// the line that is the target and so ends the one that runs there, order.end
// ends the one that runs, order.change corrects one. Times that the arguments
// leave out are those of the command. A command done before is not done again.
func (a *Area) Command(now plant.Instant, cmd plant.Command) error {
	a.advance(now)
	line := a.lineOf(cmd.Target)
	if line == nil {
		return fmt.Errorf("line %.200q: %w: want the path of a line", cmd.Target, ErrBadOrder)
	}
	if slices.ContainsFunc(a.orders, func(o OrderRecord) bool { return cmd.ID != "" && o.Command == cmd.ID }) {
		return nil
	}
	var args orderArgs
	if err := json.Unmarshal(cmd.Args, &args); err != nil {
		return fmt.Errorf("read order: %w: %w", ErrBadOrder, err)
	}
	if cmd.Time == 0 {
		cmd.Time = a.now
	}
	var o OrderRecord
	var err error
	switch cmd.Verb {
	case plant.VerbOrderStart:
		o, err = a.newOrder(line, cmd, args)
	case plant.VerbOrderEnd:
		o, err = a.endedOrder(line, cmd, args)
	case plant.VerbOrderChange:
		o, err = a.findOrder(line, args.Order, cmd.Time)
		o = o.with(args)
	default:
		err = fmt.Errorf("verb %.40q: %w", cmd.Verb, ErrBadOrder)
	}
	if err == nil {
		err = a.checkOrder(o)
	}
	if err != nil {
		return err
	}
	o.User, o.Comment, o.Command, o.Time = cmd.User, cmd.Comment, cmd.ID, cmd.Time
	a.putOrder(o)
	a.replan(line)
	return nil
}

func (a *Area) lineOf(path string) *plant.Line {
	for _, l := range a.area.Lines {
		if l.Path == path {
			return l
		}
	}
	return nil
}

func (a *Area) newOrder(line *plant.Line, cmd plant.Command, args orderArgs) (OrderRecord, error) {
	o := OrderRecord{Line: line.Path, Order: args.Order, From: cmd.Time}.with(args)
	if now, ok := a.running(line, o.From); ok {
		if now.Order == o.Order {
			return o, fmt.Errorf("start %.100q: %w since %s", o.Order, ErrOrderRuns, now.From)
		}
		if now.ID == "" && a.checkOrder(o) == nil {
			// Else it would go on when o ends.
			now.ID, now.To = orderID(now), o.From
			now.User, now.Command, now.Time = cmd.User, cmd.ID, cmd.Time
			a.putOrder(now)
		}
	}
	o.ID = orderID(o)
	return o, nil
}

func (a *Area) endedOrder(line *plant.Line, cmd plant.Command, args orderArgs) (OrderRecord, error) {
	end := cmd.Time
	if args.To != nil {
		end = plant.At(*args.To)
	}
	o, ok := a.running(line, end)
	if !ok || args.Order != "" && args.Order != o.Order {
		return o, fmt.Errorf("end %.100q: %w: it does not run on %s", args.Order, ErrUnknownOrder, line.Path)
	}
	if o.ID == "" {
		o.ID = orderID(o)
	}
	args.From = nil
	o = o.with(args)
	o.To = end
	return o, nil
}

// findOrder returns the order of that name that began last before t, or else
// the first that is planned.
func (a *Area) findOrder(line *plant.Line, name string, t plant.Instant) (OrderRecord, error) {
	var best OrderRecord
	for _, o := range a.ordersOf(line) {
		if o.Order == name && (best.Order == "" || o.From <= t) {
			best = o
		}
	}
	if best.Order == "" {
		return best, fmt.Errorf("change %.100q: %w on %s", name, ErrUnknownOrder, line.Path)
	}
	if best.ID == "" {
		best.ID = orderID(best)
	}
	return best, nil
}

func (o OrderRecord) with(args orderArgs) OrderRecord {
	if args.Product != nil {
		o.Product = *args.Product
	}
	if args.Quantity != nil {
		o.Quantity = *args.Quantity
	}
	if args.DoneBefore != nil {
		o.DoneBefore = *args.DoneBefore
	}
	for _, t := range []struct {
		to   *plant.Instant
		from *time.Time
	}{{&o.From, args.From}, {&o.To, args.To}, {&o.Due, args.Due}} {
		if t.from != nil {
			*t.to = plant.At(*t.from)
		}
	}
	return o
}

func (a *Area) checkOrder(o OrderRecord) error {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case o.Order == "" || len(o.Order) > 64 || strings.ContainsFunc(o.Order, unprintable):
		return fmt.Errorf("order %.100q: %w: want a name of 1 to 64 printable characters", o.Order, ErrBadOrder)
	case o.Product != "" && !a.products[o.Product]:
		return fmt.Errorf("product %.100q: %w: want one of the configuration", o.Product, ErrBadOrder)
	case o.Quantity < 0 || o.DoneBefore < 0 || o.Quantity > maxJump || o.DoneBefore > maxJump:
		return fmt.Errorf("quantity: %w: want 0 or more", ErrBadOrder)
	case o.To != 0 && o.To < o.From:
		return fmt.Errorf("to %s: %w: want an end after the start %s", o.To, ErrBadOrder, o.From)
	case o.From > a.now.Add(farOrder) || o.To > a.now.Add(farOrder):
		return fmt.Errorf("from %s: %w: too far ahead", o.From, ErrBadOrder)
	}
	old := slices.IndexFunc(a.ordersByLine(o.Line), func(b OrderRecord) bool { return b.Order == o.Order && b.From == o.From })
	if past := a.now - a.horizon; o.From < past && old < 0 || o.To != 0 && o.To < past {
		return fmt.Errorf("from %s: %w: what was then is settled", o.From, ErrBadOrder)
	}
	return nil
}

func orderID(o OrderRecord) string {
	h := fnv.New64a()
	h.Write([]byte(o.Line + "\x00" + o.Order))
	h.Write(strconv.AppendInt([]byte{'@'}, int64(o.From), 10))
	id := strconv.FormatUint(h.Sum64(), 16)
	return "0000000000000000"[len(id):] + id
}

// putOrder keeps o, in the place of the one with its id, and tells it.
func (a *Area) putOrder(o OrderRecord) {
	same := func(b OrderRecord) bool { return b.ID == o.ID }
	a.orders = append(slices.DeleteFunc(a.orders, same), o)
	slices.SortFunc(a.orders, func(x, y OrderRecord) int {
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.From, y.From), cmp.Compare(x.ID, y.ID))
	})
	a.newOrders = append(slices.DeleteFunc(a.newOrders, same), o)
}

// Orders returns the orders of every line, those of the configuration, which
// have no ID, and those that people gave, by line and start.
func (a *Area) Orders() []OrderRecord {
	var out []OrderRecord
	for _, l := range a.area.Lines {
		out = append(out, a.ordersOf(l)...)
	}
	return out
}

// ordersOf returns the orders of a line by start. Orders of the configuration
// for single equipment of it are not among them.
func (a *Area) ordersOf(line *plant.Line) []OrderRecord {
	return OrdersOf(line, a.planned, a.ordersByLine(line.Path))
}

// OrdersOf returns the orders of a line by start: those given, and those
// planned that none of them replaces.
func OrdersOf(line *plant.Line, planned []Order, given []OrderRecord) []OrderRecord {
	out := slices.Clone(given)
	for _, o := range planned {
		replaced := slices.ContainsFunc(given, func(g OrderRecord) bool { return g.Order == o.Order })
		if plant.Match(o.Line, line.Path) && !replaced {
			out = append(out, OrderRecord{Line: line.Path, Order: o.Order, Product: o.Product, Quantity: o.Quantity,
				From: plant.At(o.From), To: plant.At(o.Until), Due: plant.At(o.Due), DoneBefore: o.DoneBefore})
		}
	}
	slices.SortStableFunc(out, func(x, y OrderRecord) int { return cmp.Compare(x.From, y.From) })
	return out
}

func (a *Area) ordersByLine(line string) []OrderRecord {
	return slices.DeleteFunc(slices.Clone(a.orders), func(o OrderRecord) bool { return o.Line != line })
}

// running returns the order that runs on a line at t.
func (a *Area) running(line *plant.Line, t plant.Instant) (OrderRecord, bool) {
	var now OrderRecord
	for _, o := range a.ordersOf(line) {
		if o.From <= t {
			now = o
		}
	}
	return now, now.Order != "" && (now.To == 0 || t < now.To)
}
