// Command types writes the table of the API's types: every field with its Go type, its number in protobuf, and the marks
// that the published OpenAPI gives it. The lab reads its output (aiops/lab/kube/schema/types.txt).
package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	aggregation "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kubernetes/pkg/generated/openapi"
	metrics "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// served are the groups and versions that a control plane has on unless told otherwise.
var served = []string{
	"v1", "apps/v1", "events.k8s.io/v1", "authentication.k8s.io/v1", "authorization.k8s.io/v1", "autoscaling/v2",
	"autoscaling/v1", "batch/v1", "certificates.k8s.io/v1", "networking.k8s.io/v1", "policy/v1",
	"rbac.authorization.k8s.io/v1", "storage.k8s.io/v1", "admissionregistration.k8s.io/v1", "scheduling.k8s.io/v1",
	"coordination.k8s.io/v1", "node.k8s.io/v1", "discovery.k8s.io/v1", "resource.k8s.io/v1",
	"flowcontrol.apiserver.k8s.io/v1",
}

// opaque are types that write themselves as JSON: their fields are nobody's business.
var opaque = []string{
	"resource.Quantity", "intstr.IntOrString", "meta/v1.Time", "meta/v1.MicroTime", "meta/v1.Duration",
	"meta/v1.FieldsV1", "runtime.RawExtension", "apiextensions/v1.JSON", "apiextensions/v1.JSONSchemaPropsOrArray",
	"apiextensions/v1.JSONSchemaPropsOrBool", "apiextensions/v1.JSONSchemaPropsOrStringArray",
}

type table struct {
	published map[string]common.OpenAPIDefinition
	structs   map[string][]string
	bases     map[string]string
	marks     map[string]string
}

func main() {
	t := &table{structs: map[string][]string{}, bases: map[string]string{}, marks: map[string]string{}}
	t.published = openapi.GetOpenAPIDefinitions(func(path string) spec.Ref { return spec.MustCreateRef(path) })
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	kinds := map[string]string{}
	for _, version := range served {
		parsed, err := schema.ParseGroupVersion(version)
		if err != nil {
			panic(err)
		}
		for kind, found := range scheme.Scheme.KnownTypes(parsed) {
			if strings.Contains(found.PkgPath(), "apimachinery") {
				continue
			}
			kinds[version+" "+kind] = t.add(found)
		}
	}
	for kind, found := range map[string]any{
		"CustomResourceDefinition":     apiextensions.CustomResourceDefinition{},
		"CustomResourceDefinitionList": apiextensions.CustomResourceDefinitionList{},
	} {
		kinds["apiextensions.k8s.io/v1 "+kind] = t.add(reflect.TypeOf(found))
	}
	for kind, found := range map[string]any{
		"APIService": aggregation.APIService{}, "APIServiceList": aggregation.APIServiceList{},
	} {
		kinds["apiregistration.k8s.io/v1 "+kind] = t.add(reflect.TypeOf(found))
	}
	for kind, found := range map[string]any{
		"NodeMetrics": metrics.NodeMetrics{}, "NodeMetricsList": metrics.NodeMetricsList{},
		"PodMetrics": metrics.PodMetrics{}, "PodMetricsList": metrics.PodMetricsList{},
	} {
		kinds["metrics.k8s.io/v1beta1 "+kind] = t.add(reflect.TypeOf(found))
	}
	for kind, found := range map[string]any{
		"Status": meta.Status{}, "DeleteOptions": meta.DeleteOptions{}, "APIGroup": meta.APIGroup{},
		"APIGroupList": meta.APIGroupList{}, "APIResourceList": meta.APIResourceList{},
		"APIVersions": meta.APIVersions{}, "WatchEvent": meta.WatchEvent{},
	} {
		kinds["v1 "+kind] = t.add(reflect.TypeOf(found))
	}
	for _, name := range sorted(kinds) {
		fmt.Fprintf(out, "kind %s %s\n", name, kinds[name])
	}
	for _, name := range sorted(t.bases) {
		fmt.Fprintf(out, "base %s %s\n", name, t.bases[name])
	}
	for _, name := range sorted(t.structs) {
		fmt.Fprintf(out, "type %s%s\n", name, t.marks[name])
		for _, line := range t.structs[name] {
			fmt.Fprintf(out, " %s\n", line)
		}
	}
}

func sorted[T any](values map[string]T) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// name is a type's own: its group's folder, its version and the Go name (`core/v1.Pod`).
func name(of reflect.Type) string {
	parts := strings.Split(of.PkgPath(), "/")
	last := parts[len(parts)-1]
	if strings.HasPrefix(last, "v1") || strings.HasPrefix(last, "v2") {
		last = parts[len(parts)-2] + "/" + last
	}
	return last + "." + of.Name()
}

// add puts a struct and all that it holds into the table.
func (t *table) add(of reflect.Type) string {
	own := name(of)
	if _, known := t.structs[own]; known || slices.Contains(opaque, own) {
		return own
	}
	t.structs[own] = nil
	published := t.published[model(of)].Schema
	if word, there := published.Extensions.GetString("x-kubernetes-map-type"); there {
		t.marks[own] = " map=" + word
	}
	var lines []string
	for i := range of.NumField() {
		if line := t.field(of.Field(i), published); line != "" {
			lines = append(lines, line)
		}
	}
	t.structs[own] = lines
	return own
}

// model is the name under which a type is published.
func model(of reflect.Type) string {
	if named, ok := reflect.New(of).Interface().(interface{ OpenAPIModelName() string }); ok {
		return named.OpenAPIModelName()
	}
	return of.PkgPath() + "." + of.Name()
}

func (t *table) field(field reflect.StructField, published spec.Schema) string {
	tag := strings.Split(field.Tag.Get("json"), ",")
	number := "0"
	if parts := strings.Split(field.Tag.Get("protobuf"), ","); len(parts) > 1 {
		number = parts[1]
	}
	if slices.Contains(tag, "inline") {
		if field.Type.Name() == "TypeMeta" {
			return "-"
		}
		return strings.Join([]string{"*", t.text(field.Type), number}, " ")
	}
	if tag[0] == "-" || tag[0] == "" {
		return ""
	}
	words := []string{tag[0], t.text(field.Type), number}
	if !slices.Contains(tag, "omitempty") {
		words = append(words, "always")
	}
	if slices.Contains(tag, "omitzero") {
		words = append(words, "omitzero")
	}
	if slices.Contains(published.Required, tag[0]) {
		words = append(words, "required")
	}
	return strings.Join(append(words, marks(published.Properties[tag[0]])...), " ")
}

func marks(published spec.Schema) []string {
	var words []string
	for _, one := range []struct{ mark, word string }{
		{"x-kubernetes-list-type", "list"}, {"x-kubernetes-map-type", "map"},
		{"x-kubernetes-patch-strategy", "patch"}, {"x-kubernetes-patch-merge-key", "key"},
	} {
		if value, there := published.Extensions.GetString(one.mark); there {
			words = append(words, one.word+"="+value)
		}
	}
	if keys, there := published.Extensions.GetStringSlice("x-kubernetes-list-map-keys"); there {
		words = append(words, "keys="+strings.Join(keys, ","))
	}
	if published.Default != nil {
		if text := fmt.Sprint(published.Default); text != "map[]" && text != "" {
			words = append(words, "default="+text)
		}
	}
	enum := published.Enum
	if published.Items != nil && published.Items.Schema != nil {
		enum = append(enum, published.Items.Schema.Enum...)
	}
	if len(enum) > 0 {
		var values []string
		for _, value := range enum {
			values = append(values, strings.ReplaceAll(fmt.Sprint(value), " ", "~"))
		}
		words = append(words, "enum="+strings.Join(values, "|"))
	}
	return words
}

// text is a type as the table writes it.
func (t *table) text(of reflect.Type) string {
	switch of.Kind() {
	case reflect.Pointer:
		return "*" + t.text(of.Elem())
	case reflect.Slice, reflect.Map:
		own := ""
		if of.PkgPath() != "" {
			own = name(of)
		}
		inner := "[]"
		if of.Kind() == reflect.Map {
			inner = "map[" + t.text(of.Key()) + "]"
		}
		inner += t.text(of.Elem())
		if own == "" {
			return inner
		}
		t.bases[own] = inner
		return own
	case reflect.Struct:
		return t.add(of)
	default:
		if of.PkgPath() == "" {
			return of.Name()
		}
		t.bases[name(of)] = of.Kind().String()
		return name(of)
	}
}
