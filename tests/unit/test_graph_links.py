"""The sandbox's state file, when it is not what the sandbox wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from readingroom.agent.config import Settings
from readingroom.agent.graph.links import resolve_link
from readingroom.domain.errors import ConfigError

_BAD_PORT = (
    '{"dicom_host": "127.0.0.1", "dicom_port": "x", "aet": "A", "agent_aet": "B",'
    ' "agent_port": 1, "oru_dir": "oru"}'
)


@pytest.mark.parametrize("content", ["{bad", "[]", "{}", _BAD_PORT])
def test_a_broken_sandbox_state_is_named_with_what_helps(tmp_path: Path, content: str) -> None:
    state = tmp_path / "sandbox" / "sandbox.json"
    state.parent.mkdir()
    state.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        resolve_link(Settings(home=tmp_path))
    assert str(state) in refused.value.message
    assert "sandbox down" in refused.value.hint
