def check_dag(dag, results):
    """Check one DAG."""
    for task in dag.tasks:
        problem = task.check()
        if problem:
            results.problems.append(problem)
