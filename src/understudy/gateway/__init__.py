"""The request path. One file per idea; ``build`` is the only file that knows the order of the stack."""
