"""B1, where the moment is chosen: cut in the middle of a save, killed before its answer."""

from collections.abc import Iterator

from bench.reliability.report import Options, Row
from harness.experiments.cuts import cut_saves, second_readers_of_a_cut_first_save
from harness.site import Site


def run(options: Options) -> Iterator[Row]:
    site = Site(options.folder)
    site.start()
    try:
        findings, answers = cut_saves(site, options.kills, options.seed)
        yield Row(
            "B1",
            f"{options.kills} saves cut on their way or on the way back, sent again whole",
            f"{findings}; answers {dict(sorted(answers.items()))}",
            findings.clean and answers == {200: options.kills + 1},
        )
        rounds = max(1, options.kills // 10)
        made = sum(second_readers_of_a_cut_first_save(site) for _ in range(rounds))
    finally:
        site.stop()
    yield Row(
        "B1",
        f"{rounds} first saves killed between commit and answer, sent again",
        f"{made} second readers",
        made == 0,
    )
