package mockidp

// Seed is what issuers know from the start: the same users and clients for each of many issuers cost the memory of one. They are
// not in any Store before one of them changes.
type Seed struct {
	users   []User
	clients map[string]*Client
}

// NewSeed makes a seed of users and of clients whose ids are different; what a client leaves empty is as AddClient has it.
func NewSeed(users []User, clients []Client) *Seed {
	s := &Seed{users: users, clients: map[string]*Client{}}
	for _, c := range clients {
		c = c.registered()
		s.clients[c.ClientID] = &c
	}
	return s
}

// everyone is shared and must not be changed.
func (s *Seed) everyone() []User {
	if s == nil {
		return nil
	}
	return s.users
}

// client is the client with an id, or nil; it is shared and must not be changed.
func (s *Seed) client(id string) *Client {
	if s == nil {
		return nil
	}
	return s.clients[id]
}
