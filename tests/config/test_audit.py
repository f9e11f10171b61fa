import json
from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint
from understudy.config.audit import RULES, SEVERITIES, recommendations
from understudy.config.read import understood
from understudy.config.source import Source


def rules(data: dict[str, Any], **more: Any) -> set[str]:
    source = Source(json.dumps(data).encode(), "k.json", "json")
    return {found.rule for found in recommendations(*understood(source, {}, tolerated=("not_yet",)), **more)}


BARE = {"1.2.1", "2.1.2", "2.1.7", "2.2.1", "2.2.2", "3.1.1", "3.1.2", "3.1.3", "4.1.1", "4.2.1", "4.3.1", "5.2.2"}


def service(**extra: Any) -> dict[str, Any]:
    return config(extra_config=extra)


def client(**extra: Any) -> dict[str, Any]:
    return config(endpoint(backend(extra_config=extra)))


KEYS = [{"public_key": "a", "private_key": "b"}]
FIRES: list[tuple[str, dict[str, Any]]] = [
    ("1.1.1", service(**{"auth/basic": {}})), ("1.1.1", service(**{"plugin/http-server": {"name": ["basic-auth"]}})),
    ("1.1.2", config(endpoint(extra_config={"auth/api-keys": {}}))), ("2.1.1", config(allow_insecure_connections=True)),
    ("2.1.1", config(client_tls={"allow_insecure_connections": True})),
    ("2.1.3", config(tls={"keys": KEYS, "disabled": True})), ("2.1.8", config(use_h2c=True)),
    ("2.1.8", service(router={"use_h2c": True})),
    ("2.1.9", client(**{"backend/http/client": {"client_tls": {"allow_insecure_connections": True}}})),
    ("2.2.3", config(endpoint(input_headers=["*"]))), ("2.2.4", config(endpoint(input_query_strings=["*"]))),
    ("2.2.5", service(grpc={"server": {}})), ("2.3.1", client(**{"qos/http-cache": {"max_items": 1}})),
    ("3.3.1", config(endpoint(timeout="4s"))), ("3.3.2", config(timeout="6s")), ("3.3.3", config(timeout="31s")),
    ("3.3.4", config(timeout="61s")),
    ("4.1.3", service(**{"telemetry/metrics": {}, "telemetry/opentelemetry": {}})),
    ("5.1.1", config(disable_rest=True)),
    ("5.1.2", config(debug_endpoint=True)), ("5.1.3", config(echo_endpoint=True)),
    ("5.1.4", config(endpoint(endpoint="/a/*"))),
    ("5.1.5", config(endpoint(endpoint="/__catchall"))),
    ("5.1.6", config(endpoint(backend(), backend(), method="POST"))),
    ("5.1.7", config(endpoint(backend(), backend(), extra_config={"proxy": {"sequential": True}}))),
    ("5.2.3", config(endpoint(backend(encoding="no-op"), output_encoding="no-op"))), ("5.2.3", {"version": 3}),
    ("6.1.1", config(sequential_start=True, async_agent=[{}] * 10)),
    ("7.1.1", service(**{"plugin/http-server": {"name": ["virtualhost"]}})),
    ("7.1.2", service(**{"plugin/http-server": {"name": ["static-filesystem"]}})),
    ("7.1.3", service(**{"plugin/http-server": {"name": ["basic-auth"]}})),
    ("7.1.4", service(**{"plugin/http-server": {"name": ["wildcard"]}})),
    ("7.1.5", client(**{"plugin/http-client": {"name": "http-proxy"}})),
    ("7.1.6", client(**{"plugin/http-client": {"name": "static-filesystem"}})),
    ("7.1.7", client(**{"plugin/http-client": {"name": "no-redirect"}})),
    ("7.1.8", client(**{"plugin/req-resp-modifier": {"name": ["content-replacer"]}})),
    ("7.1.9", client(**{"plugin/req-resp-modifier": {"name": ["response-schema-validator"]}})),
    ("7.2.1", service(**{"telemetry/ganalytics": {}})), ("7.2.2", service(**{"telemetry/instana": {}})),
    ("7.2.3", service(**{"telemetry/opencensus": {}})), ("7.2.4", service(**{"telemetry/influx": {}})),
    ("7.3.1", config(tls={"public_key": "a", "private_key": "b"})),
]


@pytest.mark.parametrize(("rule", "data"), FIRES)
def test_each_rule_fires_where_it_should_and_not_without_its_cause(rule: str, data: dict[str, Any]) -> None:
    assert rule in rules(data) and rule not in rules(config())


def test_every_rule_is_shown_to_fire() -> None:
    assert {rule for rule, *_ in RULES} - {rule for rule,
                                           _ in FIRES} - BARE == {"5.2.1"}, "a file with 5.2.1 is refused"


def test_a_bare_configuration_lacks_what_it_lacks() -> None:
    assert rules(config()) == BARE


def test_a_well_equipped_one_does_not() -> None:
    good = client(**{"qos/circuit-breaker": {}, "qos/ratelimit/proxy": {}})
    good["endpoints"][0]["extra_config"] = {"auth/validator": {}}
    good["endpoints"][0]["backend"].append(backend())
    good |= {"tls": {"keys": KEYS}, "extra_config": {name: {} for name in (
        "security/http", "security/cors", "security/bot-detector", "telemetry/metrics", "telemetry/logging")}}
    good["extra_config"]["router"] = {"hide_version_header": True}
    assert rules(good) == {"4.2.1"}


def test_rules_are_left_out_by_number_and_severity() -> None:
    assert rules(config(), ignored=["1.2.1"]) == BARE - {"1.2.1"}
    assert rules(config(), severities=["LOW"]) == {"3.1.1", "5.2.2"}
    assert {severity for _, severity, *_ in RULES} == set(SEVERITIES)


def test_blocks_of_the_wrong_shape_do_no_harm() -> None:
    odd = client(**{"plugin/http-client": 1, "qos/http-cache": 2, "backend/http/client": 3})
    assert rules(odd | {"tls": None}) == BARE | {"2.3.1"}
