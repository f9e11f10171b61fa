import pytest

from tests.config.reading import backend, config, endpoint, only_error, only_warning, problems, read


def test_the_defaults_of_the_root_are_krakends() -> None:
    service = read({"version": 3})
    assert (service.port, service.timeout, service.output_encoding) == (8080, 2.0, "json")
    assert service.max_header_bytes == 1 << 20
    up = service.upstreams
    assert (up.max_idle_connections_per_host, up.dialer_fallback_delay, up.dialer_keep_alive, up.dns_cache_ttl) == (
        250, 0.3, 15.0, 30.0)
    assert up.idle_connection_timeout is None and up.tls.verify


def test_root_keys_arrive() -> None:
    service = read(config(name="n", port="0", listen_ip="::1", read_timeout="1s", write_timeout="2s", idle_timeout="3s",
                          read_header_timeout="4s", max_header_bytes=99, use_h2c=True, disable_rest=True,
                          debug_endpoint=1, echo_endpoint="true", max_shutdown_wait_time="9s", max_idle_connections=7,
                          max_idle_connections_per_host=8, idle_connection_timeout="5s", response_header_timeout="6s",
                          expect_continue_timeout="7s", dialer_timeout="8s", dialer_fallback_delay="9ms",
                          dialer_keep_alive="11s", disable_keep_alives=True, disable_compression=True,
                          dns_cache_ttl="12s"))
    assert (service.name, service.port, service.listen_ip) == ("n", 8080, "::1")
    assert (service.read_timeout, service.write_timeout, service.idle_timeout) == (1, 2, 3)
    assert (service.read_header_timeout, service.max_shutdown_wait, service.max_header_bytes) == (4, 9, 99)
    assert service.use_h2c and service.disable_rest
    assert service.debug_endpoint and service.echo_endpoint
    up = service.upstreams
    assert (up.max_idle_connections, up.max_idle_connections_per_host, up.idle_connection_timeout,
            up.response_header_timeout, up.expect_continue_timeout, up.dialer_timeout, up.dialer_fallback_delay,
            up.dialer_keep_alive, up.dns_cache_ttl) == (7, 8, 5, 6, 7, 8, 0.009, 11, 12)
    assert up.disable_keep_alives and up.disable_compression


def test_a_dns_refresh_below_a_second_is_ignored() -> None:
    assert "is ignored" in only_warning(config(dns_cache_ttl="10ms")).message
    assert read(config(dns_cache_ttl="10ms")).upstreams.dns_cache_ttl == 30


def test_the_old_place_of_h2c_works() -> None:
    assert read(config(extra_config={"router": {"use_h2c": True}})).use_h2c


@pytest.mark.parametrize("version", [2, 0, "2", None, 4])
def test_only_version_3_is_read(version: object) -> None:
    assert "want: 3" in only_error({"version": version, "endpoints": []}).message


@pytest.mark.parametrize("version", [3, "3", 3.0])
def test_version_3_may_be_written_in_other_types(version: object) -> None:
    assert not [p for p in problems(config(version=version)) if p.severity == "error"]
    assert read(config(version=version)).endpoints


def test_a_configuration_without_endpoints_runs_but_says_so() -> None:
    assert "there are no endpoints" in only_warning({"version": 3}).message


def test_a_host_of_the_root_is_cleaned_and_checked() -> None:
    assert read(config(endpoint({"url_pattern": "/"}), host=["h/"])).endpoints[0].backends[0].hosts == ("http://h",)
    assert only_error(config(endpoint(backend()), host=["ok", "http://h/x"])).path == ("host", 1)


def test_an_admin_side_outside_without_a_token_is_a_warning() -> None:
    ours = {"admin_address": "0.0.0.0"}
    assert "admin_token" in only_warning(config(extra_config={"understudy/service": ours})).message
    assert not problems(config(extra_config={"understudy/service": {**ours, "admin_token": "t"}}))
    assert not problems(config(extra_config={"understudy/service": {"admin_address": "::1"}}))


def test_plain_lists_of_one_may_be_objects() -> None:
    data = {"version": 3, "endpoints": {"endpoint": "/x", "backend": {"host": "http://h:80", "url_pattern": "/p"}}}
    assert read(data).endpoints[0].backends[0].hosts == ("http://h:80",)
    assert read({"version": 3, "endpoints": {}}).endpoints == ()
