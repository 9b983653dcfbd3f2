"""The data folder and what is made in it once, whoever comes first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devotional.lib.data_folder import DataFolderError, hold, make, secret_key

ASK = """
import sys
from pathlib import Path
from devotional.lib.data_folder import secret_key
sys.stdin.readline()
print(secret_key(Path(sys.argv[1])))
"""


def test_one_key_is_made_under_a_race_of_processes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, data],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]

    for racer in racers:  # all are loaded and wait; now off they go
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    keys = {racer.communicate(timeout=30)[0].strip() for racer in racers}

    assert [racer.returncode for racer in racers] == [0] * 8
    assert keys == {(data / "secret_key").read_text().strip()}
    assert len(keys.pop()) >= 64
    assert [file.name for file in data.iterdir()] == ["secret_key"]
    assert (data / "secret_key").stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700


def test_a_key_is_kept(tmp_path: Path) -> None:
    assert secret_key(tmp_path) == secret_key(tmp_path)


def test_two_folders_have_two_keys(tmp_path: Path) -> None:
    assert secret_key(tmp_path / "a") != secret_key(tmp_path / "b")


def test_a_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    file.write_text("half a k")

    with pytest.raises(DataFolderError) as error:
        secret_key(tmp_path)

    assert str(error.value) == (
        f"The secret key in {file} is damaged. Put it back from a backup, "
        "or delete the file to have a new one made."
    )
    assert file.read_text() == "half a k"


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)

    make(tmp_path)

    assert tmp_path.stat().st_mode & 0o777 == 0o750


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DataFolderError) as error:
        make(tmp_path / "file" / "kept" / "data")

    assert str(error.value) == (
        f"The data folder {tmp_path}/file/kept/data can't be made or written: not a directory."
    )


def test_one_server_holds_a_folder(tmp_path: Path) -> None:
    first = hold(tmp_path)

    with pytest.raises(DataFolderError) as error:
        hold(tmp_path)
    os.close(first)
    second = hold(tmp_path)
    os.close(second)

    assert str(error.value) == (
        f"Another server is already running on the data folder {tmp_path}. "
        "Stop it first, or give this one another folder with DATA=…"
    )
