package connect

import (
	"strings"
	"testing"
)

func TestEcho(t *testing.T) {
	secrets := newEcho([]string{`kT7v+9Qz/"x'%=Bn2L`, "short"}, nil)
	order := newEcho(nil, []string{"Åsa", "Öst Berg", "Åsa Öst Berg", "asa.berg@example.se", "+46701234567", "IT", "5", "true"})
	for _, test := range []struct {
		what     *echo
		in, want string
	}{
		{secrets, `token kT7v+9Qz/"x'%=Bn2L is old`, `token * is old`},
		{secrets, `TOKEN KT7V+9QZ/"X'%=BN2L`, `TOKEN *`},
		{secrets, `{"m":"kT7v+9Qz\/\"x\u0027%=Bn2L"}`, `{"m":"*"}`},
		{secrets, `/?t=kT7v%2B9Qz%2f%22x%27%25%3DBn2L&u=1`, `/?t=*&u=1`},
		{secrets, `<b>kT7v&#43;9Qz/&quot;x&#x27;%=Bn2L</b>`, `<b>*</b>`},
		{secrets, `"kT7v+9Qz/\u0026#34;x\\u0026#39;%=Bn2L"`, `"*"`}, // a web page in JSON, and that in a text of JSON
		{secrets, `twice kT7v+9Qz/"x'%=Bn2LkT7v+9Qz/"x'%=Bn2L`, `twice **`},
		{secrets, "Basic dXNlcjprVDd2KzlRei8ieCclPUJuMkw=", "Basic dXNlcjpr*w="}, // user:kT7v…
		{secrets, "6B5437762B39517A2F227827253D426E324C", "*"},
		{secrets, `cut kT7v+9`, `cut *`},
		{secrets, `not yet kT7`, `not yet kT7`},
		{secrets, "a short walk, shortly", "a * walk, shortly"},
		{secrets, "100 % sure & \\ \\u12 %2 &amp &; \xff\xfe", "100 % sure & \\ \\u12 %2 &amp &; \xff\xfe"},
		{order, "ÅSA ÖST BERG <asa.berg@example.se> exists", "* <*> exists"},
		{order, `{"firstname":"\u00c5sa","lastname":"O\u0308st"}`, `{"firstname":"*","lastname":"O\u0308st"}`},
		{order, "Öst+Berg, %C3%96st%20Berg, &Ouml;st Berg", "*, *, *"},
		{order, "0046701234567 or +46701234567", "00* or +*"},
		{order, "IT may not WRITE, 5 of 15, true", "* may not WRITE, 5 of 15, true"},
		{order, "", ""},
		{nil, "anything", "anything"},
	} {
		if got := test.what.strip(test.in, "*"); got != test.want {
			t.Errorf("%q\n got %q\nwant %q", test.in, got, test.want)
		}
		if found := test.what.in(test.in); found != (test.in != test.want && !strings.HasPrefix(test.in, "cut ")) {
			t.Errorf("%q: %t", test.in, found)
		}
	}
	if newEcho([]string{""}, []string{"", "+", "x", "false"}) != nil {
		t.Error("nothing to look for, but something is")
	}
}

// An order number is whole: that it ends as a token begins, or as its hex or base64 does, says nothing. Numbers are counted up, so among
// ten thousand there is one with any four digits at its end.
func TestNumberThatEndsAsTheTokenBegins(t *testing.T) {
	secrets := newEcho([]string{"a1b2c3d4e5f6"}, nil)
	for _, number := range []string{"A3-0506131", "A3-a1b2", "A3-A1B2C3", "A3-YTFi"} {
		o := (&attempt{size: 1, written: 1, status: 200, body: []byte(`{"orderID":1,"orderNumber":"` + number + `"}`), secrets: secrets}).outcome()
		if o.Verdict != Ordered || o.Result.OrderNumber != number {
			t.Errorf("%s: %+v", number, o)
		}
	}
	for _, number := range []string{"a1b2c3d4e5f6", "A3-A1B2C3D4E5F6-7", "613162326333643465356636"} {
		o := (&attempt{size: 1, written: 1, status: 200, body: []byte(`{"orderID":1,"orderNumber":"` + number + `"}`), secrets: secrets}).outcome()
		if o.Verdict != InDoubt {
			t.Errorf("%s: %+v", number, o)
		}
	}
}

func FuzzEcho(f *testing.F) {
	for _, s := range []string{"secret-1234567", `\u0073ecret-1234567`, "%73ecret-1234567", "&#115;ecret-1234567", `\ud83d\ude00`, "secr", "&", `\`, "%", "İ\xff"} {
		f.Add(s, s)
	}
	e := newEcho([]string{"secret-1234567"}, nil)
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, s := range []string{before + "secret-1234567" + after, before + after} {
			out := e.strip(s, "*")
			if strings.Contains(strings.ToLower(out), "secret-1234567") {
				t.Errorf("%q became %q", s, out)
			}
			if e.in(s) && out == s {
				t.Errorf("%q is not changed, though something was found", s)
			}
		}
	})
}

// TestAnOrderNumberThatIsAnEcho: a number in which the token stands is none, and no piece of it is told.
func TestAnOrderNumberThatIsAnEcho(t *testing.T) {
	const secret = `kT7v+9Qz/"x'%=Bn2L`
	for _, test := range []struct {
		status int
		number string
	}{{200, `kT7v+9Qz/\"x'%=Bn2L`}, {200, `kT7v+9Qz%2F%22x\u0027%25=Bn2L`}, {400, `kT7v+9Qz/\"x'%=Bn2L`}, {400, `kT7v+9Qz%2F%22x\u0027%25=Bn2L`}} {
		body := `{"orderID":7,"orderNumber":"` + test.number + `"}`
		a := attempt{secrets: newEcho([]string{secret}, nil), size: 9, written: 99, status: test.status, body: []byte(body)}
		o := a.outcome()
		if o.Verdict != InDoubt || strings.Contains(o.Message+o.Said, "kT7v") || !strings.Contains(o.Message, "order ID 7") {
			t.Errorf("%d %s: %+v", test.status, body, o)
		}
	}
}
