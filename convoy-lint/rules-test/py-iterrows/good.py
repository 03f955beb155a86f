for row in frame.itertuples():
    work(row)
