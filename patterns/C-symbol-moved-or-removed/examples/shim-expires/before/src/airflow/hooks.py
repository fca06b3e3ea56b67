MOVED = {
    "NewHook": "airflow.sdk.NewHook",
    "OldHook": "airflow.providers.OldHook",
}


def __getattr__(name):
    if name in MOVED:
        return find(MOVED[name])
    raise AttributeError(name)
