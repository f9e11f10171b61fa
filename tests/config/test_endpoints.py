import pytest

from tests.config.reading import backend, config, endpoint, errors, only_error, only_warning, read, shadow, warnings


def test_everything_that_is_absent_is_inherited() -> None:
    service = read({"version": 3, "timeout": "3s", "cache_ttl": "5m", "host": ["h.example/"], "output_encoding": "xml",
                    "endpoints": [{"endpoint": "a/{id}", "method": "post", "concurrent_calls": 2,
                                   "backend": [{"url_pattern": "b/{id}"}]}]})
    made = service.endpoints[0]
    assert (made.path, made.method, made.timeout, made.cache_ttl, made.output_encoding, made.params) == (
        "/a/{id}", "POST", 3.0, 300.0, "xml", ("id",))
    one = made.backends[0]
    assert (one.url_pattern, one.method, one.hosts) == ("/b/{id}", "POST", ("http://h.example",))
    assert one.concurrent_calls == 2


def test_defaults_are_krakends() -> None:
    made = read(config()).endpoints[0]
    assert (made.method, made.timeout, made.cache_ttl, made.concurrent_calls, made.output_encoding) == (
        "GET", 2.0, 0.0, 1, "json")
    assert (made.backends[0].encoding, made.backends[0].sd, made.backends[0].sd_scheme) == ("json", "static", "http")


def test_zero_falls_back_and_negative_stays() -> None:
    made = read(config(endpoint(timeout="0s", cache_ttl="0s"), timeout="1s", cache_ttl="9s")).endpoints[0]
    assert (made.timeout, made.cache_ttl) == (1.0, 9.0)
    assert read(config(endpoint(timeout="-3s"))).endpoints[0].timeout == -3.0


def test_lists_may_be_single_values_and_headers_are_canonical() -> None:
    made = read(config(endpoint(backend(input_headers=["x-b", ""]), input_headers="x-a", input_query_strings="q")))
    assert made.endpoints[0].input_headers == ("X-A",) and made.endpoints[0].input_query_strings == ("q",)
    assert made.endpoints[0].backends[0].input_headers == ("X-B", "")


def test_unsupported_methods_are_left_out_and_named() -> None:
    service = read(config(endpoint(method="HEAD"), endpoint()))
    assert [e.index for e in service.endpoints] == [1]
    assert "Unsupported method HEAD" in service.problems[0].message


def test_all_backends_of_a_no_op_endpoint_are_no_op() -> None:
    made = read(config(endpoint(backend(encoding="xml"), shadow(), output_encoding="no-op"))).endpoints[0]
    assert [b.encoding for b in made.backends] == ["no-op", "no-op"]


def test_no_op_takes_one_regular_backend_and_any_number_of_shadows() -> None:
    problem = only_error(config(endpoint(backend(), backend(), output_encoding="no-op")))
    assert "can not use NoOp encoding with more than one backends connected to the same endpoint" in problem.message
    assert not errors(config(endpoint(backend(), shadow(), shadow(), output_encoding="no-op")))


@pytest.mark.parametrize(("path", "pattern", "output"), [("/x", "/{id}", "id"), ("/x/{a}", "/{b}", "b"),
                                                         ("/x/{a}", "/{A}", "A"), ("/x", "/{resp0}", "resp0")])
def test_placeholders_must_be_parameters(path: str, pattern: str, output: str) -> None:
    problem = only_error(config(endpoint(backend(url_pattern=pattern), endpoint=path)))
    assert f"undefined output param '{output}'!" in problem.message
    assert problem.path == ("endpoints", 0, "backend", 0, "url_pattern")


def test_every_wrong_placeholder_is_reported_at_once() -> None:
    assert len(errors(config(endpoint(backend(url_pattern="/{a}/{b}"), backend(url_pattern="/{c}"))))) == 3


def test_placeholders_from_answers_and_tokens_need_no_parameter() -> None:
    data = config(endpoint(backend(), backend(url_pattern="/{resp0_id}/{JWT.sub}"),
                           extra_config={"proxy": {"sequential": True}}))
    assert not errors(data) and not warnings(data)


def test_an_answers_placeholder_without_sequential_is_a_warning() -> None:
    data = config(endpoint(backend(), backend(url_pattern="/{resp0_id}")))
    assert "never filled" in only_warning(data).message


def test_hosts_are_taken_as_they_are_when_asked() -> None:
    data = config(endpoint(backend(host=["ftp://h/x"], disable_host_sanitize=True)))
    assert read(data).endpoints[0].backends[0].hosts == ("ftp://h/x",)


def test_no_host_anywhere_is_a_warning() -> None:
    assert "there is no host" in only_warning(config(endpoint({"url_pattern": "/p"}))).message


@pytest.mark.parametrize("item", [None, 5, "x", []])
def test_endpoints_and_backends_must_be_objects(item: object) -> None:
    assert errors(config(item))[0].path == ("endpoints", 0)
    assert errors(config(endpoint(item)))[0].path == ("endpoints", 0, "backend", 0)


def test_encodings_are_lower_cased_and_unknown_ones_json() -> None:
    made = read(config(endpoint(backend(encoding="XML"), backend(encoding="csv"), backend(encoding="fast-json"))))
    assert [b.encoding for b in made.endpoints[0].backends] == ["xml", "json", "json"]


def test_a_no_op_backend_under_json_is_a_warning() -> None:
    assert "empty object" in only_warning(config(endpoint(backend(encoding="no-op")))).message
