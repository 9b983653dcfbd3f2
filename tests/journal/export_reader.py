"""Reads an export as docs/export.md describes it, with none of the product's own code."""

import io
import json
import re
import zipfile
from typing import Any

import yaml

WORDS = re.compile(rb"^<!-- words: (\d+) bytes -->\n", re.MULTILINE)
END = b"\n<!-- end of words -->\n"


class Taken:
    """One ZIP, opened."""

    def __init__(self, content: bytes) -> None:
        self.zip = zipfile.ZipFile(io.BytesIO(content))
        assert self.zip.testzip() is None
        self.files = {
            info.filename.split("/", 1)[1]: self.zip.read(info) for info in self.zip.infolist()
        }
        self.json: dict[str, Any] = json.loads(self.files["everything.json"])

    @property
    def markdown(self) -> dict[str, str]:
        return {name: data.decode() for name, data in self.files.items() if name.endswith(".md")}

    def words(self, name: str) -> list[str]:
        """The words in a Markdown file, cut out by their sizes."""
        return cut_out(self.files[name])

    def front_matter(self, name: str) -> dict[str, Any]:
        start, head, _rest = self.files[name].decode().split("---\n", 2)
        assert start == ""
        found: dict[str, Any] = yaml.safe_load(head)
        return found

    def reflections(self) -> list[dict[str, Any]]:
        return [
            reflection
            for reading in self.json["readings"]
            for section in reading["sections"]
            for reflection in section["reflections"]
        ]


def cut_out(data: bytes) -> list[str]:
    found, at = [], 0
    while match := WORDS.search(data, at):
        at = match.end() + int(match[1])
        found.append(data[match.end() : at].decode())
        assert data[at:].startswith(END)
        at += len(END)
    return found
