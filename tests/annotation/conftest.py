import pytest

from tests import chromium_fixture, labelstudio_fixture


def pytest_configure(config: pytest.Config) -> None:
    for plugin in (labelstudio_fixture, chromium_fixture):
        if not config.pluginmanager.is_registered(plugin):
            config.pluginmanager.register(plugin)
