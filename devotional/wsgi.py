"""The application for a WSGI server. `manage.py serve` is the usual way to run one.

However it is started, it doesn't serve with a key ring that isn't the database's, nor rows that
their readers had erased before a backup was restored.
"""

import logging
import os
import sys
from urllib.parse import urlsplit

from django.core.wsgi import get_wsgi_application

from devotional.lib.access_log import access_log
from devotional.lib.last_resort import last_resort
from devotional.lib.page_cache import PageCache
from devotional.lib.whole_requests import Application, few_bodies, of_known_coding

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devotional.settings")

# Where a log can't be written, logging would print the record and its exception's message.
logging.raiseExceptions = False


def answering() -> Application:
    """Everything that answers a request, outermost first: from memory, or by Django."""
    django = get_wsgi_application()
    # There is no Django before the line above.
    from django.conf import settings

    from devotional.library.views import library_version

    whole = few_bodies(
        of_known_coding(django),
        at_once=max(1, settings.THREADS // 2),
        limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    )
    site = last_resort(whole)
    if settings.DEBUG:  # templates are being written
        return access_log(site)
    home = {"HTTP_HOST": urlsplit(settings.SITE_URL).netloc}
    if settings.SECURE_PROXY_SSL_HEADER:
        home |= dict([settings.SECURE_PROXY_SSL_HEADER])
    # A page from memory has no line in the log: nothing happened for it here.
    return PageCache(
        access_log(site),
        site,
        home=home,
        version=library_version,
    )


def look_over_what_is_stored() -> None:
    """Replay erasures; end with one line, unless the key ring opens what is stored here.

    Then the database is opened as for requests.
    """
    from django.conf import settings
    from django.db import DatabaseError, connections

    from devotional.lib import postgresql
    from devotional.lib.encryption import KeyRingError
    from devotional.lib.unavailable import why
    from devotional.readers import erasing
    from devotional.reflections import keys

    try:
        keys.prove_key_ring()
        erasing.replay()
    except KeyRingError as error:
        sys.exit(str(error))
    except DatabaseError as error:
        sys.exit(f"The database can't be used: {why(error)}.")
    except OSError as error:
        sys.exit(f"{error.filename} can't be read or written: {(error.strerror or '').lower()}.")
    finally:
        connections.close_all()  # a server that forks its workers must not hand it on
    postgresql.serve_requests(settings.THREADS)


application = answering()
look_over_what_is_stored()
