package view

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"astromesh/web/form"

	"github.com/a-h/templ"
)

// sampleTime is when everything in a sample happened: long ago, so that no view
// says "today".
var sampleTime = time.Date(2026, time.March, 14, 9, 26, 53, 0, time.UTC)

// The texts that samples are filled with. The first stands for all of them in the
// golden files.
var (
	plainText  = "two pizzas"
	longText   = strings.TrimSpace(strings.Repeat("a long story about an order ", 143)[:4000])
	arabicText = "مرحبا، هل أنتم مفتوحون؟"
	htmlText   = `</textarea></title><script>alert("x")</script><img src=x onerror='alert(1)'>&lt;b&gt; {{0}} " '`
)

// sampler fills the arguments of views: every text with its own, every list with
// two, every switch on. Fields with a meaning get theirs from words.
type sampler struct {
	text string
	none bool // no data: everything is empty
}

// args are the arguments of the view of that name.
func (s sampler) args(name string, view reflect.Type) []reflect.Value {
	var list []reflect.Value
	for i := range view.NumIn() {
		v := reflect.New(view.In(i)).Elem()
		word, known := words[fmt.Sprintf("%s.%d", name, i)]
		switch {
		case known && v.Kind() == reflect.Slice:
			v.Set(reflect.ValueOf(strings.Fields(word)))
		case known:
			v.SetString(word)
		case !s.none:
			s.fill(v, 0)
		case v.Type() == reflect.TypeFor[time.Time]():
			v.Set(reflect.ValueOf(sampleTime))
		default:
			s.bare(v)
		}
		list = append(list, v)
	}
	return list
}

// bare gives meanings to an empty value: what handlers always fill in.
func (s sampler) bare(v reflect.Value) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		f, field := v.Type().Field(i), v.Field(i)
		if word, ok := words[v.Type().Name()+"."+f.Name]; ok && field.Kind() == reflect.String && !optional[v.Type().Name()+"."+f.Name] {
			field.SetString(word)
		} else if field.Kind() == reflect.Struct && field.CanSet() && field.Type() != reflect.TypeFor[time.Time]() {
			s.bare(field)
		}
	}
}

// fill fills a value; n tells those of a list apart.
func (s sampler) fill(v reflect.Value, n int) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = sampleTime.Add(time.Duration(n) * time.Hour)
		return
	case *time.Duration:
		*x = time.Duration(n+1) * 90 * time.Second
		return
	case *form.Errors:
		*x = sampleErrors()
		return
	case *map[string]SavedField:
		*x = map[string]SavedField{"access_token": {Saved: true, Last: "9876"}, "app_secret": {Outside: true, Last: "1234"}, "phone_number_id": {Value: "1065"}}
		return
	case *templ.Component, *map[string]string, *map[string]bool:
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s.said(n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(7 + n))
	case reflect.Float64:
		v.SetFloat(float64(7 + n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.fill(v.Elem(), n)
	case reflect.Interface:
		v.Set(reflect.ValueOf(s.said(n)))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			s.fill(v.Index(i), 2*n+i)
		}
	case reflect.Array:
		for i := range v.Len() {
			s.fill(v.Index(i), n)
		}
	case reflect.Struct:
		s.fields(v, n)
	}
}

func (s sampler) fields(v reflect.Value, n int) {
	for i := range v.NumField() {
		f, field := v.Type().Field(i), v.Field(i)
		key := v.Type().Name() + "." + f.Name
		word, known := words[key]
		switch {
		case !field.CanSet():
		case known && field.Kind() == reflect.String:
			field.SetString(word)
		case known && field.Kind() == reflect.Slice:
			field.Set(reflect.ValueOf(strings.Fields(word)))
		case known && field.Kind() == reflect.Bool:
			field.SetBool(word == "true")
		default:
			s.fill(field, n)
		}
	}
}

// said is the sample's text; a number tells those of a list apart.
func (s sampler) said(n int) string {
	if n == 0 {
		return s.text
	}
	return fmt.Sprintf("%s %d", s.text, n)
}

// sampleErrors is a sentence beside every field that can be wrong.
func sampleErrors() form.Errors {
	errs := form.Errors{}
	for _, field := range strings.Fields("name password text agent q conversation from to model instructions keep passphrase max_chars old new primary turns max_length access_token app_secret phone_number_id verify_token messages events") {
		errs[field] = "problem.bad_request"
	}
	return errs
}
