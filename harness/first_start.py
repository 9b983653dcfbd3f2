"""What a first start makes that is the same for every site: static files and a migrated database.

Collecting the files, most of it compressing them, and migrating is nearly all of the work of a
first start. So the sites of one run begin with copies of what was made once, by the very code that
`serve` does it with; it sees for itself that nothing is left to do. Whatever is a site's own, such
as its keys, it still makes at its first start.
"""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from harness import shared
from harness.databases import ROOT, SERVER

STATIC = ("static", "static.stamp")
FILE = "devotional.sqlite3"
LONGEST = 150  # seconds; ten here, where nothing else runs


def lay_out(data: Path, *, with_host: bool = False) -> None:
    """Make the data folder of a site that has not been started, with all of it.

    `with_host` where its host's pages are on, which bring tables and files of their own.
    """
    add_static_files(data, with_host=with_host)
    if not SERVER:  # there, each database is a copy of a migrated one: see `databases`
        shutil.copy2(made(with_host=with_host) / FILE, data / FILE)


def add_static_files(data: Path, *, with_host: bool = False) -> None:
    """Only the static files, for a site whose database comes from elsewhere."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder, stamp = STATIC
    shutil.copytree(made(with_host=with_host) / folder, data / folder)
    shutil.copy2(made(with_host=with_host) / stamp, data / stamp)


def made(*, with_host: bool = False) -> Path:
    name = "first-start-with-host" if with_host else "first-start"
    return shared.once(name, partial(make, {"ADMIN_PATH": "host"} if with_host else {}))


def make(variables: dict[str, str], data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harness.first_start"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA": str(data)} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def main() -> None:
    import django

    os.umask(0o077)  # as `serve` has it
    os.environ["DJANGO_SETTINGS_MODULE"] = "devotional.settings"
    django.setup()
    from django.core.management import call_command

    from devotional.management.commands.serve import Command

    call_command("migrate", interactive=False, verbosity=0)
    Command().prepare_static_files()


if __name__ == "__main__":
    main()
