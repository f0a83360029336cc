"""Replacing a configuration: approved first, whole, with the old one beside it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pointsman.config.replacing import replace
from pointsman.core.errors import ConfigError


def approve(fresh: Path) -> None:
    assert fresh.read_bytes() == "new: ä\r\n".encode()


def refuse(fresh: Path) -> None:
    raise ConfigError(f"{fresh.name} is wrong", cure="do better")


def test_the_old_file_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    file = tmp_path / "pointsman.yaml"
    file.write_text("old: 1\n", encoding="utf-8")
    file.chmod(0o640)
    backup = replace(file, "new: ä\r\n", approve)
    assert backup == tmp_path / "pointsman.yaml.bak"
    assert file.read_bytes() == "new: ä\r\n".encode()
    assert backup.read_text(encoding="utf-8") == "old: 1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(found.name for found in tmp_path.iterdir() if found.is_file()) == [file.name, backup.name]


def test_what_is_kept_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "pointsman.yaml"
    kept = []
    for said in ("a person's", "tuned", "a person's again", "tuned"):
        file.write_text(said, encoding="utf-8")
        kept.append(replace(file, "new", lambda _: None))
    assert [backup.name if backup else "" for backup in kept] == [
        "pointsman.yaml.bak", "pointsman.yaml.bak.2", "pointsman.yaml.bak.3", "pointsman.yaml.bak.2",
    ]  # fmt: skip
    assert [backup.read_text(encoding="utf-8") for backup in kept[:3] if backup] == [
        "a person's", "tuned", "a person's again",
    ]  # fmt: skip


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path) -> None:
    file = tmp_path / "pointsman.yaml"
    file.write_text("old: 1\n", encoding="utf-8")
    (tmp_path / "pointsman.yaml.bak").symlink_to(tmp_path / "absent")
    assert replace(file, "new: ä\r\n", approve) == tmp_path / "pointsman.yaml.bak.2"
    assert not (tmp_path / "absent").exists()


def test_a_new_file_and_its_folder_are_made_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "pointsman.yaml"
    assert replace(file, "new: ä\r\n", approve) is None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_not_approved_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "pointsman.yaml"
    file.write_text("old: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="is wrong"):
        replace(file, "new", refuse)
    assert [found.name for found in tmp_path.iterdir() if found.is_file()] == [file.name]
    assert file.read_text(encoding="utf-8") == "old: 1\n"


def test_what_is_checked_lies_in_the_same_folder(tmp_path: Path) -> None:
    seen: list[Path] = []
    replace(tmp_path / "pointsman.yaml", "x", seen.append)
    assert seen[0].parent == tmp_path
    assert not seen[0].exists()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "mine.yaml"
    target.parent.mkdir()
    target.write_text("old: 1\n", encoding="utf-8")
    link = tmp_path / "pointsman.yaml"
    link.symlink_to(target)
    seen: list[Path] = []
    assert replace(link, "new: ä\r\n", seen.append) == target.with_name("mine.yaml.bak")
    assert seen[0].parent == tmp_path
    assert link.is_symlink()
    assert target.read_bytes() == "new: ä\r\n".encode()


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written") as raised:
        replace(tmp_path / "file" / "pointsman.yaml", "x", approve)
    assert "--dry-run" in raised.value.cure
