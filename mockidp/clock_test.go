package mockidp_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
)

// An issuer lives on the time of a synctest bubble: a test can wait ten minutes in none.
func TestTimePassesInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t, nil)
		flow(t, i)
		a := serve(i, "GET", "/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&scope=openid", "", nil)
		code := a.header.Get("Location")[len("https://app.test/cb?code="):]
		code = code[:32]
		time.Sleep(time.Minute)
		form := "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&code=" + code
		sheet := new(check.Sheet)
		watched := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			i.ServeHTTP(w, r.WithContext(check.WithSheet(r.Context(), sheet)))
		})
		a = serve(watched, "POST", "/token", form, http.Header{"Content-Type": formType["Content-Type"], "Authorization": {"Basic d2ViOnNlY3JldA=="}})
		verdicts := sheet.Verdicts()
		if last := verdicts[len(verdicts)-1]; a.status != http.StatusBadRequest || last.Check != "as.code-fresh" || last.Actual != "1m0s" {
			t.Errorf("a minute later: %d %s, %+v", a.status, a.body, last)
		}
	})
}

// Time is the clock's, and what it was wound forward.
func TestNow(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	i := &mockidp.Issuer{
		Clock:      func() time.Time { return noon },
		Conditions: func(context.Context) (mockidp.Conditions, error) { return mockidp.Conditions{Advance: time.Hour}, nil },
	}
	if now, err := i.Now(context.Background()); err != nil || !now.Equal(noon.Add(time.Hour)) {
		t.Errorf("now is %v, %v", now, err)
	}
}
