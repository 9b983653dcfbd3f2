"""The application for a WSGI server. `manage.py serve` is the usual way to run one."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devotional.settings")

application = get_wsgi_application()
