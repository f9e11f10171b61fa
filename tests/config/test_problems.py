from understudy.config.problems import Problem, dotted


def test_paths_are_written_as_people_write_them() -> None:
    assert dotted(("endpoints", 0, "backend", 1, "url_pattern")) == "endpoints[0].backend[1].url_pattern"
    assert dotted(("extra_config", "a/b", "x")) == 'extra_config["a/b"].x'
    assert dotted(("", 0)) == '[""][0]'


def test_a_problem_reads_as_file_line_place_and_sentence() -> None:
    assert str(Problem(path=("port",), message="wrong.", file="k.json", line=3)) == "k.json:3: port: wrong."
    assert str(Problem(path=(), message="wrong.", file="k.json")) == "k.json: wrong."
    assert str(Problem(path=("port",), message="wrong.")) == "port: wrong."
