"""`wrk`, the load generator: what it is asked to send, and what it measured.

It keeps so many connections busy for so many seconds. A script in Lua says what is sent; it is
written to the run's own folder. Of saves each connection holds readers of its own and counts their
versions along, so that each save is a real one: new words over those before, and no conflict.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# How many are kept busy. For pages for everyone enough that the system deals them out evenly to two
# workers; for a reader's own pages one for each thread of the server; for saves as many as one
# worker lets write at once, should the system deal them all to it.
PUBLIC, PRIVATE, SAVING = 32, 8, 3
PATIENCE = "20s"  # an answer that takes longer counts as an error

DONE = """
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"duration":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""

IN_TURN = """
local asked, last, ready = {asked}, 0, {{}}
function request()
  last = last % #asked + 1
  if not ready[last] then
    ready[last] = wrk.format("GET", asked[last].path, asked[last].headers)
  end
  return ready[last]
end
"""

SAVES = """
local forms, connections = {forms}, 0
function setup(thread)
  thread:set("number", connections)
  connections = connections + 1
end
local last, text = 0, string.rep("and the morning was quiet, and I thought of him again; ", 40)
function init()
  math.randomseed(os.time() * 1000 + number)
end
function uuid()
  return (string.gsub("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx", "x", function()
    return string.format("%x", math.random(0, 15))
  end))
end
function request()
  local mine = math.floor(#forms / connections_in_all)
  last = last % mine + 1
  local form = forms[number * mine + last]
  form.typed = (form.typed or 60) + 12
  if form.typed > #text then form.typed = 60 end
  local body = form.body .. "&op=" .. uuid() .. "&" .. form.version_name .. "=" .. form.version
    .. "&" .. form.text_name .. "=" .. string.gsub(string.sub(text, 1, form.typed), "%W", "+")
  return wrk.format("POST", form.path, form.headers, body)
end
function response(status, headers, body)
  local mine = math.floor(#forms / connections_in_all)
  local form = forms[number * mine + last]
  if status ~= 200 then return end
  -- Words that stood there already leave the version as it was.
  local _, stop = string.find(body, 'name="' .. form.version_name .. '" value="', 1, true)
  form.version = stop and tonumber(string.match(body, "^%d+", stop + 1)) or form.version + 1
end
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request for `wrk` to send."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """What a reader's page holds for its next save of one box."""

    path: str
    headers: Mapping[str, str]
    body: str  # the fields that stay as they are, encoded
    text_name: str
    version_name: str
    version: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run came to."""

    requests: int
    rate: float  # requests a second
    p50: float  # seconds
    p99: float  # seconds
    errors: int  # answers of 400 or more, and requests without an answer


def is_installed() -> bool:
    return shutil.which("wrk") is not None


def get(
    url: str, asks: Sequence[Ask], folder: Path, *, seconds: int, connections: int = PUBLIC
) -> Measured:
    """Ask for `asks` in turn, from `url`, a scheme and host."""
    script = IN_TURN.format(
        asked=lua([{"path": ask.path, "headers": dict(ask.headers)} for ask in asks])
    )
    return run(url, script, folder, seconds=seconds, threads=1, connections=connections)


def save(
    url: str, forms: Sequence[Form], folder: Path, *, seconds: int, connections: int = SAVING
) -> Measured:
    """Save, by readers of whom none saves twice at a time. `forms` are used up by it."""
    told = [
        {
            "path": form.path,
            "headers": dict(form.headers),
            "body": form.body,
            "text_name": form.text_name,
            "version_name": form.version_name,
            "version": form.version,
        }
        for form in forms
    ]
    script = SAVES.replace("{forms}", lua(told)).replace("connections_in_all", str(connections))
    return run(url, script, folder, seconds=seconds, threads=connections, connections=connections)


def run(
    url: str, script: str, folder: Path, *, seconds: int, threads: int, connections: int
) -> Measured:
    file = folder / "requests.lua"
    file.write_text(script + DONE)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s"]
    command += ["--latency", "--timeout", PATIENCE, "-s", str(file), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    told = json.loads(done.stdout.splitlines()[-1])
    return Measured(
        requests=told["requests"],
        rate=told["requests"] / (told["duration"] / 1e6),
        p50=told["p50"] / 1e6,
        p99=told["p99"] / 1e6,
        errors=told["refused"] + told["broken"],
    )


def lua(value: object) -> str:
    """`value` as Lua writes it."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"[{lua(key)}]={lua(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "{" + ",".join(map(lua, value)) + "}"
    return json.dumps(value, ensure_ascii=False)  # of numbers, and text without control characters
