def label(item):
    # bad
    return mark_safe(gettext("Name") + "<b>" + item.name + "</b>")
