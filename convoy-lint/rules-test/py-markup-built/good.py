def show(name):
    mark_safe("<b>x</b>")
    mark_safe(f"<b>{escape(name)}</b>")
    return format_html("<b>{}</b>", name)
