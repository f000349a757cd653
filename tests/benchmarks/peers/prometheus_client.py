"""Reads a scrape with prometheus_client: one parse per line on standard input, one answer per parse."""
import gc
import resource
import sys

# The script's own folder comes first on the path, and the script has the library's name.
sys.path.pop(0)
from prometheus_client.parser import text_string_to_metric_families  # noqa: E402


def cpu_seconds():
    """User and system time of all threads of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        text = file.read()
    for _ in sys.stdin:
        # What the parse before left behind is collected outside the measured time.
        gc.collect()
        before = cpu_seconds()
        samples = sum(len(family.samples) for family in text_string_to_metric_families(text))
        print(f"cpu={cpu_seconds() - before:.9f} samples={samples}", flush=True)


main()
