"""``understudy help [COMMAND]``."""

from __future__ import annotations

import click

from understudy import __version__


@click.command("help", short_help="Help about any command.")
@click.argument("name", required=False, metavar="[COMMAND]")
@click.pass_context
def command(ctx: click.Context, name: str | None) -> int:
    """Help about any command."""
    root = ctx.find_root()
    if name is None:
        click.echo(f"Version: {__version__}\n\n{root.get_help()}")
        return 0
    group = root.command
    assert isinstance(group, click.Group)
    _, found, _ = group.resolve_command(root, [name])
    assert found is not None
    with click.Context(found, parent=root, info_name=name) as inner:
        click.echo(found.get_help(inner))
    return 0
