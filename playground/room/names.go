package room

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// birds are the names that are offered: short, easy to say across a room, and nobody's own.
var birds = []string{
	"Avocet", "Bittern", "Bluethroat", "Brambling", "Brant", "Bunting", "Buzzard", "Chiffchaff", "Chough", "Coot", "Cormorant",
	"Corncrake", "Crane", "Crossbill", "Curlew", "Dipper", "Dotterel", "Dove", "Dunlin", "Dunnock", "Egret", "Eider", "Falcon",
	"Fieldfare", "Firecrest", "Flamingo", "Fulmar", "Gadwall", "Gannet", "Garganey", "Godwit", "Goldcrest", "Goldeneye",
	"Goldfinch", "Goosander", "Goshawk", "Grebe", "Greenfinch", "Greenshank", "Guillemot", "Harrier", "Hawfinch", "Heron",
	"Hobby", "Hoopoe", "Ibis", "Jackdaw", "Jay", "Kestrel", "Kingfisher", "Kite", "Kittiwake", "Knot", "Lapwing", "Lark",
	"Linnet", "Magpie", "Mallard", "Martin", "Merlin", "Moorhen", "Nightingale", "Nightjar", "Nuthatch", "Oriole", "Osprey",
	"Ouzel", "Owl", "Partridge", "Pelican", "Petrel", "Phalarope", "Pintail", "Pipit", "Plover", "Pochard", "Ptarmigan",
	"Puffin", "Quail", "Rail", "Raven", "Razorbill", "Redpoll", "Redshank", "Redstart", "Redwing", "Robin", "Roller", "Rook",
	"Ruff", "Sanderling", "Sandpiper", "Scaup", "Scoter", "Serin", "Shelduck", "Shoveler", "Shrike", "Siskin", "Skua",
	"Skylark", "Smew", "Snipe", "Sparrow", "Spoonbill", "Starling", "Stilt", "Stint", "Stonechat", "Stork", "Swallow", "Swan",
	"Swift", "Teal", "Tern", "Thrush", "Tit", "Treecreeper", "Turnstone", "Twite", "Wagtail", "Warbler", "Waxwing", "Wheatear",
	"Whimbrel", "Whinchat", "Wigeon", "Woodcock", "Wren", "Wryneck", "Yellowhammer",
}

// offer is a name that nobody has: a bird, or a bird with a number once there are more learners than birds.
func offer(taken func(string) bool) string {
	order := rand.Perm(len(birds))
	for n := 1; ; n++ {
		for _, i := range order {
			if name := numbered(birds[i], n); !taken(name) {
				return name
			}
		}
	}
}

func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	return fmt.Sprintf("%s %d", name, n)
}

// maxName is how long a name may be, in characters.
const maxName = 24

// cleanName is a name as it is kept: one line without what isn't seen. It is empty where nothing is left.
func cleanName(typed string) string {
	name := strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }), " ")
	if utf8.RuneCountInString(name) > maxName {
		name = strings.TrimSpace(string([]rune(name)[:maxName]))
	}
	return name
}

// distinct is the name, or with a number where somebody has it already.
func distinct(name string, taken func(string) bool) string {
	for n := 1; ; n++ {
		if one := numbered(name, n); !taken(one) {
			return one
		}
	}
}

// sameName is how names are compared: two that sound alike in a room are one.
func sameName(a string) string { return strings.ToLower(a) }
