package trace

import "sync"

// verification is a token's signature, verified when somebody first looks: an exchange must not wait for what may never be
// read, and nobody sees a result before it is one.
type verification struct {
	once   sync.Once
	verify func() Signature
	result Signature
}

// settled is the event with its token's signature verified.
func (e Event) settled() Event {
	if e.Token == nil || e.Token.verification == nil || e.Token.Signature != nil {
		return e
	}
	v := e.Token.verification
	v.once.Do(func() {
		v.result = v.verify()
		v.verify = nil // and with it the token
	})
	t := *e.Token
	result := v.result
	t.Signature = &result
	e.Token = &t
	return e
}
