# bad
for index, row in frame.iterrows():
    work(row)
