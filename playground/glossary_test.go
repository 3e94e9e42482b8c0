package playground

import "testing"

func TestEveryTermsSectionCanBeRead(t *testing.T) {
	terms, err := glossaryView()
	if err != nil {
		t.Fatal(err)
	}
	if len(terms) < 30 {
		t.Errorf("the glossary has %d terms", len(terms))
	}
}
