"""The proxies of `harness.proxies`, for tests that are left out where one isn't installed."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import proxies
from harness.proxies import Arrive as Arrive
from harness.proxies import Proxy as Proxy
from harness.proxies import arriving as arriving
from harness.proxies import closed as closed
from harness.proxies import make_certificate as make_certificate
from harness.proxies import nginx_conf as nginx_conf
from tests.deploy.tools import tool


@contextlib.contextmanager
def caddy(upstream: int, folder: Path, **options: Any) -> Iterator[Proxy]:
    tool("caddy")
    with proxies.caddy(upstream, folder, **options) as proxy:
        yield proxy


@contextlib.contextmanager
def nginx(upstream: int, other: int = 0, **options: Any) -> Iterator[Proxy]:
    tool("nginx")
    with proxies.nginx(upstream, other, **options) as proxy:
        yield proxy
