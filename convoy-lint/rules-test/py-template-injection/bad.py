def page(name):
    # bad
    return render_template_string("<p>" + name + "</p>")
