import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.reading import backend, config, endpoint, errors, only_error, problems, read, shadow, warnings
from understudy.config import keys, ours
from understudy.config.model import Service
from understudy.config.namespaces import PLACES
from understudy.config.read import read as read_file
from understudy.config.read import read_text, runnable
from understudy.errors import ConfigError

SEED = """
{"version": 3, "timeout": "3s", "host": ["http://127.0.0.1:8081"],
 "endpoints": [{"endpoint": "/user/{id}", "timeout": "150ms", "backend": [
   {"host": ["http://127.0.0.1:8081"], "url_pattern": "/v1/user/{id}"},
   {"host": ["http://127.0.0.1:8082"], "url_pattern": "/v2/user/{id}", "extra_config": {"proxy": {"shadow": true}}}]}]}
"""


def test_the_seed_configuration_is_read_without_a_problem() -> None:
    service = read(SEED)
    assert service.problems == ()
    made = service.endpoints[0]
    assert (made.path, made.timeout, made.params) == ("/user/{id}", 0.15, ("id",))
    copy = made.shadows[0].shadow
    assert copy is not None and (copy.name, copy.of, copy.timeout, copy.percent) == ("user-id-1", 0, 0.15, 100.0)


def test_all_problems_come_at_once_errors_first_in_the_order_of_the_file() -> None:
    text = ('{\n "version": 2,\n "mystery": 1,\n "timeout": "soon",\n "endpoints": [\n  {"endpoint": "/x", '
            '"backend": [\n'
            '   {"host": ["http://h/x"],\n    "url_pattern": "/{id}"}]}]}')
    found = problems(text)
    assert [(p.severity, p.place, p.line, p.column) for p in found] == [
        ("error", "version", 2, 13), ("error", "timeout", 4, 13), ("error", "endpoints[0].backend[0].host[0]", 7, 14),
        ("error", "endpoints[0].backend[0].url_pattern", 8, 20), ("warning", "mystery", 3, 2)]
    assert all(p.file == "k.json" and p.message.endswith(".") for p in found)


@pytest.mark.parametrize(("name", "text", "line"), [
    ("k.yaml", "version: 3\nendpoints:\n  - endpoint: /x\n    timeout: soon\n    backend: [{host: [h]}]\n", 4),
    ("k.toml", 'version = 3\n[[endpoints]]\nendpoint = "/x"\ntimeout = "soon"\n[[endpoints.backend]]\nhost = "h"\n', 4),
    ("k.json", '{"version": 3,\n"endpoints": [{"endpoint": "",\n\n"timeout": "soon", "backend": [{"host": "h"}]}]}', 4),
])
def test_lines_are_told_in_every_format(name: str, text: str, line: int) -> None:
    problem = only_error(text, name=name)
    assert (problem.place, problem.line, problem.file) == ("endpoints[0].timeout", line, name)


def test_the_three_formats_say_the_same() -> None:
    data = {"version": 3, "port": 8081,
            "endpoints": [{"endpoint": "/x", "backend": [{"host": ["h"], "url_pattern": "/"}]}]}
    yaml = "version: 3\nport: 8081\nendpoints: [{endpoint: /x, backend: [{host: [h], url_pattern: /}]}]\n"
    toml = ('version = 3\nport = 8081\n[[endpoints]]\nendpoint = "/x"\n[[endpoints.backend]]\nhost = ["h"]\n'
            'url_pattern = "/"\n')
    assert read(data) == read(yaml, name="k.yml") == read(toml, name="k.toml") == read(json.dumps(data), name="k.conf")


@pytest.mark.parametrize("text", ["", "[]", "null", '"x"', "5", '{"version": 3', "{'version': 3}", '{"version": 3,}'])
def test_a_text_that_is_no_object_is_one_error_with_its_line(text: str) -> None:
    problem = only_error(text)
    assert problem.line == 1 and problem.code == "syntax"


def test_the_environment_is_laid_over_the_root() -> None:
    service = read(config(port=1), {"KRAKEND_PORT": "9000", "KRAKEND_TIMEOUT": "4s", "krakend_port": "2",
                                    "KRAKEND_DEBUG_ENDPOINT": "true", "KRAKEND_SERVICE_HOST": "10.0.0.1"})
    assert (service.port, service.timeout, service.debug_endpoint) == (9000, 4.0, True)


def test_a_wrong_value_from_the_environment_names_the_variable() -> None:
    problem = only_error(config(port=1), {"KRAKEND_PORT": "tcp://10.0.0.1:80"})
    assert problem.file == "environment KRAKEND_PORT" and problem.line == 0


def test_the_environment_replaces_a_key_in_another_case() -> None:
    assert read({"version": 3, "PORT": 1}, {"KRAKEND_PORT": "2"}).port == 2


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"open .*nope\.json: no such file or directory"):
        read_file(tmp_path / "nope.json", {})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a directory"):
        read_file(tmp_path, {})


def test_conflicting_routes_pass_reading_but_cannot_run(tmp_path: Path) -> None:
    file = tmp_path / "k.json"
    file.write_text(json.dumps(config(endpoint(), endpoint()), indent=1))
    assert len(read_file(file, {}).endpoints) == 2
    with pytest.raises(ConfigError) as caught:
        runnable(file, {})
    assert caught.value.problems[0].place == "endpoints[1].endpoint" and caught.value.problems[0].line > 10


def test_the_text_of_the_exception_is_all_problems() -> None:
    with pytest.raises(ConfigError) as caught:
        read(config(endpoint(timeout="soon", cache_ttl="x")))
    assert str(caught.value).count("\n") == 1


WORDS = st.sampled_from([*keys.ROOT, *keys.ENDPOINT, *keys.BACKEND, *keys.ROUTER, *ours.SHADOW, *ours.SERVICE, *PLACES,
                         "shadow", "shadow_timeout", "data", "args", "type"])
SCALARS = (st.none() | st.booleans() | st.integers(-5, 100) | st.floats(allow_nan=False, allow_infinity=False)
           | st.sampled_from(["/x/{id}", "2s", "http://h:80", "no-op", "GET", "", "*", "true"]) | st.text(max_size=5))
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: (st.lists(inner, max_size=3)
                            | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=4)),
    max_leaves=25)


def check(data: Any, env: dict[str, str]) -> None:
    text = json.dumps(data, indent=1)
    try:
        service = read_text(text.encode(), "k.json", env, Path())
        found = service.problems
        assert isinstance(service, Service) and all(p.severity == "warning" for p in found)
    except ConfigError as error:
        found = error.problems
        assert found[0].severity == "error"
    for problem in found:
        assert problem.message.endswith((".", "?")), problem.message
        assert problem.line >= 1 or problem.file.startswith("environment")
        assert problem.line <= text.count("\n") + 1


@given(JSON)
def test_any_json_is_a_service_or_a_config_error(data: Any) -> None:
    check(data, {})


@given(st.dictionaries(st.sampled_from([*keys.ROOT]), JSON, max_size=6))
def test_any_root_is_a_service_or_a_config_error(root: dict[str, Any]) -> None:
    check({"version": 3, **root}, {})


@given(st.dictionaries(st.sampled_from([*keys.ENDPOINT]), JSON),
       st.dictionaries(st.sampled_from([*keys.BACKEND]), JSON),
       st.dictionaries(st.sampled_from([*ours.SHADOW]), JSON), st.dictionaries(st.sampled_from([*ours.SERVICE]), JSON))
def test_any_endpoint_backend_and_block_of_ours_is_a_service_or_a_config_error(
        one: dict[str, Any], two: dict[str, Any], mine: dict[str, Any], process: dict[str, Any]) -> None:
    data = config({**endpoint(backend(**two), shadow(mine)), **one}, extra_config={"understudy/service": process})
    check(data, {})


@given(st.dictionaries(st.sampled_from(["KRAKEND_PORT", "KRAKEND_TIMEOUT", "KRAKEND_ENDPOINTS", "KRAKEND_EXTRA_CONFIG",
                                        "KRAKEND_X", "KRAKEND_VERSION", "KRAKEND_TLS"]), st.text(max_size=6)))
def test_any_environment_is_a_service_or_a_config_error(env: dict[str, str]) -> None:
    check(config(), env)


def test_a_thousand_endpoints_are_read_in_well_under_a_second() -> None:
    many = [endpoint(backend(url_pattern="/a/{id}"), backend(url_pattern="/b/{id}", group="b"),
                     shadow(url_pattern="/c/{id}"), endpoint=f"/api/v{n}/things/{{id}}", timeout="2s",
                     input_headers=["X-A", "X-B"]) for n in range(1000)]
    text = json.dumps(config(*many), indent=2).encode()
    start = time.process_time()
    service = read_text(text, "k.json", {}, Path())
    assert time.process_time() - start < 1.0
    assert len(service.endpoints) == 1000 and len(service.problems) == 1000


def test_a_cycle_of_aliases_in_yaml_is_refused() -> None:
    assert errors("version: 3\nendpoints: &a [*a]\n", name="k.yaml")


def test_warnings_stay_with_the_service() -> None:
    data = config(mystery=1)
    assert [p.place for p in read(data).problems] == [p.place for p in warnings(data)] == ["mystery"]
