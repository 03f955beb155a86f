def login():
    # bad
    return redirect(request.args.get("next"))
