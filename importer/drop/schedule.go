package drop

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // Windows and small containers have no zones of their own

	"github.com/netresearch/go-cron"
)

// Schedule is a cron expression of five fields in a time zone.
type Schedule struct {
	text string
	zone *time.Location
	cron cron.Schedule
}

// The classic five fields; where both days are given either may match, as in every cron.
var cronParser = cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.DowOrDom)

// ParseSchedule reads minute, hour, day of month, month and day of week. Descriptors (@daily) and zones within the text are
// errors, and so is a schedule without a slot in the next years.
func ParseSchedule(text string, zone *time.Location) (*Schedule, error) {
	if n := len(strings.Fields(text)); n != 5 || strings.ContainsAny(text, "@=") {
		return nil, fmt.Errorf("schedule %q: write five fields: minute, hour, day, month, weekday, such as \"30 3 * * 1-5\"", text)
	}
	parsed, err := cronParser.Parse(text)
	if err != nil {
		return nil, wrongField(text)
	}
	// The parser means the zone of the time it is asked with when it is not told one, and that is always ours.
	s := &Schedule{text: strings.Join(strings.Fields(text), " "), zone: zone, cron: parsed}
	if s.Next(time.Now()).IsZero() {
		return nil, fmt.Errorf("schedule %q: there is no such day", text)
	}
	return s, nil
}

// fieldErrors say what each field of a schedule takes. The parser's own words are those of a program.
var fieldErrors = [5]string{
	"schedule %q: the minute cannot be %q; it is 0 to 59, such as 30 or 0,30 or 10-20 or */15",
	"schedule %q: the hour cannot be %q; it is 0 to 23, such as 3 or 6,18 or 8-17 or */2",
	"schedule %q: the day cannot be %q; it is 1 to 31, such as 1 or 1,15 or 1-7",
	"schedule %q: the month cannot be %q; it is 1 to 12 or jan to dec, such as 6 or 1,7 or 1-6",
	"schedule %q: the weekday cannot be %q; it is 0 to 7, where 0 and 7 are Sunday, or sun to sat, such as 1 or mon,thu or 1-5",
}

// wrongField says which field of a schedule of five is one that the parser refuses: each is tried alone.
func wrongField(text string) error {
	for i, value := range strings.Fields(text) {
		alone := strings.Fields("* * * * *")
		alone[i] = value
		if _, err := cronParser.Parse(strings.Join(alone, " ")); err != nil {
			return fmt.Errorf(fieldErrors[i], text, value)
		}
	}
	return fmt.Errorf("schedule %q: is too long", text)
}

// String is the expression.
func (s *Schedule) String() string { return s.text }

// Next is the first slot after t, in the schedule's zone.
func (s *Schedule) Next(t time.Time) time.Time { return s.cron.Next(t.In(s.zone)) }

// slots tells when a schedule is due, once for each local minute.
type slots struct {
	schedule *Schedule
	seen     time.Time // looked up to here
	next     time.Time // the first slot not yet gone by; zero: none
	last     time.Time // the last slot that was due
}

// fold is more than any zone sets its clocks back.
const fold = 3 * time.Hour

// maxSlots bounds the slots that one look goes through: two days of every minute, after a long sleep.
const maxSlots = 3000

func newSlots(s *Schedule, now time.Time) *slots {
	// A start within an hour that autumn repeats must know what was due in the first one.
	t := &slots{schedule: s, seen: now.Add(-fold), next: s.Next(now.Add(-fold))}
	t.due(now)
	return t
}

// due reports whether a slot came since the last call.
func (t *slots) due(now time.Time) bool {
	if now.Before(t.seen) { // somebody set the clock back
		t.seen, t.next, t.last = now, t.schedule.Next(now), time.Time{}
		return false
	}
	t.seen = now
	found := false
	// The next slot is asked for from a slot only, never from a time between two: the parser finds a slot in the gap of spring
	// from the hour before the gap, not from the one after it.
	for n := 0; n < maxSlots && !t.next.IsZero() && !t.next.After(now); n++ {
		if t.last.IsZero() || wall(t.next) > wall(t.last) {
			found, t.last = true, t.next
		}
		t.next = t.schedule.Next(t.next)
	}
	return found
}

// passed reports whether a slot came after t and not after now.
func (t *slots) passed(since, now time.Time) bool {
	next := t.schedule.Next(since)
	return !next.IsZero() && !next.After(now)
}

func wall(t time.Time) string { return t.Format("2006-01-02T15:04") }
