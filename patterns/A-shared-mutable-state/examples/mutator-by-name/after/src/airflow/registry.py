def register_plugin(plugin, registry):
    """Make a plugin known."""
    registry.names.append(plugin.name)
    if plugin.views:
        registry.views.extend(plugin.views)


def update_run(run, state):
    """Take over a state."""
    run.history = [state]
    if state.final:
        run.tags["final"] = state.name
