package drop

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// midnight of the bubbles' clock is 2000-01-01 00:00 UTC, a Saturday.
func scheduled(b *bench) {
	s, err := ParseSchedule("30 3 * * *", time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	b.drop.Schedule = s
}

func TestScheduleTakesWhatLiesThere(t *testing.T) {
	bubble(t, func(b *bench) {
		scheduled(b)
		stop := b.watch()
		defer stop()
		b.put("b.csv", "2")
		b.put("a.csv", "1")
		b.written("b.csv", time.Now().Add(-time.Minute))
		b.written("a.csv", time.Now())
		time.Sleep(3*time.Hour + 29*time.Minute)
		b.want()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		b.want("b.csv=2", "a.csv=1")
		b.put("late.csv", "3")
		time.Sleep(23 * time.Hour)
		b.want("b.csv=2", "a.csv=1")
		time.Sleep(time.Hour)
		synctest.Wait()
		b.want("b.csv=2", "a.csv=1", "late.csv=3")
	})
}

func TestFileHalfWrittenAtItsSlot(t *testing.T) {
	for _, c := range []struct {
		name    string
		minutes int // after the slot until it stands still
		handled bool
	}{{"finished soon", 10, true}, {"too late", 90, false}} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(b *bench) {
				scheduled(b)
				stop := b.watch()
				defer stop()
				time.Sleep(3*time.Hour + 20*time.Minute)
				for i := range 10 + c.minutes {
					b.put("hr.csv", strings.Repeat("x", i+1))
					time.Sleep(time.Minute / 20) // three seconds: never two polls alike
					b.put("hr.csv", strings.Repeat("x", i+2))
					for range 10 {
						time.Sleep(57 * time.Second / 10)
						b.written("hr.csv", time.Now())
					}
				}
				b.want()
				time.Sleep(time.Hour)
				synctest.Wait()
				if got := len(b.handled) == 1; got != c.handled {
					t.Errorf("handled %d files", len(b.handled))
				}
			})
		})
	}
}

func TestMissedSlotIsMadeUpAtTheStart(t *testing.T) {
	bubble(t, func(b *bench) {
		scheduled(b)
		b.put("old.csv", "1")
		b.written("old.csv", time.Now().Add(6*time.Hour-3*time.Hour)) // before the slot that passed
		b.put("new.csv", "2")
		b.written("new.csv", time.Now().Add(5*time.Hour)) // after it
		time.Sleep(6 * time.Hour)
		stop := b.watch()
		defer stop()
		b.polls(5)
		b.want("old.csv=1")
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		b.want("old.csv=1", "new.csv=2")
	})
}
