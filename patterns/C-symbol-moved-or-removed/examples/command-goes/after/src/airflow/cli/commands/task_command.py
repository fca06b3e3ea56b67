def test(args):
    """Try a task."""
    print(args.task)
