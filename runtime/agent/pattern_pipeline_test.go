package agent

import (
	"testing"

	"astromesh/runtime/model"
)

func TestPatternPipeline(t *testing.T) {
	playAll(t, patterned("pipeline"), []play{
		{"the usual stages", nil, []model.Response{words("Wants the hours."), words("Nine to six."), words("We open at nine.")},
			"We open at nine.", 3, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"the file's stages", patterned("pipeline", "stage:draft", "stage:polish"), []model.Response{words("we open nine"), words("We open at nine.")},
			"We open at nine.", 2, "stage:draft 1 of 2, stage:polish 2 of 2"},
		{"a model for one of the usual stages", patterned("pipeline", "stage:analyze"), []model.Response{words("a"), words("b"), words("We open at nine.")},
			"We open at nine.", 3, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"a stage that says nothing", nil, []model.Response{words(""), words(""), words("Nine."), words("We open at nine.")},
			"We open at nine.", 4, "stage:analyze 1 of 3!, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"the last stage says nothing", nil, []model.Response{words("a"), words("b"), words(""), words(""), words("Nine.")},
			"Nine.", 5, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3!"},
		{"one call", iterations(1), []model.Response{words("Nine.")}, "Nine.", 1, "stage:synthesize 3 of 3"},
		{"two calls", iterations(2), []model.Response{words("a"), words("Nine.")}, "Nine.", 2, "stage:analyze 1 of 3!, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"a tool in a stage", nil, []model.Response{words("a"), calls("datetime_now", nil), words("noon"), words("It is noon.")},
			"It is noon.", 4, "stage:analyze 1 of 3, stage:process 2 of 3, stage:synthesize 3 of 3"},
		{"until the end", iterations(3), []model.Response{words("")}, "3 attempts", 3, "stage:analyze 1 of 3!, stage:process 2 of 3!, stage:synthesize 3 of 3!"},
	})
}
