def f(parts):
    for part in parts:
        both = pd.concat([part, other])
    frame = pd.concat(parts)
    frame = pd.concat([frame, other])
