def test(args):
    """Try a task."""
    print(args.task)


def render(args):
    """Show a task as it would run."""
    print(args.task.text, args.task.values)
