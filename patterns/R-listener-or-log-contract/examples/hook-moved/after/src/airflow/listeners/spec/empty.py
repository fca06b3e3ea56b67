from pluggy import HookspecMarker

hookspec = HookspecMarker("airflow")


@hookspec
def on_shelf_emptied(shelf):
    """Tell that a shelf is empty."""
