import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.config.reading import backend, config, endpoint, shadow
from understudy.config import keys, ours
from understudy.config.schema import schema

SHIPPED = Path(__file__).parents[2] / "docs" / "understudy.schema.json"


def violations(data: Any) -> list[str]:
    return [e.message for e in jsonschema_rs.validator_for(schema()).iter_errors(data)]


def test_the_schema_is_one() -> None:
    jsonschema_rs.validator_for(schema())
    assert violations(config(endpoint(backend(), shadow({"percent": 10, "breaker": False})))) == []


@pytest.mark.parametrize("data", [
    config(timeout=5), config(version="3"), config(mystery=1), config(endpoint(colour="red")),
    config(endpoint(method="HEAD")), config(endpoint(backend(), shadow({"percent": 101}))), {"endpoints": []},
    config(endpoint(backend(extra_config={"no/such": {}}))),
    config(extra_config={"understudy/service": {"workers": 0}}),
    config(endpoint(backend(), shadow(proxy={"shadow": "true"}))), config(timeout="soon"), config({"endpoint": "/x"}),
])
def test_what_the_gateway_only_tolerates_is_refused(data: Any) -> None:
    assert violations(data)


@pytest.mark.parametrize("data", [
    config({"endpoint": "/x", "backend": [backend()], "@comment": "why"}), {"$schema": "x", "version": 3},
    config(extra_config={"auth/api-keys": {}, "telemetry/logging": {}, "ai/llm": {}}),
    config(endpoint(extra_config={"github.com/devopsfaith/krakend-cel": []})), config(timeout="1h30m"),
    config(extra_config={"understudy/service": {"workers": "auto", "max_body_bytes": "8MiB"}}),
])
def test_comments_other_components_and_old_names_pass(data: Any) -> None:
    assert violations(data) == []


def test_every_key_of_the_tables_is_described() -> None:
    made = schema()
    assert set(made["properties"]) == set(keys.ROOT)
    assert set(made["$defs"]["endpoint"]["properties"]) == set(keys.ENDPOINT)
    assert set(made["$defs"]["backend"]["properties"]) == set(keys.BACKEND)
    assert set(made["$defs"]["understudy/shadow"]["properties"]) == set(ours.SHADOW)


def test_the_shipped_file_is_the_schema() -> None:
    assert json.loads(SHIPPED.read_text()) == schema(), "run: understudy schema > docs/understudy.schema.json"
