package sweden_test

import (
	"fmt"
	"testing"

	"orderimport/validate/sweden"
)

func ExampleAppendPhone() {
	for _, s := range []string{"070-123 45 67", "46701234567", "701234567", "112"} {
		number, how := sweden.AppendPhone(nil, s)
		fmt.Println(string(number), how == sweden.Sure, how == sweden.ZeroLost)
	}
	// Output:
	// +46701234567 true false
	// +46701234567 false false
	// +46701234567 false true
	//  false false
}

func TestAppendPhone(t *testing.T) {
	for _, tt := range []struct {
		in, out string
		how     sweden.Reading
	}{
		{"0701234567", "+46701234567", sweden.Sure},
		{"070-123 45 67", "+46701234567", sweden.Sure},
		{"070\u00a0123\u201145\u201367", "+46701234567", sweden.Sure},
		{"(070) 123.45.67", "+46701234567", sweden.Sure},
		{"'0701234567", "+46701234567", sweden.Sure},
		{"08-123 456 78", "+46812345678", sweden.Sure},
		{"08-12 34 56", "+468123456", sweden.Sure},
		{"0910-123 45", "+4691012345", sweden.Sure},
		{"+46 70 123 45 67", "+46701234567", sweden.Sure},
		{"+46 (0)70 123 45 67", "+46701234567", sweden.Sure},
		{"0046701234567", "+46701234567", sweden.Sure},
		{"+47 22 12 34 56", "+4722123456", sweden.Sure},
		{"00358401234567", "+358401234567", sweden.Sure},
		{"+123456789012345", "+123456789012345", sweden.Sure},
		{"0719123456789", "+46719123456789", sweden.Sure},

		{"46701234567", "+46701234567", sweden.PlusAdded},
		{"4681234567", "+4681234567", sweden.PlusAdded},
		{"460701234567", "+46701234567", sweden.PlusAdded},
		{"701234567", "+46701234567", sweden.ZeroLost},
		{"812345678", "+46812345678", sweden.ZeroLost},
		{"468123456", "468123456", sweden.TwoReadings},

		{"", "", sweden.None},
		{"+", "", sweden.None},
		{"0", "", sweden.None},
		{"00", "", sweden.None},
		{"112", "", sweden.None},
		{"1234567", "", sweden.None},
		{"070123456", "", sweden.None},     // a digit short
		{"07012345678", "", sweden.None},   // one too many
		{"+4670123456", "", sweden.None},   //
		{"4670123456789", "", sweden.None}, //
		{"+460", "", sweden.None},
		{"+46", "", sweden.None},
		{"+1234567", "", sweden.None},
		{"+1234567890123456", "", sweden.None},
		{"+0701234567", "", sweden.None},
		{"4791234567", "", sweden.None}, // no plus, and not Swedish
		{"070-1234567 (jobb)", "", sweden.None},
		{"0701234567/0731234567", "", sweden.None},
		{"07O1234567", "", sweden.None},
		{"++46701234567", "", sweden.None},
		{"070+1234567", "", sweden.None},
		{"7.01235E+08", "", sweden.None},
		{"99999999999999999999999999", "", sweden.None},
	} {
		out, how := sweden.AppendPhone([]byte("x"), tt.in)
		if string(out) != "x"+tt.out || how != tt.how {
			t.Errorf("%q: got %q, %d; want %q, %d", tt.in, out[1:], how, tt.out, tt.how)
		}
	}
}

func FuzzAppendPhone(f *testing.F) {
	f.Add("070-123 45 67")
	f.Add("+46 (0)8 123456")
	f.Fuzz(func(t *testing.T, s string) {
		out, how := sweden.AppendPhone(nil, s)
		if how == sweden.Sure || how == sweden.PlusAdded {
			again, how := sweden.AppendPhone(nil, string(out))
			if how != sweden.Sure || string(again) != string(out) {
				t.Errorf("%q gives %q, which gives %q, %d", s, out, again, how)
			}
		}
	})
}
