"""``make demo``: two sample services, the gateway in front of them, traffic, and a screen to watch it on."""
