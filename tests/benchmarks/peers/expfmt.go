// Reads a scrape with prometheus/common's expfmt: one parse per line on standard input, one answer per parse.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"syscall"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// cpuSeconds is the user and system time of all threads of this process.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

// sampleLines is the number of lines a family stands for in the text format.
func sampleLines(family *dto.MetricFamily) int {
	lines := 0
	for _, metric := range family.Metric {
		switch family.GetType() {
		case dto.MetricType_HISTOGRAM:
			lines += len(metric.Histogram.Bucket) + 2
		case dto.MetricType_SUMMARY:
			lines += len(metric.Summary.Quantile) + 2
		default:
			lines++
		}
	}
	return lines
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		// What the parse before left behind is collected outside the measured time.
		runtime.GC()
		before := cpuSeconds()
		var parser expfmt.TextParser
		families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
		cpu := cpuSeconds() - before
		if err != nil {
			fail(err)
		}
		samples := 0
		for _, family := range families {
			samples += sampleLines(family)
		}
		fmt.Printf("cpu=%.9f samples=%d\n", cpu, samples)
	}
}
