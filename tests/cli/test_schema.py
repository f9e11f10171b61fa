import json

from tests.cli.calling import Shell
from understudy.config.schema import schema


def test_the_schema_is_printed_as_json(shell: Shell) -> None:
    code, out, _ = shell("schema")
    assert code == 0 and json.loads(out) == schema()
