"""usage: report_figures.py ASSAY SAMPLE_RUNS

What reports cost: time by CPU and wall clock, memory, size; the best of some bursts, since machines are noisy.
"""
import os
import subprocess
import sys
import tempfile
import time


def measure(command):
    """Wall seconds, CPU seconds and MiB at most of one child."""
    begin = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with {status}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def row(name, command, times=5):
    wall, cpu, memory = (min(values) for values in zip(*(measure(command) for _ in range(times))))
    print(f"| {name} | {wall * 1000:.0f} ms | {cpu * 1000:.0f} ms | {memory:.0f} MiB |", flush=True)


def main():
    assay, samples = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as work:
        os.environ["ASSAY_STATION"] = work + "/station"
        subprocess.run([samples, "long", work + "/long", work + "/station"], check=True)
        subprocess.run([assay, "run", "quick", "--duration", "15s", "--out", work + "/quick"], check=False, stdout=subprocess.DEVNULL)
        page = work + "/page.html"
        print("| what | wall clock | CPU | memory at most |\n| --- | --- | --- | --- |")
        row("HTML of a quick run", [assay, "report", work + "/quick", "--out", page])
        print(f"| its size | {os.path.getsize(page) / 1e6:.2f} MB | | |")
        row("verify its folder", [assay, "report", "verify", work + "/quick"])
        row("verify 12 hours", [assay, "report", "verify", work + "/long"])
        row("HTML of 12 hours (5,000 trials, 1,000,000 samples)", [assay, "report", work + "/long", "--out", page])
        print(f"| its size | {os.path.getsize(page) / 1e6:.2f} MB | | |")
        for kind in ("json", "csv", "text", "junit", "prometheus"):
            row(f"{kind} of 12 hours", [assay, "report", work + "/long", "--format", kind, "--out", work + "/out"], 3)
        size = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(work + "/long") for name in names)
        begin = time.monotonic()
        subprocess.run(["sha256sum"] + [os.path.join(folder, name) for folder, _, names in os.walk(work + "/long") for name in names],
                       stdout=subprocess.DEVNULL, check=True)
        print(f"| sha256sum over its {size / 1e6:.0f} MB, for comparison | {(time.monotonic() - begin) * 1000:.0f} ms | | |")


main()
