package lessons

import "slices"

// nearest are those of some words that are written most like another: no more than a quarter of its letters are others.
func nearest(word string, known []string) (list []string) {
	least := len(word)/4 + 1
	for _, k := range known {
		switch d := distance(word, k); {
		case d < least:
			least, list = d, []string{k}
		case d == least && len(list) > 0:
			list = append(list, k)
		}
	}
	slices.Sort(list)
	return list
}

// distance is how many letters are to be put in, taken out or changed to make one word of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
