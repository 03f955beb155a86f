def login():
    # bad
    return redirect(request.args.get("next"))


def back():
    if "next" in request.args:
        # bad
        return redirect(request.args["next"])
