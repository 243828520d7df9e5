"""A wrong configuration is named with its place; a right one says where each value came from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from readingroom.agent.config import assert_no_tracing, describe, load_settings
from readingroom.domain.errors import ConfigError, SafetyStop


def rows(settings):
    return {row.key: row for row in describe(settings)}


def test_nothing_set_gives_defaults_without_a_file(tmp_path):
    settings = load_settings(home=tmp_path, environ={})
    assert settings.core.name == "embedded"
    assert not settings.pacs.configured
    assert settings.limits.critique_rounds == 3
    assert rows(settings)["limits.max_steps"].origin == "default"


def test_default_home_is_the_users_data_folder():
    settings = load_settings(environ={})
    assert settings.home.is_absolute() and settings.home.name == "readingroom"


def test_flags_beat_environment_beats_file(tmp_path):
    file = tmp_path / "readingroom.toml"
    file.write_text('[core]\nname = "scripted"\n[limits]\nmax_steps = 5\ncritique_rounds = 1\n')
    environ = {"READINGROOM_LIMITS__MAX_STEPS": "7", "READINGROOM_CORE": "transformers:a/b"}
    settings = load_settings(home=tmp_path, core="openai:x", environ=environ)
    assert settings.limits.critique_rounds == 1
    assert settings.limits.max_steps == 7
    assert settings.core.name == "openai:x"
    shown = rows(settings)
    assert shown["limits.critique_rounds"].origin == str(file)
    assert shown["limits.max_steps"].origin == "READINGROOM_LIMITS__MAX_STEPS"
    assert shown["core.name"].origin == "flag --core"
    assert shown["home"].origin == "flag --home"


def test_home_of_the_environment_names_the_file_that_is_read(tmp_path):
    (tmp_path / "readingroom.toml").write_text("[limits]\nmax_steps = 4\n")
    settings = load_settings(environ={"READINGROOM_HOME": str(tmp_path)})
    assert (settings.home, settings.limits.max_steps) == (tmp_path, 4)


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("[pacs]\nprot = 104\n", "unknown setting pacs.prot in ", "did you mean pacs.port?"),
        ("max_steps = 4\n", "unknown setting max_steps", "did you mean limits.max_steps?"),
        ("[limits]\nmax_steps = 0\n", "setting limits.max_steps (from ", "config show"),
        ('[limits]\nmax_steps = "many"\n', "limits.max_steps", "config show"),
        ('[pacs]\nhost = "pacs"\n', "missing: port, called_ae, calling_ae", "config show"),
        ('[render]\nimages = "ascii"\n', "render.images", "config show"),
        ("[pacs\n", "is not valid TOML", ""),
        ('pacs = "x"\n', "unknown setting pacs", ""),
    ],
)
def test_a_wrong_file_names_the_key_and_what_to_do(tmp_path, text, said, hint):
    path = tmp_path / "other.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ={})
    assert said in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message


def test_a_config_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigError, match="nowhere.toml"):
        load_settings(tmp_path / "nowhere.toml", environ={})


def test_an_unknown_variable_is_not_ignored():
    with pytest.raises(ConfigError) as caught:
        load_settings(environ={"READINGROOM_PACS__PROT": "104"})
    assert caught.value.message == "unknown setting READINGROOM_PACS__PROT in the environment"
    assert caught.value.hint == "did you mean READINGROOM_PACS__PORT?"


@pytest.mark.parametrize("title", ["", "   ", "A" * 17, "A\\B", "Ä", "A\nB"])
def test_a_title_that_dicom_cannot_carry_is_refused(tmp_path, title):
    pacs = {"pacs.host": "h", "pacs.port": 104, "pacs.calling_ae": "US", "pacs.called_ae": title}
    with pytest.raises(ConfigError, match="pacs.called_ae"):
        load_settings(home=tmp_path, overrides=pacs, environ={})


def test_lists_come_from_the_environment_too(tmp_path):
    environ = {"READINGROOM_CORE__ALLOWED_HOSTS": "gpu1, gpu2"}
    assert load_settings(home=tmp_path, environ=environ).core.allowed_hosts == ("gpu1", "gpu2")


def test_secrets_are_not_shown_and_not_in_errors(tmp_path):
    environ = {
        "READINGROOM_CORE__API_KEY": "hunter2",
        "READINGROOM_CORE__BASE_URL": "http://user:hunter2@host:1/v1?key=hunter2",
    }
    settings = load_settings(home=tmp_path, environ=environ)
    assert "hunter2" not in str([*describe(settings)]) + repr(settings.core.api_key)
    assert rows(settings)["core.api_key"].value == "(set)"
    assert rows(settings)["core.base_url"].value == "http://host:1/v1"
    (tmp_path / "readingroom.toml").write_text("[core]\napi_key = 12345678\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(home=tmp_path, environ={})
    assert "12345678" not in str(caught.value)


def test_tracing_stops_the_program_unless_allowed():
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING"):
        with pytest.raises(SafetyStop, match=name):
            assert_no_tracing({name: "true"})
        assert_no_tracing({name: "true"}, allow=True)


def test_tracing_is_forced_off_where_it_was_not_set():
    environ = {"LANGCHAIN_TRACING_V2": "false"}
    assert_no_tracing(environ)
    assert environ["LANGSMITH_TRACING"] == environ["LANGSMITH_TRACING_V2"] == "false"


def test_importing_the_configuration_is_light():
    code = (
        "import sys, readingroom.agent.config; "
        "print([m for m in ('pydantic', 'platformdirs', 'numpy', 'langgraph') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", Path(__file__).name
