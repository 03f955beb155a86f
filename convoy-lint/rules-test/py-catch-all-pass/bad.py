try:
    work()
# bad
except:
    pass
try:
    work()
# bad
except BaseException:
    ...
