"""``understudy version``."""

from __future__ import annotations

import json
import platform

import click

from understudy import __version__


@click.command("version", short_help="Shows the version.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(as_json: bool) -> int:
    """Shows the versions of Understudy, of Python and of the C library."""
    libc = " ".join(platform.libc_ver()).strip() or "undefined"
    if as_json:
        click.echo(json.dumps({"understudy": __version__, "python": platform.python_version(), "libc": libc}))
        return 0
    click.echo(f"Understudy Version: {__version__}\nPython Version: {platform.python_version()}\nLibc Version: {libc}")
    return 0
