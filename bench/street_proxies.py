"""The part of B14 that is about connections: silent ones, through the proxies that we ship."""

import contextlib
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.http_client import Page
from harness.proxies import Proxy, arriving, caddy, nginx
from harness.server import free_port, running
from harness.slow_clients import Address, bodiless_streams, silent_connections
from harness.visitor import NAME, SITE, Visitor

SILENT = 64  # connections, half of which post a form without its body
STREAMS = 16  # forms without a body on one HTTP/2 connection
OTHERS = 4  # readers who go on reading and saving
AGAIN = 20.0  # seconds after which silent ones come anew: a proxy hangs up on those before


def go_on_beside(kind: str, seconds: float) -> Counter[str]:
    """What others met for so many seconds, while connections through `kind` of proxy say nothing.

    By what they did: "page", "panel" and "save", each as "ok" or "failed".
    """
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        with running(folder / "data", port, SITE_URL=SITE, TRUSTED_PROXIES="1"):
            proxy = caddy(port, folder) if kind == "caddy" else nginx(port)
            with proxy as stands:
                return met(stands, seconds)


def met(proxy: Proxy, seconds: float) -> Counter[str]:
    address = Address(proxy.https, NAME, proxy.ca)
    found: Counter[str] = Counter()
    lock = threading.Lock()
    with arriving(proxy) as arrive:
        pages = [Page(arrive()) for _ in range(OTHERS)]
        for page in pages:
            assert page.save("Before.").status == 200
        end = time.monotonic() + seconds

        def go_on(page: Page) -> None:
            number = 0
            while time.monotonic() < end:
                number += 1
                for what, do in doings(page, f"Meanwhile, {number}."):
                    try:
                        status = do()
                    except OSError:
                        page.device.close()
                        status = 0
                    with lock:
                        found[f"{what} {'ok' if status == 200 else 'failed'}"] += 1

        with ThreadPoolExecutor(OTHERS) as pool:
            going = [pool.submit(go_on, page) for page in pages]
            while time.monotonic() < end:
                with silence(address):
                    time.sleep(max(0.0, min(AGAIN, end - time.monotonic())))
            for each in going:
                each.result()
    return found


def doings(page: Page, words: str) -> Iterator[tuple[str, Callable[[], int]]]:
    device = page.device
    assert isinstance(device, Visitor)
    yield "page", lambda: device.get("/").status
    yield "panel", lambda: device.get(f"{page.path}panel/").status
    yield "save", lambda: page.save(words).status


@contextlib.contextmanager
def silence(address: Address) -> Iterator[None]:
    with silent_connections(address, SILENT), bodiless_streams(address, STREAMS):
        yield
