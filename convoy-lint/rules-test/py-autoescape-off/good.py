env = jinja2.Environment(loader=loader, autoescape=True)
render(autoescape=False)
