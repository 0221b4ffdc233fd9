"""What the vendors do: a stateful mock of their cancel APIs, driven by the specs."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("countermand")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"
