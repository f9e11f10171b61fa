"""Real servers and a real gateway for tests: ours, and those of our users.

- ``backend``  a small HTTP/1.1 server that answers as told and remembers what it saw
- ``faults``   the ways in which a backend can misbehave, each a script for ``Backend``
- ``gateway``  ``understudy run`` as a process, with its children, memory and descriptors in view
- ``client``   raw requests over a socket, so that nothing is made right on the way
"""
