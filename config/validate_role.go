package config

import "slices"

// twoForms says which of two ways to name the models counts, where a file has both.
func (d *decoder) twoForms(m *Models) {
	const at = "spec.model"
	if m.Default != nil && len(m.Default.Candidates) == 0 && m.Default.Strategy == "" && !d.failed(at+".default") {
		d.warnf(at+".default", "model.default names no candidates: it has no effect")
	}
	if m.Default != nil && len(m.Default.Candidates) > 0 {
		for _, key := range []string{"primary", "fallback", "extra"} {
			if _, written := d.keys[at+"."+key]; written {
				d.addAt(d.keyPlace(at+"."+key), Warning, "model.default counts, and "+key+" beside it has no effect; keep one of the two forms")
			}
		}
	}
	if m.Default != nil && m.Default.Strategy != "" && m.Routing.Strategy != "" && m.Default.Strategy != m.Routing.Strategy {
		d.warnf(at+".routing.strategy", "the strategy is given twice: that of model.default counts, and this one only for roles without their own")
	}
	for name, role := range m.Roles {
		if path := at + ".roles." + name; len(role.Candidates) == 0 && role.Strategy == "" && !d.failed(path) {
			d.warnf(path, "this role names no candidates: the agent's own models answer for it")
		}
	}
}

// roleMap checks that what the map leads to is a role that has models.
func (d *decoder) roleMap(a *Agent) {
	const at = "spec.orchestration.role_map"
	known := sortedKeys(a.Spec.Model.Roles)
	for _, name := range sortedKeys(a.Spec.Orchestration.RoleMap) {
		to, path := a.Spec.Orchestration.RoleMap[name], join(at, name)
		switch {
		case to == "default" || slices.Contains(known, to):
		case len(known) == 0:
			d.warnf(path, "model.roles names no roles: the agent's own models answer for %s", d.word(path, to))
		default:
			d.warnf(path, "%s is not a role of model.roles: the agent's own models answer for it%s", d.word(path, to), didYouMean(to, known))
		}
	}
}
