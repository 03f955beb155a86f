import os

key = os.environ["AWS_KEY"]
prefix = "AKIA"
token = "ghp_"
