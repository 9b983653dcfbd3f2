"""Lighthouse on a simulated phone, in its four categories. It comes from npm and is no part of us.

`npx` fetches it into npm's own cache at the first run and finds it there afterwards.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.weight.pages import Page
from harness.chromium import FLAGS, chromium

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PACKAGE = "lighthouse@13"
HOW = "not run: needs Node.js with npx and Chromium (on Debian: apt install npm chromium)"
PATIENCE = 240  # seconds; the first run fetches it
RUNS = 3  # of which the middle one counts: whatever else the machine does is in its times
POOR = 0.9  # of 1, for one audit


@dataclass(frozen=True, slots=True)
class Judged:
    """What Lighthouse found of one page."""

    scores: Mapping[str, int]  # of 100, by category
    failing: tuple[str, ...]  # what it would have otherwise, by its own names

    @property
    def total(self) -> int:
        return sum(self.scores.values())


def is_here() -> bool:
    return shutil.which("npx") is not None and chromium() is not None


def judge(page: Page, folder: Path) -> Judged:
    """Run it a few times. Raises RuntimeError where it can't be had or fails."""
    runs = sorted((judge_once(page, folder) for _ in range(RUNS)), key=lambda run: run.total)
    return runs[RUNS // 2]


def judge_once(page: Page, folder: Path) -> Judged:
    report = folder / f"{page.name}.json"
    command = ["npx", "--yes", PACKAGE, page.url, "--quiet", "--output=json"]
    command += [f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}"]
    command += [f"--chrome-flags=--headless=new {' '.join(FLAGS)}"]
    if page.cookie:
        headers = folder / f"{page.name}-headers.json"
        headers.write_text(json.dumps({"Cookie": f"reader={page.cookie}"}))
        command.append(f"--extra-headers={headers}")
    done = subprocess.run(
        command,
        env=os.environ | {"CHROME_PATH": str(chromium())},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode != 0 or not report.exists():
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()
        raise RuntimeError(f"Lighthouse failed: {said[-1]}")
    return found_in(json.loads(report.read_text()))


def found_in(report: Mapping[str, object]) -> Judged:
    categories: Mapping[str, dict[str, object]] = report["categories"]  # type: ignore[assignment]
    audits: Mapping[str, dict[str, object]] = report["audits"]  # type: ignore[assignment]
    scores = {}
    failing = []
    for name in CATEGORIES:
        score = categories[name]["score"]
        scores[name] = round(score * 100) if isinstance(score, int | float) else 0
        refs: list[dict[str, object]] = categories[name]["auditRefs"]  # type: ignore[assignment]
        for ref in refs:
            audit = audits[str(ref["id"])]
            score = audit["score"]
            if ref["weight"] and isinstance(score, int | float) and score < POOR:
                failing.append(f"{ref['id']} ({score:g})")
    return Judged(scores, tuple(failing))
