"""Understudy: an API gateway that rehearses new backends on live traffic.

The map, in the order in which a request meets it:

- ``config``     what the user wrote, read into one frozen ``Service``, or all problems with their places
- ``http``       values (headers, requests, responses, streams) and the only sockets: server, client, pool
- ``gateway``    the request path: router, proxies and what wraps them; ``gateway/build.py`` knows the order
- ``encoding``   bytes to data and back: json, xml, string, yaml, rss, no-op
- ``shadow``     policy, tap, link, mirror: how a copy leaves the request path, and its accounting
- ``compare``    two answers in, differences out: pure, total, bounded
- ``evidence``   counters, e-values, verdict: pure; merging is adding integers
- ``telemetry``  logs, counters in shared memory, metrics
- ``process``    supervisor, worker, mirror: lifetimes and signals
- ``admin``      health, metrics, API for people and machines
- ``cli``        the only part that prints and exits
- ``testing``    real backends that answer, fail, hang and lie: for our tests and for our users'
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
