def page(name):
    return render_template_string("<p>{{ name }}</p>", name=name)
