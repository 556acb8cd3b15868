package drop

import (
	"strings"
	"testing"
	"time"
)

func stockholm(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// due polls each minute from one time to another and gives the local times at which the schedule was due.
func due(t *testing.T, text, from, to string) string {
	t.Helper()
	s, err := ParseSchedule(text, stockholm(t))
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, from)
	if err != nil {
		t.Fatal(err)
	}
	end, err := time.Parse(time.RFC3339, to)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for slots := newSlots(s, at); !at.After(end); at = at.Add(time.Minute) {
		if slots.due(at) {
			found = append(found, at.In(s.zone).Format("02T15:04-07"))
		}
	}
	return strings.Join(found, " ")
}

func TestSlotsAcrossSummerTime(t *testing.T) {
	for _, c := range []struct{ name, schedule, from, to, want string }{
		{"plain", "30 3 * * *", "2026-11-23T00:00:00Z", "2026-11-24T12:00:00Z", "23T03:30+01 24T03:30+01"},
		{"into summer", "30 3 * * *", "2027-03-27T00:00:00Z", "2027-03-29T00:00:00Z", "27T03:30+01 28T03:30+02"},
		{"in the gap of spring", "30 2 * * *", "2027-03-27T00:00:00Z", "2027-03-29T12:00:00Z", "27T02:30+01 28T03:30+02 29T02:30+02"},
		{"in the fold of autumn", "30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", "25T02:30+02 26T02:30+01"},
		{"start within the fold", "30 2 * * *", "2026-10-25T00:45:00Z", "2026-10-26T12:00:00Z", "26T02:30+01"},
		{"each half hour in the fold", "*/30 * * * *", "2026-10-24T23:45:00Z", "2026-10-25T03:00:00Z", "25T02:00+02 25T02:30+02 25T03:00+01 25T03:30+01 25T04:00+01"},
		{"weekday or day", "0 3 1 * 1", "2026-11-28T00:00:00Z", "2026-12-02T00:00:00Z", "30T03:00+01 01T03:00+01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := due(t, c.schedule, c.from, c.to); got != c.want {
				t.Errorf("due at %s, want %s", got, c.want)
			}
		})
	}
}

func TestSlotsAfterSleepAndBackwardClock(t *testing.T) {
	s, err := ParseSchedule("30 3 * * *", stockholm(t))
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	slots := newSlots(s, noon)
	if slots.due(noon.Add(time.Minute)) {
		t.Error("due at noon")
	}
	if !slots.due(noon.Add(72 * time.Hour)) {
		t.Error("slots slept through are not due")
	}
	if slots.due(noon.Add(73 * time.Hour)) {
		t.Error("due twice")
	}
	slots.due(noon) // the clock is set back by three days
	if !slots.due(noon.Add(24 * time.Hour)) {
		t.Error("not due after the clock was set back")
	}
}

// TestWrongSchedules names the field that is wrong and what it may be, in no program's words.
func TestWrongSchedules(t *testing.T) {
	for text, want := range map[string]string{
		"xx 3 * * *":                             `the minute cannot be "xx"; it is 0 to 59, `,
		"60 3 * * *":                             `the minute cannot be "60"; `,
		"*/0 3 * * *":                            `the minute cannot be "*/0"; `,
		"30 25 * * *":                            `the hour cannot be "25"; it is 0 to 23, `,
		"30 8- * * *":                            `the hour cannot be "8-"; `,
		"30 3 0 * *":                             `the day cannot be "0"; it is 1 to 31, `,
		"30 3 * 13 *":                            `the month cannot be "13"; it is 1 to 12 or jan to dec, `,
		"30 3 * * måndag":                        `the weekday cannot be "måndag"; it is 0 to 7, `,
		"30 3 * * 8":                             `the weekday cannot be "8"; `,
		"30 3":                                   "write five fields",
		"30 3 30 2 *":                            "there is no such day",
		"30 25 0 * *":                            `the hour cannot be "25"; `,
		"30 3 * * 1,2,x":                         `the weekday cannot be "1,2,x"; `,
		strings.Repeat("1,", 2000) + "1 3 * * *": "",
	} {
		_, err := ParseSchedule(text, time.UTC)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v", text, err)
			continue
		}
		for _, word := range []string{"strconv", "parse", "range", "invalid"} {
			if strings.Contains(err.Error(), word) {
				t.Errorf("%.40s: a program's words: %v", text, err)
			}
		}
	}
	for _, text := range []string{"30 3 * * 7", "30 3 * * sun", "0,30 */2 1,15 jan-jun mon,thu"} {
		if _, err := ParseSchedule(text, time.UTC); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
