from pathlib import Path

from understudy.config.flexible.rendered import rendered


def folder(root: Path, name: str, **files: str) -> str:
    (root / name).mkdir()
    for file, text in files.items():
        (root / name / file.replace("_", ".")).write_text(text)
    return str(root / name)


def test_settings_templates_and_partials_come_together(tmp_path: Path) -> None:
    env = {"FC_SETTINGS": folder(tmp_path, "s", a_json='{"k": "v"}'),
           "FC_TEMPLATES": folder(tmp_path, "t", x_tmpl="<{{ . }}>", y_txt="{{"),
           "FC_PARTIALS": folder(tmp_path, "p", p_txt="{{ raw }}"), "E": "env"}
    (tmp_path / "s" / "nested.json").mkdir()
    text = (b'{{ template "x.tmpl" .a.k }} {{ include "p.txt" }}{{ include "/no" }}'
            b'{{ include "\\x00" }} {{ env "E" }} \xff')
    made = rendered(text, Path("k.json"), env)
    assert made.text == b"<v> {{ raw }} env \xff" and not made.problems and not made.warnings and made.failure is None


def test_directories_and_settings_that_cannot_be_read_stop_it(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.json").symlink_to("nowhere")
    made = rendered(b"", Path("k.json"), {"FC_SETTINGS": str(tmp_path / "s"), "FC_TEMPLATES": str(tmp_path / "no")})
    assert made.text is None and len(made.problems) == 2
    assert "no such file or directory" in made.problems[0] and "FC_TEMPLATES must name a directory" in made.problems[1]


def test_a_failure_names_the_file_that_it_is_in(tmp_path: Path) -> None:
    env = {"FC_TEMPLATES": folder(tmp_path, "t", x_tmpl="\n{{ .a.b }}")}
    made = rendered(b'{{ template "x.tmpl" (dict "a" 1) }}', Path("k.json"), env)
    assert made.text is None and str(made.failure).startswith("x.tmpl:2: can't evaluate field b")
    assert str(rendered(b"\n\n{{", Path("k.json"), {}).failure).startswith("k.json:3: unclosed action")
