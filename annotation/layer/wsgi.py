"""The application for gunicorn, `belebele_layer.wsgi` in place of Label Studio's `core.wsgi`."""

from __future__ import annotations

import django
from django.core.wsgi import get_wsgi_application

from .attachment import attach

django.setup()
attach()
application = get_wsgi_application()
