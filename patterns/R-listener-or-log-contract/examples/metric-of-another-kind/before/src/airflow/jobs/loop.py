from airflow.listeners.listener import get_listener_manager
from airflow.stats import Stats


def turn(shelf):
    Stats.incr("shelf.turns")
    Stats.timing(f"shelf.turn_duration.{shelf.name}", shelf.seconds)
    get_listener_manager().hook.on_shelf_filled(shelf=shelf, previous=None)
    shelf.turn()


def finish(shelf):
    shelf.send_callback(shelf.request)
    shelf.close()
