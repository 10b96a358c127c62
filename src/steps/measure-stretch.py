"""Prints how many times longer work takes at this moment than a processor needs for it: measure-stretch.py SECONDS"""

import sys
import time

began, spent = time.perf_counter(), time.process_time()
while time.process_time() - spent < float(sys.argv[1]):
    pass
print((time.perf_counter() - began) / (time.process_time() - spent))
