from airflow.operators.bash import BashOperator


def f(name):
    BashOperator(task_id="a", bash_command='echo "$NAME"', env={"NAME": name})
    BashOperator(task_id="b", bash_command="echo {{ ds }}")
