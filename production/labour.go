package production

import "andon/plant"

// Labour are the KPIs of the people at a line or an equipment; null when the
// configuration has nobody work there in the window.
type Labour struct {
	// LabourHours are the hours of those present in the shifts of the
	// calendar, without breaks; RequiredHours those of the crew as planned.
	LabourHours   Ratio `json:"labour_hours"`
	RequiredHours Ratio `json:"required_labour_hours"`
	// WorkHours are the actual personnel work time (APWT): run and setup.
	WorkHours Ratio `json:"personnel_work_hours"`
	// AttendanceHours are the actual personnel attendance time (APAT): labour
	// hours less planned stops.
	AttendanceHours Ratio `json:"personnel_attendance_hours"`
	// LabourGood is the part of GQ that was made where people work.
	LabourGood int64 `json:"labour_good_quantity"`

	UnitsPerLabourHour Ratio `json:"units_per_labour_hour"` // good ones
	StaffedRatio       Ratio `json:"staffed_ratio"`
	WorkerEfficiency   Ratio `json:"worker_efficiency"` // ISO 22400-2
}

// addLabour adds up what the crews of the window did. Both crews and segments
// are in order of time.
func (k *KPI) addLabour(in KPIInput, window plant.Interval) {
	var present, required, planned, worked float64
	for _, c := range in.Crews {
		if d := Seconds(c.Clip(window).Duration()).Float(); d > 0 {
			present, required = present+c.Present*d, required+c.Required*d
			k.LabourHours.OK = true
		}
	}
	if !k.LabourHours.OK {
		return
	}
	next := in.Crews
	for _, s := range in.Facts.Segments {
		v := s.Interval(window.To).Clip(window)
		for len(next) > 0 && next[0].To <= v.From {
			next = next[1:]
		}
		for _, c := range next {
			d := c.Clip(v).Duration()
			if d <= 0 {
				break
			}
			switch in.booked(s) {
			case LossPlanned, LossNotScheduled:
				planned += c.Present * Seconds(d).Float()
			case LossRun, LossSetup:
				worked += c.Present * Seconds(d).Float()
			}
		}
	}
	k.LabourHours, k.RequiredHours = Over(present, 3600), Over(required, 3600)
	k.WorkHours, k.AttendanceHours = Over(worked, 3600), Over(present-planned, 3600)
	k.LabourGood = k.Quantities.Good
	k.labour()
}

// labour works out the ratios.
func (l *Labour) labour() {
	l.UnitsPerLabourHour = Over(float64(l.LabourGood), l.LabourHours.Value)
	l.StaffedRatio = Over(l.LabourHours.Value, l.RequiredHours.Value)
	l.WorkerEfficiency = Over(l.WorkHours.Value, l.AttendanceHours.Value)
}

// add adds the people of a part.
func (l *Labour) add(p Labour) {
	l.LabourHours, l.RequiredHours = l.LabourHours.plus(p.LabourHours), l.RequiredHours.plus(p.RequiredHours)
	l.WorkHours, l.AttendanceHours = l.WorkHours.plus(p.WorkHours), l.AttendanceHours.plus(p.AttendanceHours)
	l.LabourGood += p.LabourGood
}

// ofMachines makes the people at the machines of a line its crew. What they
// made is what the line made: a unit passes all of them.
func (k *KPI) ofMachines(parts Labour) {
	if k.LabourHours.OK || !parts.LabourHours.OK {
		return
	}
	k.Labour = parts
	k.LabourGood = k.Quantities.Good
	k.labour()
}
