// Command controlplane is a whole Kubernetes control plane in one binary, for tests on loopback.
//
// Its first argument says which part to be; the rest are that part's own flags. Each part is a process of its own,
// because flags, feature gates and metrics are global in each of them. A part ends when its standard input does: whoever
// started it holds the other end, and cannot die without the kernel closing it.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	_ "time/tzdata" // CronJobs name time zones

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// inputEnded is the exit code of a part whose standard input ended.
const inputEnded = 3

var parts = map[string]func(){
	"etcd":                    func() { etcdmain.Main(os.Args) },
	"kube-apiserver":          func() { run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() { run(manager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() { run(scheduler.NewSchedulerCommand()) },
	"kwok":                    kwok,
}

func main() {
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	if name == "stages" {
		stages()
		return
	}
	part, known := parts[name]
	if !known {
		fmt.Fprintf(os.Stderr, "usage: controlplane stages | PART [flags], where PART is one of: %s\n", names())
		os.Exit(2)
	}
	// The parts read their flags from os.Args, with their own name in front.
	os.Args = os.Args[1:]
	go endWithInput()
	part()
}

func run(command *cobra.Command) {
	os.Exit(cli.Run(command))
}

func endWithInput() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(inputEnded)
}

func names() string {
	all := make([]string, 0, len(parts))
	for name := range parts {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
