"""Measures the steps of a peer that works through a list, for the benches that compare it."""
import json
import time


def print_seconds(steps, count, passes):
    """Prints the CPU seconds per item of each named step, a function of an item's index, as JSON."""
    result = {}
    for name, step in steps.items():
        step(0)
        start = time.process_time()
        for _ in range(passes):
            for i in range(count):
                step(i)
        result[name] = (time.process_time() - start) / (passes * count)
    print(json.dumps(result))
