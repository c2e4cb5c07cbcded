// Package productiontest is the plant "Northfield": two lines, one scripted
// hour and what every counter and state shows in it. Its KPIs are known to the
// digit, so tests, demos and simulated plants can be checked against them.
package productiontest

import (
	"time"

	"andon/plant"
	"andon/production"
)

// Start is when the scripted hour begins: Monday, 2026-03-02, 09:00 in Berlin.
var Start = plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))

// Hour is the length of the script.
const Hour = plant.Instant(time.Hour)

// Paths of the equipment.
const (
	A1 = "northfield/packing/lineA/A1"
	A2 = "northfield/packing/lineA/A2"
	A3 = "northfield/packing/lineA/A3"
	A4 = "northfield/packing/lineA/A4"
	B1 = "northfield/moulding/lineB/B1"
	B2 = "northfield/moulding/lineB/B2"
	B3 = "northfield/moulding/lineB/B3"
)

// Plant returns the equipment tree. OPC UA addresses are those of namespace
// urn:northfield:plant; the tags of MQTT equipment have none.
func Plant() plant.Config {
	return plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{
		{Name: "packing", Lines: []plant.LineConfig{{Name: "lineA", Constraint: "A1", Equipment: []plant.EquipmentConfig{
			{Name: "A1", Source: "plc-a", Tags: a1Tags()},
			{Name: "A2", Source: "plc-a", Tags: []plant.TagConfig{
				{Name: "state", Role: plant.RoleState, Type: "int", States: "packml", Address: opcua("LineA.A2.Status.StateCurrent")},
				{Name: "total", Role: plant.RoleTotalCount, Type: "uint", Address: opcua("LineA.A2.Admin.ProdProcessedCount")},
				{Name: "reject", Role: plant.RoleRejectCount, Type: "uint", Rollover: 65536, Address: opcua("LineA.A2.Admin.ProdDefectiveCount")},
				{Name: "energy", Role: plant.RoleEnergy, Type: "float", Unit: "kWh", Address: opcua("LineA.A2.Energy.kWh")},
			}},
			{Name: "A3", Source: "mqtt", Tags: mqttTags()},
			{Name: "A4", Source: "mqtt", Tags: mqttTags()},
		}}}},
		{Name: "moulding", Lines: []plant.LineConfig{{Name: "lineB", Constraint: "B1", Equipment: []plant.EquipmentConfig{
			{Name: "B1", Source: "plc-b", Tags: b1Tags()},
			{Name: "B2", Source: "mqtt", Tags: mqttTags()},
			{Name: "B3", Source: "mqtt", Tags: []plant.TagConfig{
				{Name: "state", Role: plant.RoleState, Type: "text", States: "mqtt"},
				{Name: "stop_reason", Role: plant.RoleStopReason, Type: "text"},
				{Name: "inspected", Role: plant.RoleTotalCount, Type: "int"},
				{Name: "reject", Role: plant.RoleRejectCount, Type: "int"},
			}},
		}}}},
	}}
}

func opcua(id string) string { return "nsu=urn:northfield:plant;s=" + id }

func a1Tags() []plant.TagConfig {
	at := func(id string) string { return opcua("LineA.A1." + id) }
	return []plant.TagConfig{
		{Name: "state", Role: plant.RoleState, Type: "int", States: "packml", Address: at("Status.StateCurrent")},
		{Name: "mode", Role: plant.RoleMode, Type: "int", Address: at("Status.UnitModeCurrent")},
		{Name: "speed", Role: plant.RoleSpeed, Type: "float", Unit: "1/h", Address: at("Status.CurMachSpeed")},
		{Name: "total", Role: plant.RoleTotalCount, Type: "uint", Rollover: 1 << 32, Address: at("Admin.ProdProcessedCount")},
		{Name: "reject", Role: plant.RoleRejectCount, Type: "uint", Rollover: 65536, Address: at("Admin.ProdDefectiveCount")},
		{Name: "stop_reason", Role: plant.RoleStopReason, Type: "int", Address: at("Admin.StopReason.ID")},
		{Name: "energy", Role: plant.RoleEnergy, Type: "float", Unit: "kWh", Address: at("Energy.kWh")},
		{Name: "vibration", Type: "float", Unit: "mm/s", Address: at("Motor.Vib")},
		{Name: "gearbox_temp", Type: "float", Unit: "degC", Address: at("Gearbox.Temp")},
		{Name: "tank_level", Role: plant.RoleLevel, Type: "float", Unit: "L", Address: at("Tank.Level_L")},
	}
}

func b1Tags() []plant.TagConfig {
	at := func(id string) string { return opcua("LineB.B1." + id) }
	return []plant.TagConfig{
		{Name: "state", Role: plant.RoleState, Type: "text", States: "moulder", Address: at("State")},
		{Name: "shots", Role: plant.RoleTotalCount, Type: "uint", Rollover: 1 << 32, UnitsPerCount: 4, Address: at("Shots")},
		{Name: "cavities", Type: "int", Address: at("Cavities")},
		{Name: "estop", Role: plant.RoleEStop, Type: "bool", Address: at("EStop")},
		{Name: "guard_open", Role: plant.RoleGuard, Type: "bool", Address: at("GuardOpen")},
		{Name: "alarm_id", Role: plant.RoleFaultCode, Type: "text", Address: at("AlarmId")},
		{Name: "stop_reason", Role: plant.RoleStopReason, Type: "text", Address: at("StopReason")},
		{Name: "energy", Role: plant.RoleEnergy, Type: "float", Unit: "kWh", Address: at("Energy.kWh")},
		{Name: "resin", Role: plant.RoleLevel, Type: "float", Unit: "kg", Address: at("Resin_kg")},
		{Name: "part_weight", Type: "float", Unit: "g", Address: at("PartWeight_g")},
	}
}

func mqttTags() []plant.TagConfig {
	return []plant.TagConfig{
		{Name: "state", Role: plant.RoleState, Type: "text", States: "mqtt"},
		{Name: "stop_reason", Role: plant.RoleStopReason, Type: "text"},
		{Name: "total", Role: plant.RoleTotalCount, Type: "int"},
		{Name: "reject", Role: plant.RoleRejectCount, Type: "int"},
	}
}

// Config returns the settings under which the script gives the known KPIs,
// for an hour that begins at start: the calendar, with the break of line A
// half an hour after start, products, orders and reasons.
func Config(start plant.Instant) production.Config {
	c := production.DefaultConfig()
	c.Calendars = []plant.CalendarConfig{
		{Name: "line-a", Shifts: shifts(start, true)},
		{Name: "line-b", Shifts: shifts(start, false)},
	}
	c.CalendarFor = []production.CalendarFor{
		{Equipment: "northfield/packing/**", Calendar: "line-a"},
		{Equipment: "northfield/moulding/**", Calendar: "line-b"},
	}
	c.StateMaps = []production.CodeMap{
		{Name: "moulder", Codes: map[string]string{"RUN": "run", "ESTOP": "safety", "RESET": "transitional", "ALARM": "fault", "IDLE": "starved"}},
		{Name: "mqtt", Codes: map[string]string{"RUN": "run", "STARVED": "starved", "DOWN": "fault", "STOPPED": "stopped", "SETUP": "changeover", "BREAK": "planned_stop"}},
	}
	line := func(cycle time.Duration) []production.IdealCycle {
		return []production.IdealCycle{{Equipment: "northfield/packing/lineA/A[123]", Cycle: cycle}}
	}
	c.Products = []production.Product{
		{Name: "P500", Ideal: line(500 * time.Millisecond), Consumes: syrup(.5), Margin: .20, MaterialCost: .08, ReworkCost: .05},
		{Name: "P1000", Ideal: line(time.Second), Consumes: syrup(1), Margin: .35, MaterialCost: .12, ReworkCost: .05},
		{Name: "M10", Ideal: []production.IdealCycle{{Equipment: "northfield/moulding/lineB/*", Cycle: 3 * time.Second}},
			Consumes: []production.Consumption{{Tag: B1 + "/resin", PerUnit: .025}}, Margin: .90, MaterialCost: .35},
	}
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute).Time() }
	c.Orders = []production.Order{
		{Order: "PO-1001", Product: "P500", Line: "northfield/packing/lineA", Quantity: 5000, From: at(-120), DoneBefore: 2360},
		{Order: "PO-1002", Product: "P1000", Line: "northfield/packing/lineA", Quantity: 6000, From: at(40), Due: at(240)},
	}
	c.Changeover.Standards = []production.ChangeoverStandard{{From: "P500", To: "P1000", Time: 300 * time.Second}}
	c.Costs.Currency = "EUR"
	c.Reasons = reasons()
	c.Equipment = []production.EquipmentConfig{
		{Equipment: B1, Reject: B3 + "/reject", Product: "M10"},
		{Equipment: "northfield/moulding/lineB/B[23]", Product: "M10"},
	}
	return c
}

// syrup is what a bottle of that many litres takes from the filler's tank.
func syrup(litres float64) []production.Consumption {
	return []production.Consumption{{Tag: "tank_level", PerUnit: litres}}
}

func reasons() []production.Reason {
	packing := "northfield/packing/**"
	return []production.Reason{
		{ID: "infeed_jam", Name: "Infeed jam", Equipment: packing, Codes: []string{"110"}, Category: production.CategoryMicro},
		{ID: "E-204", Name: "Valve drive", Equipment: packing, Codes: []string{"204"}, Category: production.CategoryFault},
		{ID: "break", Name: "Planned break", Equipment: packing, Codes: []string{"300"}, Category: production.CategoryPlanned},
		{ID: "changeover", Name: "Changeover", Codes: []string{"400"}, States: []string{"changeover"}, Category: production.CategoryChangeover},
		{ID: "blocked", Name: "Blocked downstream", Codes: []string{"501"}, States: []string{"blocked"}, Category: production.CategoryBlocked},
		{ID: "E-310", Name: "Hydraulic temperature", Equipment: B1, Codes: []string{"E-310"}, Category: production.CategoryFault},
		{ID: "e_stop", Name: "Emergency stop", States: []string{"safety"}},
		{ID: "label_roll_empty", Name: "Label roll empty", Equipment: A3, Codes: []string{"label roll empty"}, Category: production.CategoryFault},
	}
}

// shifts returns the three shifts of a day, on the days around start. The
// break stands in each of them that works then.
func shifts(start plant.Instant, pause bool) []plant.ShiftConfig {
	days := []string{"mon", "tue", "wed", "thu", "fri"}
	if start != Start {
		days = nil
	}
	all := []plant.ShiftConfig{
		{Name: "Early", Days: days, From: "06:00", To: "14:00"},
		{Name: "Late", Days: days, From: "14:00", To: "22:00"},
		{Name: "Night", Days: days, From: "22:00", To: "06:00"},
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil || !pause {
		return all
	}
	from := start.Add(30 * time.Minute).Time().In(berlin)
	to := from.Add(10 * time.Minute)
	k := 2
	if h := from.Hour(); h >= 6 && h < 22 {
		k = (h - 6) / 8
	}
	all[k].Breaks = []plant.BreakConfig{{Name: "Break", From: from.Format("15:04"), To: to.Format("15:04")}}
	return all
}
