"""Logs, counters and metrics. Counters are integers in shared memory: exact after any death of a process."""
