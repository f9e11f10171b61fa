from tests.cli.calling import GOOD, Shell


def test_recommendations_are_a_line_each_and_the_code_tells(shell: Shell) -> None:
    code, out, err = shell("audit", "-c", shell.file(GOOD))
    assert code == 1 and out == "" and err.startswith("1.2.1\t[HIGH]   \tLet an endpoint validate tokens")
    assert "\x1b" not in err


def test_nothing_to_say_is_fine(shell: Shell) -> None:
    assert shell("audit", "-c", shell.file(GOOD), "-s", "critical") == (0, "", "")
    code, _, err = shell("audit", "-c", shell.file(GOOD), "-s", "MEDIUM", "-i", "2.2.1,4.1.1, 4.2.1,4.3.1")
    assert (code, err) == (0, "")


def test_rules_are_left_out_by_a_file(shell: Shell) -> None:
    rules = shell.file("# known\n1.2.1 # why\n2.1.2,2.1.7\n", "ignore.txt")
    code, _, err = shell("audit", "-c", shell.file(GOOD), "--ignore-file", rules)
    assert code == 1 and err.startswith("2.2.1\t")


def test_an_own_format(shell: Shell) -> None:
    template = r"{{ range .Recommendations }}{{ .Rule }}={{ colored .Severity }};\n{{ end }}"
    code, _, err = shell("audit", "-c", shell.file(GOOD), "-s", "LOW", "-f", template)
    assert code == 1 and err == "3.1.1=LOW;\n5.2.2=LOW;\n"


def test_wrong_words_are_told(shell: Shell) -> None:
    file = shell.file(GOOD)
    for words, said in ((("-s", "SOME"), 'there is no severity "SOME"'),
                        (("-I", "no.txt"), "open no.txt: no such file"),
                        (("-f", "{{ nope }}"), 'function "nope" not defined')):
        code, _, err = shell("audit", "-c", file, *words)
        assert code == 2 and said in err
    assert "There is no rule 9.9.9" in shell("audit", "-c", file, "-i", "9.9.9")[2]


def test_a_bad_file_and_no_file(shell: Shell) -> None:
    code, _, err = shell("audit", "-c", shell.file("{"))
    assert code == 2 and "ERROR parsing the configuration file: 1 error" in err
    assert shell("audit")[0] == 2
    shell.monkeypatch.setenv("UNDERSTUDY_EXIT_CODES", "krakend")
    assert shell("audit")[0] == 1 and shell("audit", "-c", "nope.json")[0] == 1


def test_a_template_is_rendered_first(shell: Shell) -> None:
    shell.monkeypatch.setenv("FC_ENABLE", "1")
    file = shell.file('{"version": 3, "debug_endpoint": {{ true }}}')
    assert "5.1.2" in shell("audit", "-c", file)[2]


def test_a_component_that_is_not_supported_yet_does_not_keep_a_file_from_its_audit(shell: Shell) -> None:
    extra = {"understudy/service": {"workers": 0}, "plugin/http-server": {"name": ["wildcard"]}}
    code, _, err = shell("audit", "-c", shell.file({**GOOD, "extra_config": extra}))
    assert code == 2 and "workers" in err, "other errors do"
    code, _, err = shell("audit", "-c", shell.file({**GOOD, "extra_config": {"auth/revoker": {"N": 1}}}))
    assert code == 1 and "ERROR" not in err
