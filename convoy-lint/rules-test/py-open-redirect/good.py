def login():
    return redirect(url_for("home"))


def back():
    target = request.args.get("next")
    if target and is_safe_url(target):
        return redirect(target)
    other = request.args.get("other")
    if not is_safe_url(other):
        abort(400)
    return redirect(other)
