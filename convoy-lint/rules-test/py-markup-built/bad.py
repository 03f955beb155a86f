def show(name):
    # bad
    return mark_safe(f"<b>{name}</b>")
