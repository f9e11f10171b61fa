"""What the user wrote, read into one frozen ``Service``, or all of its problems with their places.

``model`` is what everything else sees; ``read`` is the way in. No I/O but the reading of the file.
"""
