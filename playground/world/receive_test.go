package world

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"oauthplayground/playground/engine"
)

// TestARequestThatAResetOvertook: its answer belongs to no record, and whoever sent it is told why.
func TestARequestThatAResetOvertook(t *testing.T) {
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Kind: KindWorkbench})
	handled := false
	s.world.servers[AS] = func(s *Sandbox, _ http.ResponseWriter, r *http.Request) {
		handled = true
		if err := s.log.Reset(r.Context()); err != nil {
			t.Error(err)
		}
	}
	w := httptest.NewRecorder()
	s.ServeTCP(w, httptest.NewRequest("GET", "/userinfo", nil), AS)
	if !handled || w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "was reset while the request was on its way") {
		t.Errorf("handled %t: %d %s", handled, w.Code, w.Body)
	}
}

// TestARequestToARecordThatHasEnded is answered in words, and not carried out.
func TestARequestToARecordThatHasEnded(t *testing.T) {
	e := engine.NewMemory()
	s := newSandbox(t, newWorld(t, e), Spec{Kind: KindWorkbench})
	s.world.servers[AS] = func(*Sandbox, http.ResponseWriter, *http.Request) { t.Error("it was carried out") }
	if err := e.Drop(t.Context(), s.ID()); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeTCP(w, httptest.NewRequest("GET", "/userinfo", nil), AS)
	if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "This sandbox has ended") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
