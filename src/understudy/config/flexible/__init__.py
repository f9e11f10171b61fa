"""Configurations that are templates: KrakenD's flexible configuration (``FC_ENABLE`` and its companions).

``lexer`` → ``parser`` → ``evaluate`` speak the language of Go's ``text/template`` as far as configurations use it;
``functions`` is the table of what a template can call, ``settings`` what its data is made of, ``rendered`` the text
that comes out, with the place in the source that each part came from. No I/O but the loaders that callers pass in.
"""
