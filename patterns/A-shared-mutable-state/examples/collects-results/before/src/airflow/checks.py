def check_dag(dag, results):
    """Check one DAG."""
    for task in dag.tasks:
        task.check()
