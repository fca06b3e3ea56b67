import warnings


class Stop(Exception):
    """Stops everything."""


def __getattr__(name):
    """Answer for what moved."""
    if name == "Skip":
        warnings.warn("Skip moved", DeprecationWarning, stacklevel=2)
        from airflow.sdk.errors import Skip

        return Skip
    raise AttributeError(name)
