"""``understudy schema``."""

from __future__ import annotations

import json

import click


@click.command("schema", short_help="Prints the JSON schema of configuration files, for editors.")
def command() -> int:
    """Prints the JSON schema of configuration files: put its place into "$schema" and editors complete and check."""
    from understudy.config.schema import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0
