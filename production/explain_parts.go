package production

import "andon/plant"

// A Member is the part of a term that one member of a roll-up has.
type Member struct {
	Path  string  `json:"path"`
	KPI   string  `json:"kpi"` // under which name it is explained there
	Value float64 `json:"value"`
}

// A Span is a piece of the timeline inside the window.
type Span struct {
	From     plant.Instant `json:"from"`
	To       plant.Instant `json:"to"`
	Seconds  Seconds       `json:"seconds"`
	State    string        `json:"state"`
	Loss     string        `json:"loss"`
	Stop     string        `json:"stop,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Culprit  string        `json:"culprit,omitempty"`
	Inferred bool          `json:"inferred,omitempty"`
	Why      string        `json:"why,omitempty"` // which signal, code, threshold or calendar made it so
}

// A Rated is what was made of one product at one ideal cycle time.
type Rated struct {
	Equipment    string  `json:"equipment"` // whose counter it is; of a line "" for what people said before its counter
	Product      string  `json:"product"`
	Order        string  `json:"order"`
	IdealCycle   Seconds `json:"ideal_cycle"`
	Units        int64   `json:"units"`
	StandardTime Seconds `json:"standard_time"`
}

// A NotedStop is a stop that counts, with what it counts.
type NotedStop struct {
	Stop         string         `json:"stop"` // id
	From         plant.Instant  `json:"from"`
	Reason       string         `json:"reason"`
	Acknowledged *plant.Instant `json:"acknowledged,omitempty"`
	Before       string         `json:"before,omitempty"` // products of a changeover
	After        string         `json:"after,omitempty"`
	Value        float64        `json:"value"` // 1, or seconds
}

// A Metering is what a meter showed, or a signal told, in one minute.
type Metering struct {
	Minute plant.Instant  `json:"minute"`
	Tag    string         `json:"tag,omitempty"`
	Time   *plant.Instant `json:"time,omitempty"` // of a level
	Value  float64        `json:"value"`
}

// A Priced is lost time, units or energy with what it costs. The amount of
// time is that up to To less that up to From, each rounded down to a
// millionth; of units and of energy each minute's is.
type Priced struct {
	Loss    string `json:"loss,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Culprit string `json:"culprit,omitempty"`
	Product string `json:"product,omitempty"`
	Basis   string `json:"basis"`

	From    plant.Instant `json:"from"`
	To      plant.Instant `json:"to"`
	Seconds Seconds       `json:"seconds"`
	Units   int64         `json:"units,omitempty"`
	KWh     float64       `json:"kwh,omitempty"`

	// Price is that of Per, which is a time, unit or kWh; it holds from
	// ValidFrom to ValidTo, nil for ever.
	Price     Money          `json:"price"`
	Per       string         `json:"per"`
	ValidFrom *plant.Instant `json:"valid_from"`
	ValidTo   *plant.Instant `json:"valid_to"`
	Amount    Money          `json:"amount"`
}

// A Staffed is how many people were there, and what time of theirs counts.
type Staffed struct {
	From   plant.Instant `json:"from"`
	To     plant.Instant `json:"to"`
	Heads  float64       `json:"heads"`
	Loss   string        `json:"loss,omitempty"` // where the time of the equipment is booked
	Person float64       `json:"person_seconds"`
}

// A Taken is what units of one product took from a level, or how many units
// there was room for.
type Taken struct {
	Product    string  `json:"product"`
	PerUnit    float64 `json:"per_unit,omitempty"`
	IdealCycle Seconds `json:"ideal_cycle"`
	Seconds    Seconds `json:"seconds,omitempty"` // planned time
	Units      int64   `json:"units,omitempty"`
	Amount     float64 `json:"amount"`
}
