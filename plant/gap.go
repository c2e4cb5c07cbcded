package plant

// A GapCause says why a source has nothing of a time.
type GapCause string

// The causes of gaps.
const (
	GapOutage           GapCause = "outage"            // the source was not in touch with its server, and what changed meanwhile is not kept there
	GapLostNotification GapCause = "lost_notification" // the server sent something that did not arrive and had no copy of it
	GapOverflow         GapCause = "overflow"          // the server's queue was too short for all that changed
	GapServerRestart    GapCause = "server_restart"    // the server itself was away
)

// A Gap says that a source has not got all that changed in a time, and that it
// will not come any more.
type Gap struct {
	Area   string // path of the area that the tags are in
	Source string
	Interval
	Cause GapCause
	Tags  int // how many of the area are concerned
}

// A Known says that all that changed at an equipment in a time is on the stream
// by now, though its source was not in touch then: values that did not change
// held on. A source tells so after it has read the server's history.
type Known struct {
	Equipment string // its path
	Interval
}
