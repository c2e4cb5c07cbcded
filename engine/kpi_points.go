package engine

import (
	"andon/influx"
	"andon/plant"
	"andon/production"
)

// kpiFields are the fields of a point of KPIs; revision is 0 until the window
// has settled.
func kpiFields(k production.KPI, revision int) []influx.Field {
	fields := []influx.Field{
		{Key: "revision", Value: plant.Int(int64(revision))},
		{Key: "produced", Value: plant.Int(k.Produced)}, {Key: "good", Value: plant.Int(k.Good)},
		{Key: "rejected", Value: plant.Int(k.Rejected)},
	}
	for _, r := range []struct {
		key   string
		ratio production.Ratio
	}{{"oee", k.OEEIndex}, {"availability", k.Availability}, {"performance", k.Effectiveness},
		{"quality", k.QualityRatio}, {"known", k.ConfidenceWithInferred}, {"throughput", k.ThroughputRate.PerHourCalendar},
		{"mtbf", k.MTBF}, {"mttr", k.MTTR}, {"energy_kwh", k.Energy}, {"cost", amountOf(k.Cost)}, {"confidence", k.Confidence},
		{"labour_hours", k.LabourHours}, {"required_labour_hours", k.RequiredHours}, {"personnel_work_hours", k.WorkHours},
		{"personnel_attendance_hours", k.AttendanceHours}, {"units_per_labour_hour", k.UnitsPerLabourHour},
		{"staffed", k.StaffedRatio}, {"worker_efficiency", k.WorkerEfficiency}} {
		if r.ratio.OK { // no field rather than a 0 that means nothing
			fields = append(fields, influx.Field{Key: r.key, Value: plant.Float(r.ratio.Value)})
		}
	}
	if k.LabourHours.OK {
		fields = append(fields, influx.Field{Key: "labour_good", Value: plant.Int(k.LabourGood)})
	}
	return fields
}

// amountOf returns a cost in the currency of the site; it does not exist when
// nothing has a price.
func amountOf(c *production.Cost) production.Ratio {
	if c == nil {
		return production.Ratio{}
	}
	return production.Ratio{Value: c.Total.Float(), OK: true}
}

// appendKPI appends the point of a revision.
func appendKPI(dst []byte, p *place, k production.KPI, revision int) []byte {
	var tags []influx.Label
	if p.area != nil {
		tags = append(tags, influx.Label{Key: "area", Value: p.area.Name})
	}
	if p.scope == production.ScopeEquipment {
		tags = append(tags, influx.Label{Key: "equipment", Value: p.calendar.Name})
	}
	tags = append(tags, influx.Label{Key: "level", Value: string(p.scope)})
	if p.line != nil {
		tags = append(tags, influx.Label{Key: "line", Value: p.line.Name})
	}
	tags = append(tags, influx.Label{Key: "site", Value: p.calendar.Line.Area.Site}, influx.Label{Key: "window", Value: k.Window})
	return influx.AppendPoint(dst, influx.Point{Measurement: "kpi", Tags: tags, Fields: kpiFields(k, revision), Time: k.From})
}
