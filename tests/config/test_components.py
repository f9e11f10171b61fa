import json
from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, only_error, only_warning, problems, read
from understudy.config.components import numbers


def router(block: Any) -> dict[str, Any]:
    return config(extra_config={"router": block})


def test_a_wrong_type_voids_the_whole_router_block_as_in_krakend() -> None:
    data = router({"return_error_msg": "yes", "auto_options": True})
    assert not read(data).router.auto_options
    assert 'all of "router"' in only_warning(data).message


def test_bodies_of_404_and_405_are_rendered_as_go_renders_them() -> None:
    made = read(router({"error_body": {"404": {"b": 1.0, "a": "<&>é"}, "405": None}})).router
    assert made.error_bodies == {404: '{"a":"\\u003c\\u0026\\u003eé","b":1}'.encode()}


def test_the_health_path_gets_its_slash_and_empty_values_their_defaults() -> None:
    made = read(router({"health_path": "up", "remote_ip_headers": [], "trusted_proxies": []})).router
    assert made.health_path == "/up"
    assert made.remote_ip_headers == ("X-Forwarded-For", "X-Real-IP") and made.trusted_proxies == ("0.0.0.0/0", "::/0")


def test_cors_has_the_codes_defaults() -> None:
    cors = read(config(extra_config={"security/cors": {"allow_methods": ["get"], "allow_origins": [],
                                                       "max_age": "2h"}})).cors
    assert cors is not None
    assert (cors.allow_origins, cors.allow_methods, cors.max_age) == (("*",), ("GET",), 7200)
    assert (cors.allow_headers, cors.options_success_status) == (("*",), 204)
    assert read(config()).cors is None


def test_a_cors_block_that_is_no_object_is_ignored() -> None:
    data = config(extra_config={"security/cors": []})
    assert read(data).cors is None and "ignored" in only_warning(data).message


def proxy(block: Any) -> dict[str, Any]:
    return config(endpoint(extra_config={"proxy": block}))


def test_static_data_keeps_its_shape_with_numbers_as_go_writes_them() -> None:
    static = read(proxy({"static": {"data": {"a": 1.0, "b": [2.5, {"c": 3.0}]}}})).endpoints[0].static
    assert static is not None and static.strategy == "always"
    assert json.dumps(static.data) == '{"a": 1, "b": [2.5, {"c": 3}]}'


@pytest.mark.parametrize("strategy", ["always", "success", "errored", "complete", "incomplete"])
def test_strategies_are_kept(strategy: str) -> None:
    static = read(proxy({"static": {"data": {}, "strategy": strategy}})).endpoints[0].static
    assert static is not None and static.strategy == strategy


def test_flatmap_paths_are_split_and_unknown_operations_skipped() -> None:
    data = proxy({"flatmap_filter": [{"type": "move", "args": ["a.b", "c"]}, {"type": "zap", "args": ["x"]},
                                     {"type": "del", "args": ["p.*.q", "r"]}, 5, {"type": "del", "args": []}]})
    ops = read(data).endpoints[0].flatmap
    assert [(op.type, op.args) for op in ops] == [("move", (("a", "b"), ("c",))), ("del", (("p", "*", "q"), ("r",)))]
    assert [p.path[-1] for p in problems(data)] == [1, 3]


def test_too_few_arguments_which_kill_every_request_in_krakend_are_refused() -> None:
    assert "needs 2 paths, not 1" in only_error(proxy({"flatmap_filter": [{"type": "append", "args": ["a"]}]})).message


def http(block: Any) -> tuple[str | None, bool]:
    made = read(config(endpoint(backend(extra_config={"backend/http": block})))).endpoints[0].backends[0]
    return made.return_error_details, made.return_error_code


def test_error_details_go_before_the_error_code_even_when_empty() -> None:
    assert http({"return_error_code": True}) == (None, True)
    assert http({"return_error_details": "b", "return_error_code": True}) == ("b", False)
    assert http({"return_error_details": "", "return_error_code": True}) == (None, False)
    assert http({"return_error_code": 1}) == (None, False)


def test_send_body_on_redirect_is_strictly_true() -> None:
    for value, read_as in ((True, True), ("true", False), (1, False)):
        data = config(endpoint(backend(extra_config={"backend/http/client": {"send_body_on_redirect": value}})))
        assert read(data).endpoints[0].backends[0].send_body_on_redirect is read_as


def test_numbers_of_any_size_survive() -> None:
    big: list[Any] = [2**70, 1e300, 0.1]
    assert numbers(big) == big
