MOVED = {
    "NewHook": "airflow.sdk.NewHook",
}


def __getattr__(name):
    if name in MOVED:
        return find(MOVED[name])
    raise AttributeError(name)
