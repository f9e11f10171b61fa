"""Values and the only sockets of the request path. Nothing here knows what an endpoint is."""
