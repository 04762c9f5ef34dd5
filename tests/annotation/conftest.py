import pytest

from tests import labelstudio_fixture


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.is_registered(labelstudio_fixture):
        config.pluginmanager.register(labelstudio_fixture)
