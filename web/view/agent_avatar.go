package view

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// pictureInside is a picture that stands in the text itself: nothing is fetched
// from elsewhere to show a page.
var pictureInside = regexp.MustCompile(`^data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$`)

const (
	// longestAvatar is how many characters of an avatar are shown as they are.
	longestAvatar = 2
	// largestPicture is how many bytes of its text a picture may have.
	largestPicture = 200_000
)

// avatar is what stands beside an agent's name: a picture that the file holds, an
// emoji or two letters; else the first letter of its name.
func avatar(value, title string) (picture, letters string) {
	value = strings.TrimSpace(value)
	switch n := uniseg.GraphemeClusterCount(value); {
	case len(value) <= largestPicture && pictureInside.MatchString(value):
		return value, ""
	case n > 0 && n <= longestAvatar:
		return "", value
	}
	letters, _, _, _ = uniseg.FirstGraphemeClusterInString(strings.TrimSpace(title), -1)
	return "", strings.ToUpper(letters)
}

// labels are an agent's own, in an order that stays.
func labels(of map[string]string) []string {
	var list []string
	for name, value := range of {
		list = append(list, name+": "+value)
	}
	slices.Sort(list)
	return list
}
