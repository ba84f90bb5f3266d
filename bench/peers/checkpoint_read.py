"""Loads a checkpoint once with torch.load, after a small one. Prints JSON: [wall seconds, CPU seconds]."""
import json
import sys
import time

import torch

torch.set_num_threads(1)
torch.load(sys.argv[1], map_location="cpu")
wall, cpu = time.perf_counter(), time.process_time()
loaded = torch.load(sys.argv[2], map_location="cpu")
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]))
