"""Faults on purpose: bad input, damaged files, kills, full and read-only disks, two writers, clocks.

Whatever happens ends well or in one sentence of at most 500 characters, and no run is lost. `python -m tests.faults`
tries as many as there is time for; `test_faults.py` a small part of them.
"""
