from tests.pango_fixture import pango

__all__ = ["pango"]
