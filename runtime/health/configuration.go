package health

import (
	"fmt"
	"slices"

	"astromesh/config"
)

// maxProblems bounds the lines that broken files may make.
const maxProblems = 20

// configuration shows each error and warning of the files with its place.
func configuration(in Inputs) []Check {
	var checks []Check
	for _, p := range in.Problems.Errors() {
		checks = append(checks, fail("configuration", p.String(),
			"Correct this place in the file. Until then the last good version of the file stays in use; at a start without one, nothing of the file is.")...)
	}
	for _, p := range in.Problems.Warnings() {
		checks = append(checks, warn("configuration", p.String(), "Look at this place in the file. The rest of the file is in use.")...)
	}
	if len(checks) == 0 {
		return ok("configuration", "The files are free of errors.")
	}
	if more := len(checks) - maxProblems; more > 0 {
		checks = append(checks[:maxProblems], warn("configuration", fmt.Sprintf("There are %d more problems.", more), "Correct the first ones, then look again.")...)
	}
	return checks
}

// variables names the environment variables that the files ask for and that are
// not set. One whose credential was typed in the dashboard is not missed.
func variables(in Inputs) []Check {
	w := in.WhatsApp
	given := map[string]bool{
		verifyTokenVariable: w.VerifyToken != "", accessTokenVariable: w.AccessToken != "",
		phoneNumberVariable: w.PhoneNumberID != "", appSecretVariable: w.AppSecret != "",
	}
	var names []string
	for _, p := range in.Problems.Unset() {
		if !given[p.Variable] && !slices.Contains(names, p.Variable) {
			names = append(names, p.Variable)
		}
	}
	if len(names) == 0 {
		return ok("variables", "Every environment variable that the files name is set.")
	}
	first := in.Problems[slices.IndexFunc(in.Problems, func(p config.Problem) bool { return p.Variable == names[0] })]
	return warn("variables", fmt.Sprintf("Not set, and so empty: %s (the first at %s:%d).", listing(names), first.File, first.Line),
		"Set them where the program is started, and restart it; or write ${NAME:-value} in the file to give a value for when they are not set.")
}
