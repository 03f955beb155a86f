from airflow.operators.bash import BashOperator


def f(name):
    # bad
    BashOperator(task_id="a", bash_command=f"echo {name}")
    command = "sleep {}".format(name)
    # bad
    BashOperator(task_id="b", bash_command=command)
