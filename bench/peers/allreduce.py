"""MPI_Allreduce through mpi4py, in place, on float32. Run by mpirun; the first rank prints seconds per size as JSON."""
import json
import statistics
import sys
import time

import numpy
from mpi4py import MPI

rounds = int(sys.argv[1])
seconds = {}
for count in map(int, sys.argv[2:]):
    data = numpy.zeros(count, numpy.float32)
    times = []
    for _ in range(rounds):
        MPI.COMM_WORLD.Barrier()
        start = time.perf_counter()
        MPI.COMM_WORLD.Allreduce(MPI.IN_PLACE, data)
        times.append(time.perf_counter() - start)
    seconds[f"mpi4py {count}"] = statistics.median(times)
    seconds[f"mpi4py {count} best"] = min(times)

if MPI.COMM_WORLD.rank == 0:
    print(json.dumps(seconds))
