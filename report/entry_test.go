package report

import (
	"strings"
	"testing"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/validate"
)

func TestSaid(t *testing.T) {
	found := []validate.Finding{{Code: validate.SamePerson}}
	for _, c := range []struct {
		name string
		row  importer.Row
		want string // Swedish
	}{
		{"doubt without a reply", importer.Row{State: ledger.InDoubt, Reason: "timeout", Message: "no answer within 120s"}, "inget svar kom i tid"},
		{"doubt with a cut reply", importer.Row{State: ledger.InDoubt, Reason: "reply-cut", Message: `readable in the reply: order ID 7`}, "svaret bröts av: readable in the reply: order ID 7"},
		{"doubt of a dead process", importer.Row{State: ledger.InDoubt, Reason: ledger.ReasonProcessEnded}, "programmet avslutades innan svaret kom"},
		{"doubt by a status", importer.Row{State: ledger.InDoubt, Reason: "http-502", Message: "Bad Gateway"}, "API:et svarade med status 502: Bad Gateway"},
		{"refused", importer.Row{State: ledger.Rejected, Reason: "http-400", Message: "alias is taken"}, "alias is taken"},
		{"a person gave the number", importer.Row{State: ledger.Ordered, Reason: "mejl från leverantören", Message: "i/o timeout", By: "eva@hr"}, "mejl från leverantören"},
		{"a person closed it", importer.Row{State: ledger.Closed, Reason: "finns inte", Message: "i/o timeout", By: "eva@hr"}, "finns inte"},
		{"released, then refused", importer.Row{State: ledger.Rejected, Reason: "http-400", Message: "alias is taken", By: "eva@hr"}, "alias is taken"},
		{"ordered, with a word against it", importer.Row{State: ledger.Ordered, Reason: "ordered", Message: "customer blocked"}, "API:et gav ett ordernummer, och säger också: customer blocked"},
		{"released, then ordered", importer.Row{State: ledger.Ordered, Reason: "ordered", By: "eva@hr"}, ""},
		{"held, as its finding says", importer.Row{State: ledger.Held, Reason: validate.SamePerson, Findings: found}, ""},
		{"held while it was sent", importer.Row{State: ledger.Held, Reason: ledger.ReasonSamePerson, TwinRun: "r000000001a", TwinRow: 9}, "samma som rad 9 i körning r000000001a, avgör raden med resolve"},
		{"ordered by another run meanwhile", importer.Row{State: ledger.Duplicate, Reason: ledger.ReasonAlreadyOrdered, TwinRun: "r000000001a", TwinRow: 9}, ""},
		{"to be sent again", importer.Row{State: ledger.Ready, Reason: "http-429", Message: "slow down"}, ""},
	} {
		if got := Said(&c.row, validate.Swedish); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if by := strings.Contains(errorText(&c.row, validate.Swedish), "eva@hr"); by != c.row.Decided() {
			t.Errorf("%s: the person is named: %v", c.name, by)
		}
	}
}
