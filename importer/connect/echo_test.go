package connect

import (
	"fmt"
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
		{secrets, `not yet kT7v+`, `not yet kT7v+`},
		{secrets, "order number A3-0179556b5437", "order number A3-0179556b5437"}, // ends as the secret begins in hex
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
	}
	if newEcho([]string{""}, []string{"", "+", "x", "false"}) != nil {
		t.Error("nothing to look for, but something is")
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
			if !strings.Contains(out, "*") && out != s {
				t.Errorf("%q is changed to %q, and nothing was found", s, out)
			}
		}
	})
}

// TestAnOrderNumberIsNoEcho: whatever number the API gives, and however short the token is, the order is no doubt.
func TestAnOrderNumberIsNoEcho(t *testing.T) {
	for _, token := range []string{`kT7v+9Qz/"x'%=Bn2L`, "canary-7f3a9c-token", "A3", "0", "1795527388056361"} {
		e := newEcho([]string{token}, nil)
		for n := range 100_000 {
			if number := fmt.Sprintf("A3-0%d", 1795527388000000+n); e.in(number) && !strings.Contains(number, token) {
				t.Fatalf("%q is taken for %q", number, token)
			}
		}
		if e.in("A3-0512345") {
			t.Errorf("A3-0512345 is taken for %q", token)
		}
	}
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
