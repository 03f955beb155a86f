def f(parts):
    frame = pd.DataFrame()
    for part in parts:
        # bad
        frame = pd.concat([frame, part], ignore_index=True)
        # bad
        values = np.append(values, part)
